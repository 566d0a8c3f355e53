// SPDX-License-Identifier: MIT
// -m iprange: source or destination between two addresses, both included.
//
// Kernel:  net/netfilter/xt_iprange.c, iprange_mt4(), iprange_mt6()
// Differs: nothing known
#include "model/netfilter/option_values.h"

namespace pktwalk {
namespace {

constexpr OptionSpec kOptions[] = {{.name = "--src-range", .invertible = true},
                                   {.name = "--dst-range", .invertible = true}};

struct AddrRange {
  IpAddr first, last;
  bool invert = false;
  std::int8_t term = kNoTerm;
  bool hit(const IpAddr& addr) const { return (addr >= first && addr <= last) != invert; }
};

struct IprangeMatch final : Match {
  AddrRange src, dst;

  Outcome evaluate(MatchContext& ctx) const override {
    Evaluation tried(ctx, *this);
    const IpAddr from = source_address(ctx);
    if (!tried.term(src.term, Field::IpSaddr, src.hit(from),
                    [&] { return Value::address(from); })) {
      return Outcome::NoMatch;
    }
    const IpAddr to = destination_address(ctx);
    if (!tried.term(dst.term, Field::IpDaddr, dst.hit(to), [&] { return Value::address(to); })) {
      return Outcome::NoMatch;
    }
    return tried.outcome();
  }
  static void print_one(OptionPrinter& out, std::string_view name, const AddrRange& range) {
    if (range.term == kNoTerm) return;
    out.option(name, to_string(range.first) + '-' + to_string(range.last), range.invert);
  }
  void print(OptionPrinter& out) const override {
    print_one(out, "--src-range", src);
    print_one(out, "--dst-range", dst);
  }
};

std::optional<IpAddr> read_end(std::string_view text, Family family) {
  if (text.find('/') != std::string_view::npos) return std::nullopt;
  const std::optional<AddrMask> addr = read_addr_mask(text, family);
  return addr ? std::optional(addr->addr) : std::nullopt;
}

Status read(const Options& in, std::string_view name, IprangeMatch& match, AddrRange& into) {
  const GivenOption* const option = in.find(name);
  if (option == nullptr) return Ok{};
  const std::string_view text = option->arg();
  const std::size_t dash = text.find('-');
  const std::optional<IpAddr> first = read_end(text.substr(0, dash), in.context().family);
  const std::optional<IpAddr> last =
      dash == std::string_view::npos ? first : read_end(text.substr(dash + 1), in.context().family);
  if (!first || !last) {
    return in.error(
        *option, std::string(name) + " wants ADDRESS-ADDRESS, not \"" + std::string(text) + "\"");
  }
  if (*first > *last) {
    in.context().warn(option->column, "the range " + std::string(text) + " holds no address",
                      "the first address is larger than the last");
  }
  into = {.first = *first, .last = *last, .invert = option->negated};
  into.term = add_term(match, option);
  return Ok{};
}

Result<MatchPtr> parse(Options& in) {
  auto match = std::make_unique<IprangeMatch>();
  if (const Status ok = read(in, "--src-range", *match, match->src); !ok) return ok.error();
  if (const Status ok = read(in, "--dst-range", *match, match->dst); !ok) return ok.error();
  if (match->terms.empty()) return in.error("iprange needs --src-range or --dst-range");
  return MatchPtr(std::move(match));
}

}  // namespace

extern const MatchDef match_iprange;
const MatchDef match_iprange{.name = "iprange",
                             .options = kOptions,
                             .syntax = "[!] --src-range FIRST-LAST, [!] --dst-range FIRST-LAST",
                             .kernel_ref = "net/netfilter/xt_iprange.c:iprange_mt4",
                             .parse = parse};

}  // namespace pktwalk
