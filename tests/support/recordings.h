// SPDX-License-Identifier: MIT
// Every host with a capture that the project holds: the recorded kernel cases (tests/kernel) and
// the bundled captures.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "model/host/host.h"
#include "tracer/source/packet_source.h"

namespace pktwalk::testing {

struct Recording {
  std::string name;     // "dmz-dnat"
  std::string host;     // folder of dumps
  std::string capture;  // file
};

// In order of their names; never empty.
std::vector<Recording> all_recordings();
std::vector<Recording> bundled_captures();
Recording recording_named(const std::string& name);

// These REQUIRE that it works.
Host load_recording(const Recording& recording);
std::unique_ptr<PacketSource> open_recording(const Recording& recording);

// The capture so many times, one after the other in time, an hour apart.
std::unique_ptr<PacketSource> repeat_recording(const Recording& recording, std::uint64_t times);
// The capture with this packet marked as one that the host itself sent.
std::unique_ptr<PacketSource> sent_by_the_host(const Recording& recording, std::uint64_t number);

}  // namespace pktwalk::testing
