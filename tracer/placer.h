// SPDX-License-Identifier: MIT
// From a captured frame to an skb on a device of the host.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "model/core/result.h"
#include "model/host/host.h"
#include "model/packet/skb.h"
#include "tracer/source/packet_source.h"

namespace pktwalk {

// A frame ready to walk. `transmitted_copy`: the host itself sent it (its own source MAC, or
// recorded as outgoing): it is not walked.
struct PlacedPacket {
  Skb skb;
  bool transmitted_copy = false;
};

// Finds the arrival device in this order: the capture's interface name, the SLL2 interface index
// among the host's links, the device the user named, the device whose MAC address the frame is sent
// to.
class Placer {
 public:
  // `in_device`: the user's --in, may be empty.
  Placer(const Host& host, std::string in_device);

  // An Error says which packet could not be placed and what would help; or that its link header is
  // cut off or of a type that is not supported.
  Result<PlacedPacket> place(const CapturedPacket& packet,
                             std::span<const CaptureInterface> interfaces);

 private:
  const Link* device_of(const CapturedPacket& packet, std::span<const CaptureInterface> interfaces,
                        std::uint32_t ifindex, const MacAddr* destination);
  bool own_mac(const MacAddr& mac) const;

  const Host& host_;
  std::string in_device_;
  std::vector<std::optional<const Link*>>
      by_interface_;  // capture interface id -> device with its name
};

}  // namespace pktwalk
