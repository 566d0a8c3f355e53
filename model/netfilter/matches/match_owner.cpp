// SPDX-License-Identifier: MIT
// -m owner: who owns the socket that sends the packet? Only the host's own packets have one.
//
// ICMP messages and resets of the kernel itself come from sockets of the kernel that no process
// owns: --socket-exists holds for them, and of --uid-owner and --gid-owner only the inverted forms.
// Forwarded packets and the resets of REJECT have no socket at all: only inverted options hold.
//
// Kernel:  net/netfilter/xt_owner.c, owner_mt()
// Differs: owner-unknown (a process's packet has an owner only when it was described with one;
//          supplementary groups are not known)
#include "model/netfilter/evaluation.h"
#include "model/netfilter/match.h"
#include "model/netfilter/option_values.h"

namespace pktwalk {
namespace {

struct Part {
  NumberRange range;
  bool invert = false;
  std::int8_t term = kNoTerm;
};

enum class Owner : std::uint8_t { NoSocket, Kernel, Process };

struct OwnerMatch final : Match {
  Part uid, gid;
  std::int8_t socket = kNoTerm;
  bool socket_invert = false, groups = false;

  Outcome evaluate(MatchContext& ctx) const override {
    Evaluation e(ctx, *this);
    const Owner owner = owner_of(ctx.skb);
    const bool exists = owner != Owner::NoSocket;
    if (!e.term(socket, Field::Socket, exists != socket_invert,
                [&] { return Value::boolean(exists); })) {
      return Outcome::NoMatch;
    }
    if (const Outcome o = id(ctx, e, uid, owner, ctx.skb.uid, Field::SkbUid, false);
        o != Outcome::Match) {
      return o;
    }
    if (const Outcome o = id(ctx, e, gid, owner, ctx.skb.gid, Field::SkbGid, groups);
        o != Outcome::Match) {
      return o;
    }
    return e.outcome();
  }

  void print(OptionPrinter& out) const override {
    if (socket != kNoTerm) out.option("--socket-exists", {}, socket_invert);
    print_part(out, "--uid-owner", uid);
    print_part(out, "--gid-owner", gid);
    if (groups) out.option("--suppl-groups");
  }

 private:
  static Owner owner_of(const Skb& skb) {
    if (!skb.local || skb.without_socket || skb.origin == Origin::Clone) return Owner::NoSocket;
    return skb.origin == Origin::Local ? Owner::Process : Owner::Kernel;
  }

  // Match: go on with the next option.
  Outcome id(MatchContext& ctx, Evaluation& e, const Part& part, Owner owner,
             const std::optional<std::uint32_t>& seen, Field field, bool with_groups) const {
    if (part.term == kNoTerm) return Outcome::Match;
    if (owner == Owner::Process && !seen) {
      return ctx.unknown_term(terms[static_cast<std::size_t>(part.term)], field,
                              "the owner of this packet's socket is not known");
    }
    const bool inside = seen && *seen >= part.range.low && *seen <= part.range.high;
    if (owner == Owner::Process && with_groups && !inside) {
      return ctx.unknown_term(terms[static_cast<std::size_t>(part.term)], field,
                              "the supplementary groups of the packet's owner are not known");
    }
    // --suppl-groups cannot be inverted, so without a socket it never holds.
    const bool hit = owner == Owner::Process    ? inside != part.invert
                     : owner == Owner::NoSocket ? part.invert && !with_groups
                                                : part.invert;
    const bool goes_on = e.term(part.term, field, hit, [&] {
      if (owner == Owner::Process) return Value::dec(*seen);
      return Value::literal(owner == Owner::Kernel ? "a socket of the kernel" : "no socket");
    });
    return goes_on ? Outcome::Match : Outcome::NoMatch;
  }

  static void print_part(OptionPrinter& out, std::string_view name, const Part& part) {
    if (part.term == kNoTerm) return;
    std::string text = std::to_string(part.range.low);
    if (part.range.high != part.range.low) text += "-" + std::to_string(part.range.high);
    out.option(name, text, part.invert);
  }
};

Status read_part(const Options& in, std::string_view name, OwnerMatch& match, Part& part) {
  const GivenOption* const option = in.find(name);
  if (option == nullptr) return Ok{};
  const std::string& text = option->arg();
  const std::size_t dash = text.find('-');
  const bool open = text.starts_with('-') || text.ends_with('-');
  const std::optional<NumberRange> range = text == "root" ? std::optional(NumberRange{0, 0})
                                           : dash != std::string::npos && open
                                               ? std::nullopt
                                               : read_range(text, '-', 0xfffffffe);
  if (!range) {
    return in.error(*option, "\"" + text + "\" is no numeric id or range of ids",
                    "names depend on the host's user database");
  }
  part.range = *range;
  part.invert = option->negated;
  part.term = add_term(match, option);
  return Ok{};
}

Result<MatchPtr> parse(Options& in) {
  auto match = std::make_unique<OwnerMatch>();
  if (const GivenOption* const option = in.find("--socket-exists")) {
    match->socket_invert = option->negated;
    match->socket = add_term(*match, option);
  }
  if (const Status s = read_part(in, "--uid-owner", *match, match->uid); !s) return s.error();
  if (const Status s = read_part(in, "--gid-owner", *match, match->gid); !s) return s.error();
  if (match->terms.empty()) {
    return in.error("owner needs --uid-owner, --gid-owner or --socket-exists");
  }
  if (const GivenOption* const option = in.find("--suppl-groups")) {
    if (match->gid.term == kNoTerm) return in.error(*option, "--suppl-groups needs --gid-owner");
    match->groups = true;
  }
  return MatchPtr(std::move(match));
}

using Args = OptionSpec::Args;
constexpr OptionSpec kOptions[] = {
    {.name = "--uid-owner", .invertible = true},
    {.name = "--gid-owner", .invertible = true},
    {.name = "--socket-exists", .args = Args::None, .invertible = true},
    {.name = "--suppl-groups", .args = Args::None}};

}  // namespace

extern const MatchDef match_owner;
const MatchDef match_owner{
    .name = "owner",
    .options = kOptions,
    .syntax =
        "[!] --uid-owner id[-id] | [!] --gid-owner id[-id] [--suppl-groups] | [!] --socket-exists",
    .kernel_ref = "net/netfilter/xt_owner.c:owner_mt",
    .parse = parse};

}  // namespace pktwalk
