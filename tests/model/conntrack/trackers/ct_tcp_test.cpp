// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include <sstream>

#include "model/conntrack/conntrack.h"
#include "model/conntrack/tcp_window.h"
#include "model/conntrack/tracker.h"
#include "model/path/walk.h"
#include "tests/support/router.h"

namespace pktwalk {
extern const TrackerDef ct_tcp;
}

namespace pktwalk::ct {
namespace {
using namespace pktwalk::testing;
using Answer = TrackerDef::Answer;

const std::string kTracking = "*filter\n-A FORWARD -m conntrack --ctstate INVALID\nCOMMIT\n";

// A connection between 10.0.0.9:40000 and 192.0.2.80:80 through the router.
struct Flow {
  explicit Flow(const std::string& sysctls = {}) : router(kTracking, sysctls) {}

  Router router;
  std::uint32_t client = 1000, server = 5000;  // next sequence numbers

  Tcp segment(bool from_client, std::uint8_t flags, std::size_t length) const {
    Tcp tcp;
    if (from_client) {
      tcp.seq = client;
      tcp.ack = server;
    } else {
      tcp.ip.src = "192.0.2.80";
      tcp.ip.dst = "10.0.0.9";
      tcp.sport = 80;
      tcp.dport = 40000;
      tcp.seq = server;
      tcp.ack = client;
    }
    if ((flags & kTcpAck) == 0) tcp.ack = 0;
    tcp.flags = flags;
    tcp.payload.assign(length, 'x');
    return tcp;
  }
  const std::string& put(const Tcp& tcp, bool from_client) {
    router.send(from_client ? "eth0" : "eth1", make_tcp(tcp));
    return router.ct;
  }
  // Sends a segment in sequence and answers what conntrack called it.
  const std::string& say(bool from_client, std::uint8_t flags, std::size_t length = 0) {
    const Tcp tcp = segment(from_client, flags, length);
    std::uint32_t& next = from_client ? client : server;
    next += static_cast<std::uint32_t>(length) + ((flags & kTcpSyn) != 0 ? 1u : 0u) +
            ((flags & kTcpFin) != 0 ? 1u : 0u);
    return put(tcp, from_client);
  }
  void open() {
    say(true, kTcpSyn);
    say(false, kTcpSyn | kTcpAck);
    say(true, kTcpAck);
  }
  // "ESTABLISHED 431999 [ASSURED]"
  std::string entry() const {
    std::istringstream words(router.table());
    std::string family, two, tcp, six, timeout, state;
    words >> family >> two >> tcp >> six >> timeout >> state;
    if (state.empty()) return "none";
    const bool assured = router.table().find("[ASSURED]") != std::string::npos;
    return state + " " + timeout + (assured ? " [ASSURED]" : "");
  }
};

constexpr bool kClient = true, kServer = false;

// The states of a row, as the kernel's own comments abbreviate them.
std::uint8_t state_of(const std::string& word) {
  static constexpr const char* kWords[] = {"NO", "SS", "SR", "ES", "FW", "CW",
                                           "LA", "TW", "CL", "S2", "IG", "IV"};
  for (std::uint8_t i = 0; i < std::size(kWords); ++i) {
    if (word == kWords[i]) return i;
  }
  FAIL("no such state: ", word);
  return 0;
}

// Every cell of the table: a confirmed connection in that state, windows not looked at.
TEST_CASE("ct tcp: the state table") {
  struct Row {
    const char* name;
    std::uint8_t dir;
    std::uint8_t flags;
    const char* next;  // from SYN_SENT to SYN_SENT2
  };
  const Row rows[] = {
      {"SYN from the opener", 0, kTcpSyn, "SS IG IG IG IG IG IG IG S2"},
      {"SYN/ACK from the opener", 0, kTcpSyn | kTcpAck, "IV SR IV IV IV IV IV IV SR"},
      {"FIN from the opener", 0, kTcpFin | kTcpAck, "IV FW FW LA LA LA TW CL IV"},
      {"ACK from the opener", 0, kTcpAck, "IV ES ES CW CW TW TW CL IV"},
      {"RST from the opener", 0, kTcpRst, "CL CL CL CL CL CL CL CL CL"},
      {"SYN from the other side", 1, kTcpSyn, "S2 IV IV IV IV IV IG IV S2"},
      {"SYN/ACK from the other side", 1, kTcpSyn | kTcpAck, "SR IG IG IG IG IG IG IG SR"},
      {"FIN from the other side", 1, kTcpFin | kTcpAck, "IV FW FW LA LA LA TW CL IV"},
      {"ACK from the other side", 1, kTcpAck, "IG SR ES CW CW TW TW CL IG"},
      {"RST from the other side", 1, kTcpRst, "CL CL CL CL CL CL CL CL CL"},
  };
  for (const Row& row : rows) {
    SUBCASE(row.name) {
      std::istringstream words(row.next);
      std::string word;
      for (std::uint8_t before = kTcpSynSent; words >> word; ++before) {
        INFO("in ", tcp_state_name(before));
        Router router(kTracking);
        Walk walk(router.host, router.state, router.now);
        Skb skb = make_tcp({.flags = row.flags, .seq = 9, .ack = 9});
        skb.known_checksum = true;
        skb.ct = router.state.conntrack.create();
        Entry& entry = router.state.conntrack.at(skb.ct);
        tuple_of(skb.l3().data(), skb.l3().size(), entry.tuple[0]);
        invert(entry.tuple[0], entry.tuple[1]);
        if (row.dir == 1) std::swap(entry.tuple[0], entry.tuple[1]);
        router.state.conntrack.confirm(skb.ct);
        entry.status |= kSeenReply;
        entry.tcp.state = before;
        entry.tcp.last_index = kIndexNone;
        for (TcpSide& side : entry.tcp.seen) side = {.maxwin = 1, .flags = kTcpBeLiberal};
        skb.ctinfo = row.dir == 0 ? CtInfo::Established : CtInfo::EstablishedReply;
        HookContext hook{walk, skb, Hook::Prerouting, nullptr, nullptr};
        TrackContext ctx{
            .hook = hook, .transport = skb.network + 20, .dir = row.dir, .info = skb.ctinfo};
        const Answer answer = ct_tcp.packet(ctx, entry);
        const std::uint8_t want = state_of(word);
        CHECK((answer == Answer::Invalid) == (want == kTcpInvalid));
        CHECK(entry.tcp.state == (want == kTcpInvalid || want == kTcpIgnore ? before : want));
      }
    }
  }
}

TEST_CASE("ct tcp: a connection from SYN to the last ACK") {
  Flow f;
  CHECK(f.say(kClient, kTcpSyn) == "NEW");
  CHECK(f.entry() == "SYN_SENT 120");
  CHECK(f.say(kServer, kTcpSyn | kTcpAck) == "ESTABLISHED");
  CHECK(f.entry() == "SYN_RECV 60");
  CHECK(f.say(kClient, kTcpAck) == "ESTABLISHED");
  CHECK(f.entry() == "ESTABLISHED 432000 [ASSURED]");
  CHECK(f.say(kClient, kTcpAck | kTcpPsh, 100) == "ESTABLISHED");
  CHECK(f.entry() == "ESTABLISHED 300 [ASSURED]");  // data that nobody acknowledged yet
  CHECK(f.say(kServer, kTcpAck) == "ESTABLISHED");
  CHECK(f.entry() == "ESTABLISHED 432000 [ASSURED]");
  CHECK(f.say(kClient, kTcpFin | kTcpAck) == "ESTABLISHED");
  CHECK(f.entry() == "FIN_WAIT 120 [ASSURED]");
  CHECK(f.say(kServer, kTcpAck) == "ESTABLISHED");
  CHECK(f.entry() == "CLOSE_WAIT 60 [ASSURED]");
  CHECK(f.say(kServer, kTcpFin | kTcpAck) == "ESTABLISHED");
  CHECK(f.entry() == "LAST_ACK 30 [ASSURED]");
  CHECK(f.say(kClient, kTcpAck) == "ESTABLISHED");
  CHECK(f.entry() == "TIME_WAIT 120 [ASSURED]");
  f.router.wait(120);
  CHECK(f.entry() == "none");
}

TEST_CASE("ct tcp: the first packet") {
  struct Row {
    const char* name;
    std::uint8_t flags;
    const char* loose;   // nf_conntrack_tcp_loose 1
    const char* strict;  // 0
  };
  const Row rows[] = {
      {"SYN", kTcpSyn, "NEW", "NEW"},
      {"SYN with URG", kTcpSyn | kTcpUrg, "NEW", "NEW"},
      {"SYN with ECE and CWR", kTcpSyn | kTcpEce | kTcpCwr, "NEW", "NEW"},
      {"ACK", kTcpAck, "NEW: picked up in the middle of a connection",
       "INVALID: ACK of an unknown connection, and nf_conntrack_tcp_loose is 0"},
      {"SYN/ACK", kTcpSyn | kTcpAck, "INVALID: SYN/ACK without a SYN before it",
       "INVALID: SYN/ACK without a SYN before it"},
      {"FIN", kTcpFin | kTcpAck, "INVALID: FIN of an unknown connection",
       "INVALID: FIN of an unknown connection"},
      {"RST", kTcpRst, "INVALID: RST of an unknown connection",
       "INVALID: RST of an unknown connection"},
      {"a bare FIN", kTcpFin, "INVALID: impossible combination of TCP flags",
       "INVALID: impossible combination of TCP flags"},
      {"no flags", 0, "INVALID: impossible combination of TCP flags",
       "INVALID: impossible combination of TCP flags"},
      {"SYN with FIN", kTcpSyn | kTcpFin, "INVALID: impossible combination of TCP flags",
       "INVALID: impossible combination of TCP flags"},
      {"Christmas tree", kTcpFin | kTcpPsh | kTcpUrg,
       "INVALID: impossible combination of TCP flags",
       "INVALID: impossible combination of TCP flags"},
  };
  for (const Row& row : rows) {
    SUBCASE(row.name) {
      Flow loose;
      CHECK(loose.say(kClient, row.flags) == row.loose);
      Flow strict("net.netfilter.nf_conntrack_tcp_loose = 0\n");
      CHECK(strict.say(kClient, row.flags) == row.strict);
    }
  }
}

TEST_CASE("ct tcp: broken segments") {
  Flow f;
  Skb skb = make_tcp(f.segment(kClient, kTcpSyn, 4));
  SUBCASE("a wrong checksum is INVALID") {
    skb.data.back() ^= 1;
    f.router.send("eth0", skb);
    CHECK(f.router.ct == "INVALID: TCP checksum is wrong");
  }
  SUBCASE("unless nf_conntrack_checksum is off") {
    Flow lax("net.netfilter.nf_conntrack_checksum = 0\n");
    skb.data.back() ^= 1;
    lax.router.send("eth0", skb);
    CHECK(lax.router.ct == "NEW");
  }
  SUBCASE("a header that ends too early") {
    f.router.send("eth0", shortened(skb, 20 + 19));
    CHECK(f.router.ct == "INVALID: TCP header is cut short");
  }
  SUBCASE("only the ports") {
    f.router.send("eth0", shortened(skb, 20 + 4));
    CHECK(f.router.ct == "INVALID: TCP header is cut short");
  }
  SUBCASE("less than the ports") {
    f.router.send("eth0", shortened(skb, 20 + 3));
    CHECK(f.router.ct == "INVALID: transport header is cut short");
  }
  SUBCASE("a header that the capture cut cannot be judged") {
    CHECK(f.router.send("eth0", captured(skb, 20 + 12)) ==
          "unknown: the capture ends within the TCP header");
  }
  SUBCASE("a payload that the capture cut is taken as right") {
    f.router.send("eth0", captured(skb, 20 + 20));
    CHECK(f.router.ct == "NEW");
  }
}

TEST_CASE("ct tcp: a repeated SYN does not keep the entry alive") {
  Flow f;
  f.say(kClient, kTcpSyn);
  f.router.wait(50);
  f.client = 1000;
  CHECK(f.say(kClient, kTcpSyn) == "NEW");
  CHECK(f.entry() == "SYN_SENT 70");
}

TEST_CASE("ct tcp: a refused connection leaves no entry") {
  Flow f;
  f.say(kClient, kTcpSyn);
  CHECK(f.say(kServer, kTcpRst | kTcpAck) ==
        "ESTABLISHED: RST before the connection was established: the entry goes");
  CHECK(f.entry() == "none");
}

TEST_CASE("ct tcp: picked up in the middle, windows are not judged and the timeout is short") {
  Flow f;
  CHECK(f.say(kClient, kTcpAck, 10) == "NEW: picked up in the middle of a connection");
  CHECK(f.entry() == "ESTABLISHED 300");
  f.server += 1'000'000;
  CHECK(f.say(kServer, kTcpAck, 10) == "ESTABLISHED");
  CHECK(f.entry() == "ESTABLISHED 300");  // not ASSURED: the answer itself sets SEEN_REPLY
  CHECK(f.say(kClient, kTcpAck) == "ESTABLISHED");
  CHECK(f.entry().find("[ASSURED]") != std::string::npos);
}

TEST_CASE("ct tcp: simultaneous open") {
  Flow f;
  f.say(kClient, kTcpSyn);
  CHECK(f.say(kServer, kTcpSyn) == "ESTABLISHED");
  CHECK(f.entry() == "SYN_SENT2 120");
  Tcp answer = f.segment(kClient, kTcpSyn | kTcpAck, 0);
  answer.seq = 1000;
  CHECK(f.put(answer, kClient) == "ESTABLISHED");
  CHECK(f.entry() == "SYN_RECV 60");
  CHECK(f.say(kServer, kTcpAck) == "ESTABLISHED");
  CHECK(f.entry().substr(0, 11) == "ESTABLISHED");
}

TEST_CASE("ct tcp: a SYN opens a closed connection again") {
  Flow f;
  f.open();
  SUBCASE("after it was closed actively") {
    f.say(kClient, kTcpFin | kTcpAck);
    f.say(kServer, kTcpFin | kTcpAck);
    f.say(kClient, kTcpAck);
    REQUIRE(f.entry().substr(0, 9) == "TIME_WAIT");
    f.client += 100'000;
    CHECK(f.say(kClient, kTcpSyn) == "NEW");
    CHECK(f.entry() == "SYN_SENT 120");
  }
  SUBCASE("after the same side reset it") {
    f.say(kClient, kTcpRst | kTcpAck);
    REQUIRE(f.entry().substr(0, 5) == "CLOSE");
    CHECK(f.say(kClient, kTcpSyn) == "NEW");
    CHECK(f.entry() == "SYN_SENT 120");
  }
  SUBCASE("not after the other side reset it") {
    f.say(kServer, kTcpRst | kTcpAck);
    REQUIRE(f.entry().substr(0, 5) == "CLOSE");
    CHECK(f.say(kClient, kTcpSyn) ==
          "ESTABLISHED: SYN within a connection: let through, not believed");
    CHECK(f.entry().substr(0, 5) == "CLOSE");
  }
  SUBCASE("in TIME_WAIT the roles may change") {
    f.say(kClient, kTcpFin | kTcpAck);
    f.say(kServer, kTcpFin | kTcpAck);
    f.say(kClient, kTcpAck);
    CHECK(f.say(kServer, kTcpSyn) == "NEW");
    CHECK(f.router.table().find("src=192.0.2.80 dst=10.0.0.9") < 60);
  }
}

TEST_CASE("ct tcp: a SYN that was not believed may prove right") {
  Flow f;
  f.open();
  f.client += 500'000;
  CHECK(f.say(kClient, kTcpSyn) ==
        "ESTABLISHED: SYN within a connection: let through, not believed");
  CHECK(f.entry().substr(0, 11) == "ESTABLISHED");
  f.server += 700'000;
  SUBCASE("the server answers it: both are in sync again") {
    CHECK(f.say(kServer, kTcpSyn | kTcpAck) == "ESTABLISHED");
    CHECK(f.entry().substr(0, 8) == "SYN_RECV");
    CHECK(f.say(kClient, kTcpAck) == "ESTABLISHED");
    CHECK(f.entry().substr(0, 11) == "ESTABLISHED");
  }
  SUBCASE("the server resets it: the connection is gone") {
    CHECK(f.say(kServer, kTcpRst | kTcpAck) == "ESTABLISHED");
    CHECK(f.entry().substr(0, 5) == "CLOSE");
  }
}

TEST_CASE("ct tcp: a challenge ACK is not the last ACK") {
  Flow f;
  f.open();
  f.say(kClient, kTcpFin | kTcpAck);
  f.say(kServer, kTcpFin | kTcpAck);
  REQUIRE(f.entry().substr(0, 8) == "LAST_ACK");
  f.say(kClient, kTcpSyn);
  CHECK(f.say(kServer, kTcpAck) == "ESTABLISHED: challenge ACK (RFC 5961): let through");
  CHECK(f.entry().substr(0, 8) == "LAST_ACK");
  --f.client;  // the SYN was not believed: only the FIN is acknowledged
  f.say(kServer, kTcpAck);
  CHECK(f.entry().substr(0, 9) == "TIME_WAIT");
}

TEST_CASE("ct tcp: resets") {
  Flow f;
  f.open();
  f.say(kServer, kTcpAck, 10);
  f.say(kClient, kTcpAck);
  Tcp rst = f.segment(kServer, kTcpRst, 0);
  SUBCASE("exactly the next byte closes") {
    CHECK(f.put(rst, kServer) == "ESTABLISHED");
    CHECK(f.entry() == "CLOSE 10 [ASSURED]");
  }
  SUBCASE("an old sequence number is INVALID") {
    rst.seq -= 1;
    CHECK(f.put(rst, kServer) == "INVALID: RST with an old sequence number");
  }
  SUBCASE("unless nf_conntrack_tcp_ignore_invalid_rst says to take it") {
    Flow lax("net.netfilter.nf_conntrack_tcp_ignore_invalid_rst = 1\n");
    lax.open();
    lax.say(kServer, kTcpAck, 10);
    lax.say(kClient, kTcpAck);
    Tcp old = lax.segment(kServer, kTcpRst, 0);
    old.seq -= 1;
    CHECK(lax.put(old, kServer) ==
          "ESTABLISHED: RST that is not exactly in sequence: the connection stays");
  }
  SUBCASE("within the window, but not the next byte: the connection stays, for five minutes") {
    rst.seq += 100;
    CHECK(f.put(rst, kServer) ==
          "ESTABLISHED: RST that is not exactly in sequence: the connection stays");
    CHECK(f.entry() == "ESTABLISHED 300 [ASSURED]");
  }
}

TEST_CASE("ct tcp: repeated ACKs shorten the timeout") {
  Flow f;
  f.open();
  const Tcp ack = f.segment(kClient, kTcpAck, 0);
  for (int i = 0; i < 2; ++i) f.put(ack, kClient);
  CHECK(f.entry() == "ESTABLISHED 432000 [ASSURED]");
  f.put(ack, kClient);  // the third repetition
  CHECK(f.entry() == "ESTABLISHED 300 [ASSURED]");
}

TEST_CASE("ct tcp: a FIN out of the window from both sides shortens the timeout") {
  Flow f;
  f.open();
  Tcp fin = f.segment(kClient, kTcpFin | kTcpAck, 0);
  fin.seq += 10'000'000;
  CHECK(f.put(fin, kClient).substr(0, 7) == "INVALID");
  CHECK(f.entry() == "ESTABLISHED 432000 [ASSURED]");
  Tcp back = f.segment(kServer, kTcpFin | kTcpAck, 0);
  back.seq += 10'000'000;
  CHECK(f.put(back, kServer).substr(0, 7) == "INVALID");
  CHECK(f.entry() == "ESTABLISHED 300 [ASSURED]");
}

TEST_CASE("ct tcp: be_liberal takes what is out of the window") {
  for (const bool liberal : {false, true}) {
    Flow f(liberal ? "net.netfilter.nf_conntrack_tcp_be_liberal = 1\n" : "");
    f.open();
    Tcp far = f.segment(kClient, kTcpAck, 10);
    far.seq += 10'000'000;
    CHECK((f.put(far, kClient) == "ESTABLISHED") == liberal);
  }
}

}  // namespace
}  // namespace pktwalk::ct
