// SPDX-License-Identifier: MIT
// -p tcp: ports, flags and options of the TCP header.
//
// A packet that ends within the TCP header is dropped at once, whatever the rule says; so is a
// fragment that begins at byte 8, which could overwrite the flags of the first one.
//
// Kernel:  net/netfilter/xt_tcpudp.c, tcp_mt(), tcp_find_option()
// Differs: nothing known
#include "model/core/bytes.h"
#include "model/netfilter/evaluation.h"
#include "model/netfilter/option_values.h"
#include "model/packet/headers.h"

namespace pktwalk {
namespace {

using Args = OptionSpec::Args;
constexpr OptionSpec kOptions[] = {
    {.name = "--sport", .invertible = true, .alias = "--source-port"},
    {.name = "--dport", .invertible = true, .alias = "--destination-port"},
    {.name = "--tcp-flags", .args = Args::Two, .invertible = true},
    {.name = "--syn", .args = Args::None, .invertible = true},
    {.name = "--tcp-option", .invertible = true},
};

struct FlagName {
  std::string_view name;
  std::uint8_t bits;
};
// Single flags in the order iptables prints them, then the words for several.
constexpr FlagName kFlags[] = {
    {"FIN", kTcpFin}, {"SYN", kTcpSyn}, {"RST", kTcpRst}, {"PSH", kTcpPsh},
    {"ACK", kTcpAck}, {"URG", kTcpUrg}, {"ALL", 0x3f},    {"NONE", 0},
};

std::optional<std::uint8_t> read_flags(std::string_view text) {
  std::uint8_t bits = 0;
  while (!text.empty()) {
    const std::size_t comma = text.find(',');
    const std::string_view word = text.substr(0, comma);
    bool known = false;
    for (const FlagName& flag : kFlags) {
      if (!same_word(flag.name, word)) continue;
      bits |= flag.bits;
      known = true;
    }
    if (!known && !word.empty()) return std::nullopt;
    text.remove_prefix(comma == std::string_view::npos ? text.size() : comma + 1);
  }
  return bits;
}

std::string flags_text(std::uint8_t bits) {
  std::string text;
  for (const FlagName& flag : kFlags) {
    if (flag.bits == 0x3f || (bits & flag.bits) == 0) continue;
    if (!text.empty()) text += ',';
    text += flag.name;
  }
  return text.empty() ? "NONE" : text;
}

struct TcpMatch final : Match {
  PortOption sport, dport;
  std::uint8_t flag_mask = 0, flag_value = 0;
  bool flags_invert = false;
  std::int8_t flags_term = kNoTerm;
  std::uint8_t option = 0;  // kind; 0: not asked for
  bool option_invert = false;
  std::int8_t option_term = kNoTerm;

  Outcome evaluate(MatchContext& ctx) const override;
  Outcome find_option(MatchContext& ctx, const TcpView& tcp, Evaluation& tried) const;
  void print(OptionPrinter& out) const override;
};

Outcome TcpMatch::evaluate(MatchContext& ctx) const {
  if (ctx.frag_offset == 8) return hotdrop(ctx, *this, 0, Field::IpFrag);
  const TransportHeader header = transport_header(ctx, *this, 20, Field::TcpFlags);
  if (!header) return header.answer;
  const TcpView tcp(header.bytes);
  Evaluation tried(ctx, *this);
  if (!tried.term(sport.term, Field::TcpSport, sport.hit(tcp.sport()),
                  [&] { return Value::dec(tcp.sport()); })) {
    return Outcome::NoMatch;
  }
  if (!tried.term(dport.term, Field::TcpDport, dport.hit(tcp.dport()),
                  [&] { return Value::dec(tcp.dport()); })) {
    return Outcome::NoMatch;
  }
  const bool flags_hit = ((tcp.flags() & flag_mask) == flag_value) != flags_invert;
  if (!tried.term(flags_term, Field::TcpFlags, flags_hit,
                  [&] { return Value::tcp_flags(tcp.flags()); })) {
    return Outcome::NoMatch;
  }
  if (option_term == kNoTerm) return tried.outcome();
  return find_option(ctx, tcp, tried);
}

Outcome TcpMatch::find_option(MatchContext& ctx, const TcpView& tcp, Evaluation& tried) const {
  const auto index = static_cast<std::size_t>(option_term);
  if (tcp.header_length() < 20) return hotdrop(ctx, *this, index, Field::TcpOption);
  const std::size_t length = tcp.header_length() - 20;
  const TransportHeader bytes =
      packet_bytes(ctx, *this, index, Field::TcpOption, ctx.transport + 20, length);
  if (!bytes) return bytes.answer;
  bool found = false;
  for (std::size_t i = 0; i < length && !found;) {
    const std::uint8_t kind = bytes.bytes[i];
    found = kind == option;
    if (kind < 2 || i + 1 == length) {
      ++i;  // end of options and no-operation have no length byte
    } else {
      i += bytes.bytes[i + 1] == 0 ? 1 : bytes.bytes[i + 1];
    }
  }
  if (!tried.term(option_term, Field::TcpOption, found != option_invert,
                  [&] { return found ? Value::dec(option) : Value::none(); })) {
    return Outcome::NoMatch;
  }
  return tried.outcome();
}

void TcpMatch::print(OptionPrinter& out) const {
  if (!sport.all_ports()) print_port_option(out, "--sport", sport);
  if (!dport.all_ports()) print_port_option(out, "--dport", dport);
  if (option != 0) out.option("--tcp-option", std::to_string(option), option_invert);
  if (flag_mask != 0 || flags_invert) {
    out.option("--tcp-flags", flags_text(flag_mask) + ' ' + flags_text(flag_value), flags_invert);
  }
}

Status read_flag_options(Options& in, TcpMatch& match) {
  if (const Status one = at_most_one(in, {"--tcp-flags", "--syn"}); !one) return one.error();
  if (const GivenOption* const syn = in.find("--syn")) {
    match.flag_mask = kTcpSyn | kTcpRst | kTcpAck | kTcpFin;
    match.flag_value = kTcpSyn;
    match.flags_invert = syn->negated;
    match.flags_term = add_term(match, syn);
  }
  const GivenOption* const flags = in.find("--tcp-flags");
  if (flags == nullptr) return Ok{};
  const std::optional<std::uint8_t> mask = read_flags(flags->args[0]);
  const std::optional<std::uint8_t> value = read_flags(flags->args[1]);
  if (!mask || !value) {
    return in.error(*flags, "unknown TCP flag in \"" + flags->args[mask ? 1 : 0] + "\"",
                    "the flags are SYN ACK FIN RST URG PSH, or ALL or NONE");
  }
  match.flag_mask = *mask;
  match.flag_value = *value;
  match.flags_invert = flags->negated;
  match.flags_term = add_term(match, flags);
  return Ok{};
}

Result<MatchPtr> parse(Options& in) {
  if (const Status ok = needs_protocol(in, kProtoTcp); !ok) return ok.error();
  auto match = std::make_unique<TcpMatch>();
  if (const Status ok = read_port_option(in, "--sport", true, *match, match->sport); !ok) {
    return ok.error();
  }
  if (const Status ok = read_port_option(in, "--dport", true, *match, match->dport); !ok) {
    return ok.error();
  }
  if (const Status ok = read_flag_options(in, *match); !ok) return ok.error();
  if (const GivenOption* const option = in.find("--tcp-option")) {
    const Result<std::uint32_t> kind = number_value(in, *option, 1, 255);
    if (!kind) return kind.error();
    match->option = static_cast<std::uint8_t>(*kind);
    match->option_invert = option->negated;
    match->option_term = add_term(*match, option);
  }
  add_name_term(*match, "tcp");
  return MatchPtr(std::move(match));
}

}  // namespace

extern const MatchDef match_tcp;
const MatchDef match_tcp{
    .name = "tcp",
    .options = kOptions,
    .syntax =
        "[!] --sport PORT[:PORT], [!] --dport PORT[:PORT], [!] --tcp-flags MASK SET, "
        "[!] --syn, [!] --tcp-option KIND",
    .kernel_ref = "net/netfilter/xt_tcpudp.c:tcp_mt",
    .parse = parse,
    .protocol = kProtoTcp};

}  // namespace pktwalk
