// SPDX-License-Identifier: MIT
// Segments that the host's own TCP sends without an application: SYN/ACK and ACK.
#pragma once

#include <cstdint>

#include "model/packet/headers.h"
#include "model/path/local_state.h"
#include "model/path/walk.h"

namespace pktwalk {

// What the SYN asks for and this host grants. Kernel: tcp_openreq_init(), tcp_ecn_create_request(),
// tcp_select_initial_window(); include/net/tcp.h:tcp_openreq_init()
LocalTcp open_request(const Walk& walk, const Skb& syn, const TcpView& tcp);

// Sends the SYN/ACK of `connection` through output routing, OUTPUT and POSTROUTING. False: there is
// no route to the peer, nothing was sent. Kernel: tcp_make_synack(), tcp_v4_send_synack()
bool send_syn_ack(Walk& walk, const LocalTcpKey& key, LocalTcp& connection);

// Sends an ACK of what was received so far. Kernel: __tcp_send_ack(), tcp_v4_send_ack()
void send_ack(Walk& walk, const LocalTcpKey& key, const LocalTcp& connection);

}  // namespace pktwalk
