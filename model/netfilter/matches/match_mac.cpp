// SPDX-License-Identifier: MIT
// -m mac: the Ethernet address that sent the frame.
//
// Only frames of Ethernet devices have one: on `lo`, on tunnels and for the router's own packets
// the match fails, its negation too.
//
// Kernel:  net/netfilter/xt_mac.c, mac_mt()
// Differs: nothing known
#include <algorithm>

#include "model/netfilter/option_values.h"

namespace pktwalk {
namespace {

constexpr OptionSpec kOptions[] = {{.name = "--mac-source", .invertible = true}};
constexpr HookMask kHooks =
    hook_bit(Hook::Prerouting) | hook_bit(Hook::Input) | hook_bit(Hook::Forward);

struct MacMatch final : Match {
  MacAddr want;
  bool invert = false;

  Outcome evaluate(MatchContext& ctx) const override {
    const bool ethernet = ctx.in != nullptr && ctx.in->ether && !ctx.in->loopback;
    if (!ethernet) {
      return ctx.answer(terms[0], Field::EthSaddr, false, [] { return Value::none(); });
    }
    if (!ctx.skb.has_mac || ctx.skb.data.size() < ctx.skb.mac + 12) {
      return ctx.unknown_term(terms[0], Field::EthSaddr, "the capture has no link-layer addresses");
    }
    MacAddr from;
    std::copy_n(ctx.skb.data.begin() + static_cast<std::ptrdiff_t>(ctx.skb.mac + 6), 6,
                from.bytes.begin());
    return ctx.answer(terms[0], Field::EthSaddr, (from == want) != invert,
                      [&] { return Value::mac(from); });
  }
  void print(OptionPrinter& out) const override {
    out.option("--mac-source", to_string(want), invert);
  }
};

// Six bytes of one or two hex digits: "0:1:2:3:4:5" is read too.
std::optional<MacAddr> read_mac(std::string_view text) {
  MacAddr mac;
  for (std::size_t i = 0; i < 6; ++i) {
    const std::size_t colon = text.find(':');
    if ((colon == std::string_view::npos) != (i == 5)) return std::nullopt;
    const std::string_view part = text.substr(0, colon);
    if (part.empty() || part.size() > 2) return std::nullopt;
    const std::optional<std::uint64_t> byte = read_number("0x" + std::string(part), 255);
    if (!byte) return std::nullopt;
    mac.bytes[i] = static_cast<std::uint8_t>(*byte);
    if (colon != std::string_view::npos) text.remove_prefix(colon + 1);
  }
  return mac;
}

Result<MatchPtr> parse(Options& in) {
  const Result<const GivenOption*> option = required(in, "--mac-source");
  if (!option) return option.error();
  if ((in.context().hooks & ~kHooks) != 0) {
    return in.error(**option, "mac works in PREROUTING, INPUT and FORWARD only",
                    "packets have no sender's Ethernet address elsewhere");
  }
  const std::optional<MacAddr> want = read_mac((*option)->arg());
  if (!want) {
    return in.error(**option,
                    "--mac-source wants XX:XX:XX:XX:XX:XX, not \"" + (*option)->arg() + "\"");
  }
  auto match = std::make_unique<MacMatch>();
  match->want = *want;
  match->invert = (*option)->negated;
  add_term(*match, *option);
  return MatchPtr(std::move(match));
}

}  // namespace

extern const MatchDef match_mac;
const MatchDef match_mac{.name = "mac",
                         .options = kOptions,
                         .syntax = "[!] --mac-source XX:XX:XX:XX:XX:XX",
                         .kernel_ref = "net/netfilter/xt_mac.c:mac_mt",
                         .parse = parse};

}  // namespace pktwalk
