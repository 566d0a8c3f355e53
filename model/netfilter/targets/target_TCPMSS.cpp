// SPDX-License-Identifier: MIT
// -j TCPMSS: lowers the maximum segment size that a SYN announces, to a value or to what the path's
// MTU allows.
//
// Kernel: net/netfilter/xt_TCPMSS.c:tcpmss_mangle_packet(), tcpmss_tg4()
// Differs: nothing known
#include <fmt/format.h>

#include <algorithm>

#include "model/core/bytes.h"
#include "model/netfilter/option_values.h"
#include "model/netfilter/target.h"
#include "model/packet/checksum.h"
#include "model/packet/headers.h"
#include "model/packet/mangle.h"
#include "model/path/walk.h"
#include "model/routing/fib.h"

namespace pktwalk {
namespace {

constexpr OptionSpec kOptions[] = {{.name = "--set-mss"},
                                   {.name = "--clamp-mss-to-pmtu", .args = OptionSpec::Args::None}};
constexpr std::uint32_t kIpAndTcp = 40;
constexpr std::uint16_t kDefaultMss = 536;  // what a SYN without the option means (RFC 9293)

// The MTU towards the sender (tcpmss_reverse_mtu()).
std::uint32_t reverse_mtu(TargetContext& ctx) {
  fib::Flow flow;
  flow.daddr = Ipv4View(ctx.skb.l3().data()).saddr();
  Dst dst;
  if (fib::route_output(ctx.walk, flow, dst, nullptr) != RouteError::None) return ~0u;
  return fib::mtu_of(ctx.walk.host(), dst);
}

struct TcpmssTarget final : Target {
  std::optional<std::uint16_t> mss;  // nothing: clamp

  Verdict act(TargetContext& ctx) const override {
    if (ctx.frag_offset != 0) return Verdict::Continue;
    Skb& skb = ctx.skb;
    std::uint8_t* const tcp = skb.data.data() + ctx.transport;
    if (skb.data.size() < ctx.transport + 20) return skb.missing != 0 ? cut(ctx) : Verdict::Drop;
    const std::size_t header = TcpView(tcp).header_length();
    const std::size_t length = skb.len() - (ctx.transport - skb.network);
    if (header < 20 || length < header) return Verdict::Drop;
    if (skb.data.size() < ctx.transport + header) return cut(ctx);
    std::uint16_t wanted = 0;
    if (mss) {
      wanted = *mss;
    } else {
      if (!skb.dst) return Verdict::Drop;
      const std::uint32_t mtu = std::min(fib::mtu_of(ctx.walk.host(), *skb.dst), reverse_mtu(ctx));
      if (mtu <= kIpAndTcp) return Verdict::Drop;
      wanted = static_cast<std::uint16_t>(std::min<std::uint32_t>(mtu - kIpAndTcp, 65535));
    }
    for (std::size_t i = 20; i + 4 <= header; i += option_length(tcp, i)) {
      if (tcp[i] != 2 || tcp[i + 1] != 4) continue;
      // Never raised: the sender might not be able to take it.
      if (load_be16(tcp + i + 2) <= wanted) return Verdict::Continue;
      replace(ctx, i + 2, wanted);
      return Verdict::Continue;
    }
    // A SYN with data gets no option: there might be no room for it. Nor does a full header.
    if (length > header || header >= 15 * 4) return Verdict::Continue;
    add_option(ctx, header, std::min(wanted, kDefaultMss));
    return Verdict::Continue;
  }

  void print(OptionPrinter& out) const override {
    if (mss)
      out.option("--set-mss", fmt::format("{}", *mss));
    else
      out.option("--clamp-mss-to-pmtu");
  }

 private:
  static Verdict cut(TargetContext& ctx) {
    ctx.unknown = "the TCP options lie beyond the captured length";
    return Verdict::Unknown;
  }
  static std::size_t option_length(const std::uint8_t* tcp, std::size_t i) {
    return tcp[i] <= 1 || tcp[i + 1] == 0 ? 1 : tcp[i + 1];
  }
  // The kernel updates the checksum as if the value stood at an even place. Behind an odd number of
  // NOPs it does not, and the checksum is wrong from then on.
  static void replace(TargetContext& ctx, std::size_t at, std::uint16_t wanted) {
    std::uint8_t* const tcp = ctx.skb.data.data() + ctx.transport;
    const std::uint16_t from = load_be16(tcp + at);
    store_be16(tcp + at, wanted);
    store_be16(tcp + 16, update_checksum(load_be16(tcp + 16), from, wanted));
    if (Recorder* const r = ctx.walk.recorder()) {
      r->step(ChangeStep{Field::TcpMss, Value::dec(from), Value::dec(wanted)}, &ctx.skb);
      if (at % 2 != 0) {
        r->step(NoteStep{"the option stands at an odd place: the kernel gets the checksum wrong"});
      }
    }
  }
  // The option goes in front of the others.
  static void add_option(TargetContext& ctx, std::size_t header, std::uint16_t value) {
    Skb& skb = ctx.skb;
    const std::uint8_t option[4] = {2, 4, static_cast<std::uint8_t>(value >> 8),
                                    static_cast<std::uint8_t>(value)};
    skb.data.insert(skb.data.begin() + static_cast<std::ptrdiff_t>(ctx.transport + 20), option,
                    option + 4);
    std::uint8_t* const ip = skb.l3().data();
    std::uint8_t* const tcp = skb.data.data() + ctx.transport;
    const std::uint16_t word = load_be16(tcp + 12);
    tcp[12] = static_cast<std::uint8_t>((header + 4) / 4 << 4 | (tcp[12] & 15));
    store_be16(ip + 2, static_cast<std::uint16_t>(load_be16(ip + 2) + 4));
    fill_ip_checksum(skb);
    // Updated, not computed anew: a checksum that was wrong stays wrong.
    const std::uint16_t length = static_cast<std::uint16_t>(header);
    std::uint16_t sum = load_be16(tcp + 16);
    sum = update_checksum(sum, length, static_cast<std::uint16_t>(length + 4));
    sum = update_checksum(sum, 0, load_be16(option));
    sum = update_checksum(sum, 0, value);
    store_be16(tcp + 16, update_checksum(sum, word, load_be16(tcp + 12)));
    if (Recorder* const r = ctx.walk.recorder())
      r->step(ChangeStep{Field::TcpMss, Value::none(), Value::dec(value)}, &skb);
  }
};

Result<TargetPtr> parse(Options& in) {
  if (const Status one = exactly_one(in, {"--set-mss", "--clamp-mss-to-pmtu"}); !one)
    return one.error();
  auto target = std::make_unique<TcpmssTarget>();
  if (const GivenOption* const o = in.find("--set-mss")) {
    const Result<std::uint32_t> n = number_value(in, *o, 0, 65535 - kIpAndTcp);
    if (!n) return n.error();
    target->mss = static_cast<std::uint16_t>(*n);
  }
  return TargetPtr(std::move(target));
}

}  // namespace

extern const TargetDef target_TCPMSS;
const TargetDef target_TCPMSS{.name = "TCPMSS",
                              .options = kOptions,
                              .syntax = "--set-mss n | --clamp-mss-to-pmtu",
                              .kernel_ref = "net/netfilter/xt_TCPMSS.c:tcpmss_tg4",
                              .parse = parse};

}  // namespace pktwalk
