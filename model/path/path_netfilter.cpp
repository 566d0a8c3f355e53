// SPDX-License-Identifier: MIT
// The path of a packet through a Linux router of today: four lists that read like the drawing.
//
//        frame in                                                    frame out
//           |                                                            ^
//       link, ip_rcv                                              neighbour, transmit
//           |                                                            |
//       PREROUTING                                              POSTROUTING, fragment
//           |                                                        ^       ^
//       input route ---- forward ---- ip_forward, FORWARD -----------+       |
//           |                                                                |
//       defrag, INPUT                                                 OUTPUT (re-route)
//           |                                                                |
//       local sockets and handlers                              output route <- the router's own
//       packets
//
// Kernel: net/core/dev.c, net/ipv4/{ip_input,route,ip_forward,ip_output}.c; order as in Linux 6.18.
// Differs: nothing known
#include "model/path/path.h"

namespace pktwalk {
namespace {

constexpr Stage kReceive[] = {
    {"link", stage::link_receive},  // leads to kIngress where the device has chains, else to kIp
};

constexpr Stage kIngress[] = {
    {nullptr, stage::ingress}, {"link", stage::link_protocol},  // leads to kIp
};

constexpr Stage kIp[] = {
    {"ip_rcv", stage::ip_receive},
    {nullptr, stage::prerouting},
    {"route", stage::input_route},  // leads to kForward or kLocalIn
};

constexpr Stage kForward[] = {
    {"ip_forward", stage::forward}, {nullptr, stage::forward_hook},  // leads to kTransmit
};

constexpr Stage kLocalIn[] = {
    {"defrag", stage::local_defrag},
    {nullptr, stage::input_hook},
    {"local", stage::local_deliver},
};

constexpr Stage kLocalOut[] = {
    {"route", stage::output_route}, {nullptr, stage::output_hook},  // leads to kTransmit
};

constexpr Stage kTransmit[] = {
    {nullptr, stage::postrouting},   {"ip_finish_output", stage::fragment},
    {"neighbour", stage::neighbour}, {nullptr, stage::egress},
    {"transmit", stage::transmit},
};

// A copy of what this host sends to all, itself included.
constexpr Stage kLoopCopy[] = {
    {nullptr, stage::postrouting_copy},
    {"loopback", stage::loop_back},
};

}  // namespace

std::span<const Stage> path_netfilter(Next list) {
  switch (list) {
    case Next::Receive:
      return kReceive;
    case Next::Ingress:
      return kIngress;
    case Next::Ip:
      return kIp;
    case Next::Forward:
      return kForward;
    case Next::LocalIn:
      return kLocalIn;
    case Next::LocalOut:
      return kLocalOut;
    case Next::Transmit:
      return kTransmit;
    case Next::LoopCopy:
      return kLoopCopy;
    case Next::Continue:
    case Next::Done:
      break;
  }
  return {};
}

}  // namespace pktwalk
