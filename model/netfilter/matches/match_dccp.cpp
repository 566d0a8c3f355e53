// SPDX-License-Identifier: MIT
// -p dccp: ports, packet type and options of a DCCP packet.
//
// Kernel:  net/netfilter/xt_dccp.c, dccp_mt(), dccp_find_option()
// Differs: nothing known
#include <array>

#include "model/core/bytes.h"
#include "model/netfilter/evaluation.h"
#include "model/netfilter/option_values.h"
#include "model/packet/headers.h"

namespace pktwalk {
namespace {

constexpr OptionSpec kOptions[] = {
    {.name = "--sport", .invertible = true, .alias = "--source-port"},
    {.name = "--dport", .invertible = true, .alias = "--destination-port"},
    {.name = "--dccp-types", .invertible = true},
    {.name = "--dccp-option", .invertible = true},
};
constexpr std::size_t kBasicHeader = 12;

// By type number; INVALID stands for the first number that has no type.
constexpr std::array<std::string_view, 11> kTypes = {"REQUEST", "RESPONSE", "DATA",   "ACK",
                                                     "DATAACK", "CLOSEREQ", "CLOSE",  "RESET",
                                                     "SYNC",    "SYNCACK",  "INVALID"};

// Bytes between the basic header and the options, by type number.
std::size_t type_header_length(std::uint8_t type) {
  switch (type) {
    case 0:
      return 4;  // service code
    case 1:
      return 12;  // acknowledgement and service code
    case 2:
      return 0;
    case 3:
    case 4:
    case 5:
    case 6:
    case 8:
    case 9:
      return 8;  // acknowledgement
    default:
      return 12;  // acknowledgement and reset code
  }
}

struct DccpMatch final : Match {
  PortOption sport, dport;
  std::uint16_t types = 0;  // bit n: type n
  bool types_invert = false;
  std::int8_t types_term = kNoTerm;
  std::uint8_t option = 0;
  bool option_invert = false;
  std::int8_t option_term = kNoTerm;

  Outcome evaluate(MatchContext& ctx) const override;
  Outcome find_option(MatchContext& ctx, const std::uint8_t* header, Evaluation& tried) const;
  void print(OptionPrinter& out) const override;
};

Outcome DccpMatch::evaluate(MatchContext& ctx) const {
  const TransportHeader header = transport_header(ctx, *this, kBasicHeader, Field::L4Dport);
  if (!header) return header.answer;
  const std::uint16_t from = load_be16(header.bytes);
  const std::uint16_t to = load_be16(header.bytes + 2);
  const auto type = static_cast<std::uint8_t>(header.bytes[8] >> 1 & 0xf);
  Evaluation tried(ctx, *this);
  if (!tried.term(sport.term, Field::L4Sport, sport.hit(from), [&] { return Value::dec(from); }) ||
      !tried.term(dport.term, Field::L4Dport, dport.hit(to), [&] { return Value::dec(to); }) ||
      !tried.term(types_term, Field::Other, ((types >> type & 1) != 0) != types_invert, [&] {
        return type < kTypes.size() ? Value::literal(kTypes[type]) : Value::dec(type);
      })) {
    return Outcome::NoMatch;
  }
  return option_term == kNoTerm ? tried.outcome() : find_option(ctx, header.bytes, tried);
}

Outcome DccpMatch::find_option(MatchContext& ctx, const std::uint8_t* header,
                               Evaluation& tried) const {
  const auto index = static_cast<std::size_t>(option_term);
  const bool extended = (header[8] & 1) != 0;
  const auto type = static_cast<std::uint8_t>(header[8] >> 1 & 0xf);
  const std::size_t start = kBasicHeader + (extended ? 4 : 0) + type_header_length(type);
  const std::size_t data_offset = header[4] * std::size_t{4};
  if (data_offset < start) return hotdrop(ctx, *this, index, Field::Other);
  const std::size_t length = data_offset - start;
  const TransportHeader options =
      packet_bytes(ctx, *this, index, Field::Other, ctx.transport + start, length);
  if (!options) return options.answer;
  bool found = false;
  for (std::size_t i = 0; i < length && !found;) {
    const std::uint8_t kind = options.bytes[i];
    found = kind == option;
    if (kind < 2 || i + 1 == length || options.bytes[i + 1] == 0) {
      ++i;
    } else {
      i += options.bytes[i + 1];
    }
  }
  if (!tried.term(option_term, Field::Other, found != option_invert,
                  [&] { return found ? Value::dec(option) : Value::none(); })) {
    return Outcome::NoMatch;
  }
  return tried.outcome();
}

void DccpMatch::print(OptionPrinter& out) const {
  if (sport.term != kNoTerm) print_port_option(out, "--sport", sport);
  if (dport.term != kNoTerm) print_port_option(out, "--dport", dport);
  if (types_term != kNoTerm) {
    std::string text;
    for (std::size_t i = 0; i < kTypes.size(); ++i) {
      if ((types >> i & 1) == 0) continue;
      if (!text.empty()) text += ',';
      text += kTypes[i];
    }
    out.option("--dccp-types", text, types_invert);
  }
  if (option_term != kNoTerm) {
    out.option("--dccp-option", std::to_string(option), option_invert);
  }
}

Status read_types(const Options& in, const GivenOption& option, DccpMatch& match) {
  std::string_view text = option.arg();
  while (!text.empty()) {
    const std::size_t comma = text.find(',');
    const std::string_view name = text.substr(0, comma);
    std::size_t type = 0;
    while (type < kTypes.size() && !same_word(kTypes[type], name)) ++type;
    if (type == kTypes.size()) {
      return in.error(option, "unknown DCCP type \"" + std::string(name) + "\"");
    }
    match.types = static_cast<std::uint16_t>(match.types | 1u << type);
    text.remove_prefix(comma == std::string_view::npos ? text.size() : comma + 1);
  }
  match.types_invert = option.negated;
  match.types_term = add_term(match, &option);
  return Ok{};
}

Result<MatchPtr> parse(Options& in) {
  if (const Status ok = needs_protocol(in, kProtoDccp); !ok) return ok.error();
  auto match = std::make_unique<DccpMatch>();
  if (const Status ok = read_port_option(in, "--sport", false, *match, match->sport); !ok) {
    return ok.error();
  }
  if (const Status ok = read_port_option(in, "--dport", false, *match, match->dport); !ok) {
    return ok.error();
  }
  if (const GivenOption* const types = in.find("--dccp-types")) {
    if (const Status ok = read_types(in, *types, *match); !ok) return ok.error();
  }
  if (const GivenOption* const option = in.find("--dccp-option")) {
    const Result<std::uint32_t> kind = number_value(in, *option, 1, 255);
    if (!kind) return kind.error();
    match->option = static_cast<std::uint8_t>(*kind);
    match->option_invert = option->negated;
    match->option_term = add_term(*match, option);
  }
  add_name_term(*match, "dccp");
  return MatchPtr(std::move(match));
}

}  // namespace

extern const MatchDef match_dccp;
const MatchDef match_dccp{
    .name = "dccp",
    .options = kOptions,
    .syntax =
        "[!] --sport PORT[:PORT], [!] --dport PORT[:PORT], [!] --dccp-types TYPE[,...], "
        "[!] --dccp-option KIND",
    .kernel_ref = "net/netfilter/xt_dccp.c:dccp_mt",
    .parse = parse,
    .protocol = kProtoDccp};

}  // namespace pktwalk
