// SPDX-License-Identifier: MIT
// -m multiport: up to 15 ports and ranges, of the source, the destination, or either.
//
// The ports are the first four bytes of the header in all protocols it works with. A packet that
// ends before them is dropped at once.
//
// Kernel:  net/netfilter/xt_multiport.c, multiport_mt(), ports_match_v1()
// Differs: nothing known
#include <algorithm>

#include "model/core/bytes.h"
#include "model/netfilter/evaluation.h"
#include "model/netfilter/option_values.h"
#include "model/packet/headers.h"

namespace pktwalk {
namespace {

constexpr OptionSpec kOptions[] = {
    {.name = "--sports", .invertible = true, .alias = "--source-ports", .alias2 = "--sport"},
    {.name = "--dports", .invertible = true, .alias = "--destination-ports", .alias2 = "--dport"},
    {.name = "--ports", .invertible = true, .alias = "--port"},
};
constexpr std::size_t kMaxPorts = 15;  // XT_MULTI_PORTS; a range takes two

struct MultiportMatch final : Match {
  enum class Side : std::uint8_t { Source, Destination, Either };
  Side side = Side::Destination;
  std::vector<NumberRange> ports;
  bool invert = false;

  bool lists(std::uint16_t port) const {
    return std::any_of(ports.begin(), ports.end(), [port](const NumberRange& range) {
      return port >= range.low && port <= range.high;
    });
  }

  Outcome evaluate(MatchContext& ctx) const override {
    const Field field = side == Side::Source ? Field::L4Sport : Field::L4Dport;
    const TransportHeader header = transport_header(ctx, *this, 4, field);
    if (!header) return header.answer;
    const std::uint16_t sport = load_be16(header.bytes);
    const std::uint16_t dport = load_be16(header.bytes + 2);
    if (side == Side::Either) {
      const bool by_source = lists(sport);
      const bool hit = (by_source || lists(dport)) != invert;
      return ctx.answer(terms[0], by_source ? Field::L4Sport : Field::L4Dport, hit,
                        [&] { return Value::dec(by_source ? sport : dport); });
    }
    const std::uint16_t port = side == Side::Source ? sport : dport;
    return ctx.answer(terms[0], field, lists(port) != invert, [&] { return Value::dec(port); });
  }

  void print(OptionPrinter& out) const override {
    std::string text;
    for (const NumberRange& range : ports) {
      if (!text.empty()) text += ',';
      text += range_text(range);
    }
    const char* const name = side == Side::Source        ? "--sports"
                             : side == Side::Destination ? "--dports"
                                                         : "--ports";
    out.option(name, text, invert);
  }
};

// "80", "80:90": both ends must be there, and the first be the smaller one.
std::optional<NumberRange> read_part(std::string_view text) {
  const std::size_t colon = text.find(':');
  const std::optional<std::uint16_t> low = read_port(text.substr(0, colon));
  if (!low) return std::nullopt;
  if (colon == std::string_view::npos) return NumberRange{*low, *low};
  const std::optional<std::uint16_t> high = read_port(text.substr(colon + 1));
  if (!high || *low >= *high) return std::nullopt;
  return NumberRange{*low, *high};
}

Status read_list(const Options& in, const GivenOption& option, MultiportMatch& match) {
  std::string_view text = option.arg();
  std::size_t used = 0;
  while (true) {
    const std::size_t comma = text.find(',');
    const std::string_view part = text.substr(0, comma);
    const std::optional<NumberRange> range = read_part(part);
    if (!range) {
      return in.error(option, "\"" + std::string(part) + "\" is no port and no range LOW:HIGH",
                      "ports are 0 to 65535 or names of services, separated by commas");
    }
    used += range->low == range->high ? 1 : 2;
    if (used > kMaxPorts) {
      return in.error(option, "too many ports: multiport takes 15, a range counts as two");
    }
    match.ports.push_back(*range);
    if (comma == std::string_view::npos) return Ok{};
    text.remove_prefix(comma + 1);
  }
}

Status check_protocol(const Options& in) {
  const ParseContext& context = in.context();
  switch (context.protocol_negated ? 0 : context.protocol) {
    case kProtoTcp:
    case kProtoUdp:
    case kProtoUdpLite:
    case kProtoSctp:
    case kProtoDccp:
      return Ok{};
    default:
      return in.error("multiport works with tcp, udp, udplite, sctp and dccp only",
                      "write -p and one of these in the rule");
  }
}

Result<MatchPtr> parse(Options& in) {
  if (const Status ok = check_protocol(in); !ok) return ok.error();
  if (const Status ok = exactly_one(in, {"--sports", "--dports", "--ports"}); !ok) {
    return ok.error();
  }
  auto match = std::make_unique<MultiportMatch>();
  const GivenOption& option = in.all().front();
  if (option.name() == "--sports") match->side = MultiportMatch::Side::Source;
  if (option.name() == "--ports") match->side = MultiportMatch::Side::Either;
  match->invert = option.negated;
  if (const Status ok = read_list(in, option, *match); !ok) return ok.error();
  add_term(*match, &option);
  return MatchPtr(std::move(match));
}

}  // namespace

extern const MatchDef match_multiport;
const MatchDef match_multiport{.name = "multiport",
                               .options = kOptions,
                               .syntax = "[!] --sports|--dports|--ports PORT[:PORT][,...]",
                               .kernel_ref = "net/netfilter/xt_multiport.c:multiport_mt",
                               .parse = parse};

}  // namespace pktwalk
