// SPDX-License-Identifier: MIT
#pragma once

#include "model/path/stage.h"

namespace pktwalk {

// ip_rcv_options(): malformed options drop the packet (with ICMP 12/0), source routes need
// accept_source_route, Record Route gets our address.
Next receive_options(Walk& walk, Skb& skb);
// ip_forward_options(): the Record Route slot gets the address of the output device.
void forward_options(Walk& walk, Skb& skb);
// ip_options_fragment(): options that are not copied into later fragments become no-operations.
void blank_uncopied_options(std::uint8_t* ip);
// A strict source route is among the options.
bool has_strict_source_route(const Skb& skb);

}  // namespace pktwalk
