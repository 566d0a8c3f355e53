// SPDX-License-Identifier: MIT
// Packets described in words: "in eth0 tcp 10.9.0.5:40000 > 10.9.0.11:8080 syn".
#pragma once

#include <string>
#include <vector>

#include "model/core/result.h"
#include "model/host/host.h"
#include "model/packet/skb.h"

namespace pktwalk {

struct CraftedPacket {
  bool outgoing = false;  // made by a local process
  Skb skb;                // `dev` set for incoming ones
};

// The grammar:
//   in DEV PROTO SRC[:PORT] > DST[:PORT] [WORD ...]     it arrives on DEV
//   out PROTO [SRC[:PORT]] > DST[:PORT] [WORD ...]      a local process sends it; SRC may be "any"
// PROTO: tcp udp icmp, or a protocol number. WORDs: syn ack fin rst psh urg; type N, code N, id N
// (icmp); seq N, ackno N, window N, mss N; ttl N, tos N, mark N, ipid N, df, frag OFFSET[+]; len N
// (payload bytes), data TEXT; uid N, gid N (out only); mac ADDR (destination MAC of an incoming
// frame). Errors name the word that was not understood and what was expected.
Result<CraftedPacket> craft(const Host& host, const std::vector<std::string>& words);

// The grammar as help text.
std::string craft_help();

}  // namespace pktwalk
