// SPDX-License-Identifier: MIT
// -m owner: who owns the socket that sends the packet; only the host's own packets have one.
//
// Kernel: net/netfilter/xt_owner.c:owner_mt()
// Differs: owner-of-made-up-packets (known only when the packet was described with uid or gid)
#include <fmt/format.h>

#include <charconv>

#include "model/netfilter/evaluation.h"
#include "model/netfilter/match.h"
#include "model/netfilter/option_values.h"

namespace pktwalk {
namespace {

using Args = OptionSpec::Args;
constexpr OptionSpec kOptions[] = {
    {.name = "--uid-owner", .invertible = true},
    {.name = "--gid-owner", .invertible = true},
    {.name = "--socket-exists", .args = Args::None, .invertible = true},
    {.name = "--suppl-groups", .args = Args::None}};

struct Part {
  NumberRange range;
  bool invert = false;
  std::int8_t term = kNoTerm;
};

struct OwnerMatch final : Match {
  Part uid, gid;
  std::int8_t socket = kNoTerm;
  bool socket_invert = false, groups = false;

  Outcome evaluate(MatchContext& ctx) const override {
    Evaluation e(ctx, *this);
    const bool has_socket = ctx.skb.local && ctx.skb.uid.has_value();
    if (ctx.skb.local && !has_socket && ctx.skb.origin == Origin::Local) {
      return ctx.unknown_term(terms[0], Field::SkbUid,
                              "the owner of this packet's socket is not known");
    }
    if (!has_socket) {
      // Without a socket every part fails, but the inverted ones hold.
      const auto none = [&](std::int8_t term, bool invert, Field field) {
        return term == kNoTerm ||
               e.term(term, field, invert, [] { return Value::literal("no socket"); });
      };
      if (!none(socket, socket_invert, Field::Socket) ||
          !none(uid.term, uid.invert, Field::SkbUid) ||
          !none(gid.term, gid.invert, Field::SkbGid)) {
        return Outcome::NoMatch;
      }
      return e.outcome();
    }
    if (!e.term(socket, Field::Socket, !socket_invert, [] { return Value::boolean(true); }))
      return Outcome::NoMatch;
    const auto test = [&](const Part& part, std::optional<std::uint32_t> id, Field field) {
      const bool inside = id && *id >= part.range.low && *id <= part.range.high;
      return e.term(part.term, field, inside != part.invert,
                    [&] { return id ? Value::dec(*id) : Value::none(); });
    };
    if (!test(uid, ctx.skb.uid, Field::SkbUid) || !test(gid, ctx.skb.gid, Field::SkbGid))
      return Outcome::NoMatch;
    return e.outcome();
  }

  void print(OptionPrinter& out) const override {
    if (socket != kNoTerm) out.option("--socket-exists", {}, socket_invert);
    const auto put = [&](std::string_view name, const Part& part) {
      if (part.term == kNoTerm) return;
      out.option(name,
                 part.range.low == part.range.high
                     ? fmt::format("{}", part.range.low)
                     : fmt::format("{}-{}", part.range.low, part.range.high),
                 part.invert);
    };
    put("--uid-owner", uid);
    put("--gid-owner", gid);
    if (groups) out.option("--suppl-groups");
  }
};

Status read_part(Options& in, std::string_view name, OwnerMatch& match, Part& part) {
  const GivenOption* const option = in.find(name);
  if (option == nullptr) return Ok{};
  const std::string& text = option->arg();
  if (text == "root") {
    part.range = {0, 0};
  } else if (const std::optional<NumberRange> range = read_range(text, '-', 0xfffffffe)) {
    part.range = *range;
  } else {
    return in.error(*option, "\"" + text + "\" is no numeric id or range of ids",
                    "names depend on the host's user database");
  }
  part.invert = option->negated;
  part.term = add_term(match, option);
  return Ok{};
}

Result<MatchPtr> parse(Options& in) {
  auto match = std::make_unique<OwnerMatch>();
  if (const GivenOption* const o = in.find("--socket-exists")) {
    match->socket_invert = o->negated;
    match->socket = add_term(*match, o);
  }
  if (const Status s = read_part(in, "--uid-owner", *match, match->uid); !s) return s.error();
  if (const Status s = read_part(in, "--gid-owner", *match, match->gid); !s) return s.error();
  match->groups = in.has("--suppl-groups");
  if (match->terms.empty())
    return in.error("owner needs --uid-owner, --gid-owner or --socket-exists");
  return MatchPtr(std::move(match));
}

}  // namespace

extern const MatchDef match_owner;
const MatchDef match_owner{
    .name = "owner",
    .options = kOptions,
    .syntax = "[!] --uid-owner id[-id] | [!] --gid-owner id[-id] | [!] --socket-exists",
    .kernel_ref = "net/netfilter/xt_owner.c:owner_mt",
    .parse = parse};

}  // namespace pktwalk
