// SPDX-License-Identifier: MIT
// -m addrtype: what kind of address source or destination is for this host (local, broadcast ...).
//
// Kernel: net/netfilter/xt_addrtype.c:addrtype_mt_v1(), match_type()
// Differs: nothing known
#include "model/netfilter/evaluation.h"
#include "model/netfilter/match.h"
#include "model/netfilter/option_values.h"
#include "model/routing/fib.h"

namespace pktwalk {
namespace {

using Args = OptionSpec::Args;
constexpr OptionSpec kOptions[] = {{.name = "--src-type", .invertible = true},
                                   {.name = "--dst-type", .invertible = true},
                                   {.name = "--limit-iface-in", .args = Args::None},
                                   {.name = "--limit-iface-out", .args = Args::None}};

// By RTN_* number.
constexpr std::string_view kTypes[] = {"UNSPEC",   "UNICAST",   "LOCAL",     "BROADCAST",
                                       "ANYCAST",  "MULTICAST", "BLACKHOLE", "UNREACHABLE",
                                       "PROHIBIT", "THROW",     "NAT",       "XRESOLVE"};

struct Side {
  std::uint16_t types = 0;  // bit n: RTN type n
  bool invert = false;
  std::int8_t term = kNoTerm;
};

struct AddrtypeMatch final : Match {
  Side src, dst;
  bool limit_in = false, limit_out = false;

  Outcome evaluate(MatchContext& ctx) const override {
    Evaluation e(ctx, *this);
    const IfIndex dev = limit_in && ctx.in != nullptr     ? ctx.in->index
                        : limit_out && ctx.out != nullptr ? ctx.out->index
                                                          : IfIndex::None;
    const auto test = [&](const Side& side, const IpAddr& addr) {
      if (side.term == kNoTerm) return true;
      const RouteType type = fib::addr_type(ctx.host, addr, dev);
      const bool hit = ((side.types >> static_cast<unsigned>(type) & 1) != 0) != side.invert;
      return e.term(side.term, Field::AddrType, hit,
                    [&] { return Value::literal(kTypes[static_cast<std::size_t>(type)]); });
    };
    if (!test(src, source_address(ctx))) return Outcome::NoMatch;
    if (!test(dst, destination_address(ctx))) return Outcome::NoMatch;
    return e.outcome();
  }

  void print(OptionPrinter& out) const override {
    print_side(out, "--src-type", src);
    print_side(out, "--dst-type", dst);
    if (limit_in) out.option("--limit-iface-in");
    if (limit_out) out.option("--limit-iface-out");
  }

 private:
  static void print_side(OptionPrinter& out, std::string_view name, const Side& side) {
    if (side.term == kNoTerm) return;
    std::string list;
    for (std::size_t i = 0; i < std::size(kTypes); ++i) {
      if ((side.types >> i & 1) == 0) continue;
      if (!list.empty()) list += ',';
      list += kTypes[i];
    }
    out.option(name, list, side.invert);
  }
};

Status read_side(Options& in, std::string_view name, AddrtypeMatch& match, Side& side) {
  const GivenOption* const option = in.find(name);
  if (option == nullptr) return Ok{};
  std::string_view rest = option->arg();
  while (!rest.empty()) {
    const std::size_t comma = std::min(rest.find(','), rest.size());
    const std::string_view word = rest.substr(0, comma);
    rest.remove_prefix(std::min(comma + 1, rest.size()));
    std::size_t found = std::size(kTypes);
    for (std::size_t i = 0; i < std::size(kTypes); ++i) {
      if (same_word(word, kTypes[i])) found = i;
    }
    if (found == std::size(kTypes))
      return in.error(*option, "\"" + std::string(word) + "\" is no address type");
    side.types = static_cast<std::uint16_t>(side.types | 1u << found);
  }
  side.invert = option->negated;
  side.term = add_term(match, option);
  return Ok{};
}

Result<MatchPtr> parse(Options& in) {
  auto match = std::make_unique<AddrtypeMatch>();
  if (!in.has("--src-type") && !in.has("--dst-type"))
    return in.error("addrtype needs --src-type or --dst-type");
  if (const Status s = read_side(in, "--src-type", *match, match->src); !s) return s.error();
  if (const Status s = read_side(in, "--dst-type", *match, match->dst); !s) return s.error();
  match->limit_in = in.has("--limit-iface-in");
  match->limit_out = in.has("--limit-iface-out");
  if (match->limit_in && match->limit_out)
    return in.error("--limit-iface-in and --limit-iface-out exclude each other");
  return MatchPtr(std::move(match));
}

}  // namespace

extern const MatchDef match_addrtype;
const MatchDef match_addrtype{
    .name = "addrtype",
    .options = kOptions,
    .syntax = "[!] --src-type list | [!] --dst-type list [--limit-iface-in|--limit-iface-out]",
    .kernel_ref = "net/netfilter/xt_addrtype.c:addrtype_mt_v1",
    .parse = parse};

}  // namespace pktwalk
