// SPDX-License-Identifier: MIT
// -m realm: the realm of the packet's route.
//
// Kernel:  net/netfilter/xt_realm.c, realm_mt()
// Differs: of the names in /etc/iproute2/rt_realms only cosmos (0) is known
#include "model/netfilter/option_values.h"

namespace pktwalk {
namespace {

constexpr OptionSpec kOptions[] = {{.name = "--realm", .invertible = true}};

struct RealmMatch final : Match {
  MaskedValue want;
  bool invert = false;

  Outcome evaluate(MatchContext& ctx) const override {
    if (!ctx.skb.dst) {
      return ctx.unknown_term(terms[0], Field::Realm, "the packet has no route here");
    }
    const std::uint32_t realm = ctx.skb.dst->realm;
    return ctx.answer(terms[0], Field::Realm, ((realm & want.mask) == want.value) != invert,
                      [realm] { return Value::hex(realm); });
  }
  void print(OptionPrinter& out) const override {
    const bool cosmos = want.value == 0 && want.mask == 0xffffffff;
    out.option("--realm", cosmos ? "cosmos" : masked_text(want), invert);
  }
};

Result<MatchPtr> parse(Options& in) {
  const Result<const GivenOption*> option = required(in, "--realm");
  if (!option) return option.error();
  if ((in.context().hooks & hook_bit(Hook::Prerouting)) != 0) {
    return in.error(**option, "realm does not work in PREROUTING: the packet has no route yet");
  }
  auto match = std::make_unique<RealmMatch>();
  if ((*option)->arg() == "cosmos") {
    match->want = {.value = 0};
  } else {
    const std::optional<MaskedValue> want = read_masked((*option)->arg());
    if (!want) {
      return in.error(**option, "--realm wants VALUE[/MASK], not \"" + (*option)->arg() + "\"",
                      "names of realms other than cosmos are not known here");
    }
    match->want = *want;
  }
  match->invert = (*option)->negated;
  add_term(*match, *option);
  return MatchPtr(std::move(match));
}

}  // namespace

extern const MatchDef match_realm;
const MatchDef match_realm{.name = "realm",
                           .options = kOptions,
                           .syntax = "[!] --realm VALUE[/MASK]",
                           .kernel_ref = "net/netfilter/xt_realm.c:realm_mt",
                           .parse = parse,
                           .family = Family::Ipv4};

}  // namespace pktwalk
