// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include "model/core/bytes.h"
#include "model/packet/headers.h"
#include "tests/support/router.h"
#include "tests/support/xt_fixture.h"

namespace pktwalk::testing {
namespace {

TEST_CASE("target TCPMSS: syntax") {
  const SyntaxRow rows[] = {
      {"-p tcp -j TCPMSS --set-mss 1400"},
      {"-p tcp -j TCPMSS --set-mss 65495"},
      {"-p tcp -j TCPMSS --set-mss 65496", "", "65496"},
      {"-p tcp -j TCPMSS --clamp-mss-to-pmtu"},
      {"-p tcp -j TCPMSS --clamp-mss-to-pmtu --set-mss 5", "", "mss"},
      {"-p tcp -j TCPMSS", "", "mss"},
  };
  check_syntax(rows);
}

Bytes mss(std::uint16_t value) {
  return {2, 4, static_cast<std::uint8_t>(value >> 8), static_cast<std::uint8_t>(value)};
}
Bytes operator+(Bytes a, const Bytes& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

// The MSS that a segment announces; 0 without the option.
int announced(const Skb& skb) {
  const std::uint8_t* const tcp = skb.l3().data() + 20;
  const std::size_t header = TcpView(tcp).header_length();
  for (std::size_t i = 20; i + 4 <= header;) {
    if (tcp[i] == 2) return load_be16(tcp + i + 2);
    i += tcp[i] <= 1 || tcp[i + 1] == 0 ? 1 : tcp[i + 1];
  }
  return 0;
}

TEST_CASE("target TCPMSS: the option before and after") {
  struct Case {
    const char* name;
    Bytes options;
    std::size_t payload;
    std::uint16_t set;
    int want;
    std::size_t longer = 0;
  };
  const Case cases[] = {
      {"lowered", mss(1460), 0, 1400, 1400},
      {"equal stays", mss(1400), 0, 1400, 1400},
      {"never raised", mss(1399), 0, 1400, 1399},
      {"lowered with data behind", mss(1460), 10, 1400, 1400},
      {"behind other options", Bytes{4, 2, 1, 1} + mss(1460), 0, 1400, 1400},
      {"only the first one counts", mss(1460) + mss(1460), 0, 1400, 1400},
      {"behind an option of length 0, which counts as one byte", Bytes{9, 0, 1, 1} + mss(1460), 0,
       1400, 1400},
      {"none: appended, at most 536", {}, 0, 1400, 536, 4},
      {"none, and less than 536 is asked for", {}, 0, 500, 500, 4},
      {"none, other options move back", Bytes{1, 3, 3, 7}, 0, 1400, 536, 4},
      {"none, but data: left alone", {}, 1, 1400, 0},
      {"none, and the header is full: left alone", Bytes(40, 1), 0, 1400, 0},
      {"none, room for exactly one more", Bytes(36, 1), 0, 1400, 536, 4},
      {"an option of another length is none", Bytes{2, 3, 5, 1}, 0, 1400, 536, 4},
      {"set to 0", mss(1460), 0, 0, 0},
  };
  for (const Case& c : cases) {
    SUBCASE(c.name) {
      XtFixture f;
      const Skb before = make_tcp({.options = c.options, .payload = Bytes(c.payload, 'x')});
      const TargetAnswer a =
          f.target("-p tcp -j TCPMSS --set-mss " + std::to_string(c.set), before);
      INFO(a.text());
      CHECK(a.verdict == Verdict::Continue);
      CHECK(announced(a.skb) == c.want);
      CHECK(a.skb.data.size() == before.data.size() + c.longer);
      CHECK(checksums_right(a.skb));
      if (c.longer != 0) {
        // In front of the others.
        const std::uint8_t* const options = a.skb.l3().data() + 40;
        CHECK(options[0] == 2);
        CHECK(Bytes(options + 4, options + 4 + c.options.size()) == c.options);
      }
    }
  }
}

TEST_CASE("target TCPMSS: at an odd place the kernel gets the checksum wrong") {
  XtFixture f;
  const Bytes odd = Bytes{1} + mss(1460) + Bytes{1, 1, 1};
  const TargetAnswer a = f.target("-p tcp -j TCPMSS --set-mss 1000", make_tcp({.options = odd}));
  CHECK(announced(a.skb) == 1000);
  CHECK_FALSE(checksums_right(a.skb));
  CHECK(a.notes.size() == 1);
}

TEST_CASE("target TCPMSS: a checksum that was wrong stays wrong by as much") {
  XtFixture f;
  for (const Bytes& options : {mss(1460), Bytes{}}) {
    const Skb right = make_tcp({.options = options});
    Skb wrong = right;
    const std::size_t at = wrong.network + 20 + 16;
    store_be16(wrong.data.data() + at, 0x1111);
    const Skb a = f.target("-p tcp -j TCPMSS --set-mss 1400", right).skb;
    const Skb b = f.target("-p tcp -j TCPMSS --set-mss 1400", wrong).skb;
    const auto distance = [&](const Skb& x, const Skb& y) {
      return (load_be16(x.data.data() + at) + 0xffff - load_be16(y.data.data() + at)) % 0xffff;
    };
    CHECK(distance(a, b) == distance(right, wrong));
  }
}

TEST_CASE("target TCPMSS: short headers, fragments and cut captures") {
  XtFixture f;
  const std::string set = "-p tcp -j TCPMSS --set-mss 1400";
  const Skb syn = make_tcp({.options = mss(1460)});
  CHECK(f.target(set, shortened(syn, 39)).verdict == Verdict::Drop);
  CHECK(f.target(set, shortened(syn, 43)).verdict == Verdict::Drop);  // header beyond the packet
  CHECK(f.target(set, shortened(syn, 44)).verdict == Verdict::Continue);
  CHECK(f.target(set, captured(syn, 43)).verdict == Verdict::Unknown);
  CHECK(f.target(set, captured(syn, 39)).verdict == Verdict::Unknown);
  Skb small = syn;
  small.data[small.network + 20 + 12] = 4 << 4;
  CHECK(f.target(set, small).verdict == Verdict::Drop);
  const Skb later = make_fragment(kProtoTcp, 64);
  const TargetAnswer a = f.target(set, later);
  CHECK(a.verdict == Verdict::Continue);
  CHECK(a.skb.data == later.data);
}

TEST_CASE("target TCPMSS: --clamp-mss-to-pmtu takes the smaller MTU of both ways") {
  struct Case {
    const char* name;
    std::uint32_t in_mtu, out_mtu;
    int want;
  };
  const Case cases[] = {
      {"the way on", 1500, 1000, 960},      {"the way back", 1000, 1500, 960},
      {"both large", 1500, 1500, 1460},     {"larger than what is announced", 9000, 9000, 1460},
      {"one byte of payload", 41, 1500, 1}, {"no payload: dropped", 40, 1500, -1},
  };
  for (const Case& c : cases) {
    SUBCASE(c.name) {
      Router r(
          "*mangle\n-A POSTROUTING -p tcp -m tcp --tcp-flags SYN,RST SYN -j TCPMSS "
          "--clamp-mss-to-pmtu\nCOMMIT\n");
      for (Link& link : r.host.links) {
        if (link.name == "eth0") link.mtu = c.in_mtu;
        if (link.name == "eth1") link.mtu = c.out_mtu;
      }
      r.send("eth0", make_tcp({.options = mss(1460)}));
      REQUIRE(r.result.emitted.size() == (c.want < 0 ? 0u : 1u));
      if (c.want < 0) continue;
      CHECK(announced(r.emitted()) == c.want);
      CHECK(checksums_right(r.emitted()));
    }
  }
}

}  // namespace
}  // namespace pktwalk::testing
