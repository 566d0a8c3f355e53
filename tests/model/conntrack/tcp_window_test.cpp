// SPDX-License-Identifier: MIT
#include "model/conntrack/tcp_window.h"

#include <doctest/doctest.h>

#include <vector>

#include "model/packet/headers.h"

namespace pktwalk::ct {
namespace {

// An established connection: the client has sent up to 1000, the server up to 5000; each may send
// 2000 bytes more.
TcpTrack established() {
  TcpTrack tcp;
  tcp.state = kTcpEstablished;
  tcp.seen[0] = {
      .end = 1000, .maxend = 3000, .maxwin = 2000, .maxack = 5000, .flags = kTcpMaxAckSet};
  tcp.seen[1] = {
      .end = 5000, .maxend = 7000, .maxwin = 2000, .maxack = 1000, .flags = kTcpMaxAckSet};
  return tcp;
}

TcpSegment segment(std::uint32_t seq, std::uint32_t length, std::uint32_t ack) {
  TcpSegment s;
  s.seq = seq;
  s.end = seq + length;
  s.ack = ack;
  s.win = 2000;
  s.flags = kTcpAck;
  s.index = kIndexAck;
  return s;
}

TEST_CASE("tcp window: the four bounds, from both sides") {
  struct Row {
    const char* name;
    TcpSegment segment;
    InWindow want;
  };
  const Row rows[] = {
      {"in sequence", segment(1000, 10, 5000), InWindow::Accept},
      {"the last byte that may be sent", segment(3000, 0, 5000), InWindow::Accept},
      {"begins one byte beyond: a small overshoot passes", segment(3001, 0, 5000),
       InWindow::Ignore},
      {"an overshoot as large as the window", segment(4999, 0, 5000), InWindow::Ignore},
      {"a larger one", segment(5001, 0, 5000), InWindow::Invalid},
      {"an overshoot that also acknowledges too much", segment(3001, 0, 5001), InWindow::Invalid},
      {"acknowledges the last byte seen", segment(1000, 0, 5000), InWindow::Accept},
      {"acknowledges one more", segment(1000, 0, 5001), InWindow::Invalid},
      {"repeats data, ends where the receiver still waits", segment(0xffffffffu - 999, 0, 5000),
       InWindow::Accept},
      {"ends one window before what was sent last", segment(1000u - 2000, 0, 5000),
       InWindow::Accept},
      {"ends one byte earlier", segment(1000u - 2001, 0, 5000), InWindow::Ignore},
      {"an acknowledgement 66000 bytes old", segment(1000, 0, 5000u - 66000), InWindow::Accept},
      {"an older one", segment(1000, 0, 5000u - 66001), InWindow::Ignore},
  };
  for (const Row& row : rows) {
    SUBCASE(row.name) {
      TcpTrack tcp = established();
      CHECK(tcp_in_window(tcp, 0, row.segment, false).answer == row.want);
      TcpTrack liberal = established();
      CHECK(tcp_in_window(liberal, 0, row.segment, true).answer == InWindow::Accept);
      TcpTrack flagged = established();
      flagged.seen[0].flags |= kTcpBeLiberal;
      CHECK(tcp_in_window(flagged, 0, row.segment, false).answer == InWindow::Accept);
    }
  }
}

TEST_CASE("tcp window: sequence numbers wrap") {
  TcpTrack tcp = established();
  tcp.seen[0].end = 0xfffffff0u;
  tcp.seen[0].maxend = 0xfffffff0u + 2000;
  CHECK(tcp_in_window(tcp, 0, segment(0xfffffff0u, 100, 5000), false).answer == InWindow::Accept);
  CHECK(tcp.seen[0].end == 0xfffffff0u + 100);
}

TEST_CASE("tcp window: an accepted segment moves both sides") {
  TcpTrack tcp = established();
  TcpSegment s = segment(1000, 500, 5000);
  s.win = 4000;
  REQUIRE(tcp_in_window(tcp, 0, s, false).answer == InWindow::Accept);
  CHECK(tcp.seen[0].end == 1500);
  CHECK(tcp.seen[0].maxwin == 4000);
  CHECK((tcp.seen[0].flags & kTcpDataUnacknowledged) != 0);
  CHECK(tcp.seen[1].maxend == 9000);
  REQUIRE(tcp_in_window(tcp, 1, segment(5000, 0, 1500), false).answer == InWindow::Accept);
  CHECK((tcp.seen[0].flags & kTcpDataUnacknowledged) == 0);
  CHECK(tcp.seen[1].maxack == 1500);
}

TEST_CASE("tcp window: a window of zero leaves room for one byte") {
  TcpTrack tcp = established();
  TcpSegment s = segment(1000, 0, 7000);
  tcp.seen[1].end = 7000;
  s.win = 0;
  REQUIRE(tcp_in_window(tcp, 0, s, false).answer == InWindow::Accept);
  CHECK(tcp.seen[1].maxend == 7001);
}

TEST_CASE("tcp window: windows are scaled when both sides asked for it") {
  struct Row {
    const char* name;
    std::vector<std::uint8_t> syn, synack;
    std::uint8_t client, server;
  };
  const std::vector<std::uint8_t> seven = {1, 3, 3, 7}, two = {1, 3, 3, 2}, none = {},
                                  fifteen = {1, 3, 3, 15};
  const Row rows[] = {
      {"both", seven, two, 7, 2},
      {"only the client", seven, none, 0, 0},
      {"only the server", none, two, 0, 0},
      {"more than 14 counts as 14", fifteen, two, 14, 2},
  };
  for (const Row& row : rows) {
    SUBCASE(row.name) {
      TcpTrack tcp;
      TcpSegment syn = segment(999, 1, 0);
      syn.flags = kTcpSyn;
      syn.index = kIndexSyn;
      syn.options = row.syn;
      tcp.state = kTcpSynSent;
      tcp.seen[0] = {.end = 1000, .maxend = 1000, .maxwin = 2000};
      read_tcp_options(syn, tcp.seen[0]);
      TcpSegment synack = segment(4999, 1, 1000);
      synack.flags = kTcpSyn | kTcpAck;
      synack.index = kIndexSynAck;
      synack.options = row.synack;
      REQUIRE(tcp_in_window(tcp, 1, synack, false).answer == InWindow::Accept);
      CHECK(tcp.seen[0].scale == row.client);
      CHECK(tcp.seen[1].scale == row.server);
      // The window of the SYN/ACK itself is not scaled, that of the next segment is.
      CHECK(tcp.seen[0].maxend == 3000);
      REQUIRE(tcp_in_window(tcp, 1, segment(5000, 0, 1000), false).answer == InWindow::Accept);
      CHECK(tcp.seen[0].maxend == 1000 + (2000u << row.server));
    }
  }
}

TEST_CASE("tcp window: SACK counts as acknowledgement when it was agreed on") {
  // One block: 5600 to 5700.
  const std::vector<std::uint8_t> sack = {1, 1, 5, 10, 0, 0, 0x15, 0xe0, 0, 0, 0x16, 0x44};
  TcpSegment s = segment(1000, 0, 5000);
  s.options = sack;
  TcpTrack without = established();
  CHECK(tcp_in_window(without, 0, s, false).answer == InWindow::Accept);
  TcpTrack with = established();
  with.seen[1].flags |= kTcpSackPerm;
  CHECK(tcp_in_window(with, 0, s, false).answer == InWindow::Invalid);  // never sent
  with.seen[1].end = 5700;
  CHECK(tcp_in_window(with, 0, s, false).answer == InWindow::Accept);
}

TEST_CASE("tcp window: broken options are passed over") {
  for (const std::vector<std::uint8_t>& options : std::vector<std::vector<std::uint8_t>>{
           {3}, {3, 1, 7}, {3, 0}, {3, 200, 7}, {0, 3, 3, 7}, {3, 4, 7, 7}}) {
    TcpSegment s;
    s.options = options;
    TcpSide side{.scale = 9, .flags = kTcpBeLiberal | kTcpCloseInit};
    read_tcp_options(s, side);
    CHECK(side.scale == 0);
    CHECK(side.flags == kTcpBeLiberal);
  }
}

TEST_CASE("tcp window: the other direction is not known yet") {
  TcpTrack tcp;
  tcp.state = kTcpEstablished;
  tcp.seen[0] = {.end = 1000, .maxend = 3000, .maxwin = 2000};
  CHECK(tcp_in_window(tcp, 1, segment(77'000, 10, 900), false).answer == InWindow::Accept);
  CHECK(tcp.seen[1].end == 77'010);
  CHECK(tcp.seen[1].maxwin == 2000);
}

}  // namespace
}  // namespace pktwalk::ct
