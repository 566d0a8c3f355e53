// SPDX-License-Identifier: MIT
// -m conntrack: what the connection tracker knows of the packet's connection: its state and status,
// its addresses and ports before and after NAT, the time it has left.
//
// A packet without a connection (INVALID, UNTRACKED) matches on its state alone: the kernel then
// does not look at the other options at all, and without --ctstate it never matches.
//
// Kernel:  net/netfilter/xt_conntrack.c, conntrack_mt(), revision 3
// Differs: nothing known
#include <utility>

#include "model/conntrack/conntrack.h"
#include "model/netfilter/ct_words.h"
#include "model/netfilter/match.h"

namespace pktwalk {
namespace {

// In the order the kernel tests them.
enum class Kind : std::uint8_t {
  State,
  Direction,
  OrigSrc,
  OrigDst,
  ReplSrc,
  ReplDst,
  Proto,
  OrigSport,
  OrigDport,
  ReplSport,
  ReplDport,
  Status,
  Expire,
};

struct KindInfo {
  std::string_view option;
  Field field;
};
constexpr std::array<KindInfo, 13> kKinds{{{"--ctstate", Field::CtState},
                                           {"--ctdir", Field::CtDirection},
                                           {"--ctorigsrc", Field::CtOrigSrc},
                                           {"--ctorigdst", Field::CtOrigDst},
                                           {"--ctreplsrc", Field::CtReplSrc},
                                           {"--ctrepldst", Field::CtReplDst},
                                           {"--ctproto", Field::CtProto},
                                           {"--ctorigsrcport", Field::CtOrigSport},
                                           {"--ctorigdstport", Field::CtOrigDport},
                                           {"--ctreplsrcport", Field::CtReplSport},
                                           {"--ctrepldstport", Field::CtReplDport},
                                           {"--ctstatus", Field::CtStatus},
                                           {"--ctexpire", Field::CtExpires}}};

// One option: what is wanted, in the members that its kind uses.
struct Part {
  Kind kind = Kind::State;
  bool invert = false;
  std::uint32_t bits = 0;  // state, status, protocol; direction 0 original, 1 reply
  HostMask host;
  NumberRange range;  // ports, seconds
};

std::string range_text(const NumberRange& range) {
  std::string text = std::to_string(range.low);
  if (range.high != range.low) text += ":" + std::to_string(range.high);
  return text;
}

struct ConntrackMatch final : Match {
  std::vector<Part> parts;  // parts[i] is terms[i]

  Outcome evaluate(MatchContext& ctx) const override {
    const ct::Entry* entry = ct::entry_of(ctx.skb, std::as_const(ctx.state));
    Outcome outcome = Outcome::Match;
    for (std::size_t i = 0; i < parts.size(); ++i) {
      const Part& part = parts[i];
      bool hit = false;
      Value seen;
      if (part.kind == Kind::State) {
        const std::uint32_t bits = ct::state_bits(ctx.skb, ctx.state);
        hit = ((bits & part.bits) != 0) != part.invert;
        seen = Value::ct_state(bits);
      } else if (entry != nullptr) {
        hit = test(part, ctx, *entry, seen) != part.invert;
      }
      if (!hit) outcome = Outcome::NoMatch;
      if (!ctx.term(terms[i], kKinds[static_cast<std::size_t>(part.kind)].field, hit,
                    [&] { return seen; })) {
        return Outcome::NoMatch;
      }
      if (part.kind == Kind::State && entry == nullptr && hit) return Outcome::Match;
    }
    return outcome;
  }

  void print(OptionPrinter& out) const override {
    // iptables-save writes the direction last and the protocol after the state.
    constexpr Kind kOrder[] = {Kind::State,     Kind::Proto,     Kind::OrigSrc,   Kind::OrigDst,
                               Kind::ReplSrc,   Kind::ReplDst,   Kind::OrigSport, Kind::OrigDport,
                               Kind::ReplSport, Kind::ReplDport, Kind::Status,    Kind::Expire,
                               Kind::Direction};
    for (const Kind kind : kOrder) {
      for (const Part& part : parts) {
        if (part.kind != kind) continue;
        out.option(kKinds[static_cast<std::size_t>(kind)].option, text_of(part), part.invert);
      }
    }
  }

 private:
  static bool address(const Part& part, const IpAddr& addr, Value& seen) {
    seen = Value::address(addr);
    return part.host.matches(addr);
  }
  static bool number(const Part& part, std::uint64_t value, Value& seen) {
    seen = Value::dec(value);
    return value >= part.range.low && value <= part.range.high;
  }

  static bool test(const Part& part, const MatchContext& ctx, const ct::Entry& entry, Value& seen) {
    const ct::Tuple& orig = entry.tuple[0];
    const ct::Tuple& repl = entry.tuple[1];
    switch (part.kind) {
      case Kind::State:
        break;
      case Kind::Direction: {
        const std::uint8_t dir = ct::direction(ctx.skb);
        seen = Value::literal(dir == 0 ? "ORIGINAL" : "REPLY");
        return dir == part.bits;
      }
      case Kind::OrigSrc:
        return address(part, orig.src, seen);
      case Kind::OrigDst:
        return address(part, orig.dst, seen);
      case Kind::ReplSrc:
        return address(part, repl.src, seen);
      case Kind::ReplDst:
        return address(part, repl.dst, seen);
      case Kind::Proto:
        seen = Value::proto(orig.proto);
        return orig.proto == part.bits;
      case Kind::OrigSport:
        return number(part, orig.src_id, seen);
      case Kind::OrigDport:
        return number(part, orig.dst_id, seen);
      case Kind::ReplSport:
        return number(part, repl.src_id, seen);
      case Kind::ReplDport:
        return number(part, repl.dst_id, seen);
      case Kind::Status:
        seen = Value::ct_status(entry.status);
        return (entry.status & part.bits) != 0;
      case Kind::Expire: {
        // Before confirmation the timer is not set: nothing is left.
        const bool runs = entry.has(ct::kConfirmed) && entry.expires > ctx.now;
        const std::int64_t left = runs ? (entry.expires - ctx.now) / kNsPerSecond : 0;
        return number(part, static_cast<std::uint64_t>(left), seen);
      }
    }
    return false;
  }

  static std::string text_of(const Part& part) {
    switch (part.kind) {
      case Kind::State:
        return ct_states_text(part.bits);
      case Kind::Direction:
        return part.bits == 0 ? "ORIGINAL" : "REPLY";
      case Kind::OrigSrc:
      case Kind::OrigDst:
      case Kind::ReplSrc:
      case Kind::ReplDst:
        return to_string(part.host);
      case Kind::Proto:
        return std::to_string(part.bits);
      case Kind::Status:
        return ct_status_text(part.bits);
      case Kind::OrigSport:
      case Kind::OrigDport:
      case Kind::ReplSport:
      case Kind::ReplDport:
      case Kind::Expire:
        return range_text(part.range);
    }
    return {};
  }
};

bool same_word(std::string_view text, std::string_view word) {
  if (text.size() != word.size()) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if ((text[i] & ~0x20) != word[i]) return false;
  }
  return true;
}

// Reads one option's value into its part; nothing when it is wrong, with what was expected in
// `expected`.
bool read_part(Part& part, const GivenOption& given, const ParseContext& context,
               const char*& expected) {
  const std::string& text = given.arg();
  switch (part.kind) {
    case Kind::State: {
      expected = "a comma list of INVALID, NEW, RELATED, ESTABLISHED, UNTRACKED, SNAT, DNAT";
      const std::optional<std::uint32_t> bits = read_ct_states(text, true);
      part.bits = bits.value_or(0);
      return bits.has_value();
    }
    case Kind::Direction:
      expected = "ORIGINAL or REPLY";
      part.bits = same_word(text, "REPLY") ? 1 : 0;
      return part.bits == 1 || same_word(text, "ORIGINAL");
    case Kind::OrigSrc:
    case Kind::OrigDst:
    case Kind::ReplSrc:
    case Kind::ReplDst: {
      expected = "an address with or without a mask; host names are not looked up";
      const std::optional<HostMask> host = read_host_mask(text, context.family);
      part.host = host.value_or(HostMask{});
      return host.has_value();
    }
    case Kind::Proto: {
      expected = "a protocol's name or number";
      const std::optional<std::uint8_t> proto = read_protocol(text);
      part.bits = proto.value_or(0);
      return proto.has_value();
    }
    case Kind::OrigSport:
    case Kind::OrigDport:
    case Kind::ReplSport:
    case Kind::ReplDport: {
      expected = "a port or a range of ports low:high";
      const std::optional<NumberRange> range = read_port_range(text);
      part.range = range.value_or(NumberRange{});
      return range && range->low <= range->high;
    }
    case Kind::Status: {
      expected = "a comma list of NONE, EXPECTED, SEEN_REPLY, ASSURED, CONFIRMED";
      const std::optional<std::uint32_t> bits = read_ct_status(text);
      part.bits = bits.value_or(0);
      return bits.has_value();
    }
    case Kind::Expire: {
      expected = "seconds or a range of seconds low:high";
      const std::optional<NumberRange> range = read_range(text, ':', 0xffffffff);
      part.range = range.value_or(NumberRange{});
      return range && range->low <= range->high;
    }
  }
  return false;
}

Result<MatchPtr> parse(Options& options) {
  auto match = std::make_unique<ConntrackMatch>();
  for (std::size_t i = 0; i < kKinds.size(); ++i) {
    const GivenOption* given = options.find(kKinds[i].option);
    if (given == nullptr) continue;
    Part part{.kind = static_cast<Kind>(i), .invert = given->negated};
    const char* expected = "";
    if (!read_part(part, *given, options.context(), expected)) {
      return options.error(
          *given, "bad value \"" + given->arg() + "\" for " + std::string(given->name()), expected);
    }
    match->parts.push_back(std::move(part));
    match->terms.push_back(Options::term(*given));
  }
  if (match->parts.empty()) return options.error("-m conntrack needs at least one option");
  return MatchPtr(std::move(match));
}

constexpr OptionSpec kOptions[] = {{.name = "--ctstate", .invertible = true},
                                   {.name = "--ctproto", .invertible = true},
                                   {.name = "--ctorigsrc", .invertible = true},
                                   {.name = "--ctorigdst", .invertible = true},
                                   {.name = "--ctreplsrc", .invertible = true},
                                   {.name = "--ctrepldst", .invertible = true},
                                   {.name = "--ctorigsrcport", .invertible = true},
                                   {.name = "--ctorigdstport", .invertible = true},
                                   {.name = "--ctreplsrcport", .invertible = true},
                                   {.name = "--ctrepldstport", .invertible = true},
                                   {.name = "--ctstatus", .invertible = true},
                                   {.name = "--ctexpire", .invertible = true},
                                   {.name = "--ctdir"}};

}  // namespace

extern const MatchDef match_conntrack;
const MatchDef match_conntrack{
    .name = "conntrack",
    .options = kOptions,
    .syntax =
        "[!] --ctstate LIST  [!] --ctproto P  [!] --ctorigsrc|--ctorigdst|--ctreplsrc|--ctrepldst "
        "A[/M]  [!] --ctorigsrcport|--ctorigdstport|--ctreplsrcport|--ctrepldstport P[:P]  [!] "
        "--ctstatus LIST  [!] --ctexpire S[:S]  --ctdir ORIGINAL|REPLY",
    .kernel_ref = "net/netfilter/xt_conntrack.c:conntrack_mt",
    .parse = parse,
    .needs_conntrack = true};

}  // namespace pktwalk
