// SPDX-License-Identifier: MIT
// -m ecn: the ECN bits of the IP header, and the CWR and ECE flags of TCP.
//
// Kernel:  net/netfilter/xt_ecn.c, ecn_mt4(), match_tcp()
// Differs: nothing known
#include "model/netfilter/evaluation.h"
#include "model/netfilter/option_values.h"
#include "model/packet/headers.h"

namespace pktwalk {
namespace {

using Args = OptionSpec::Args;
constexpr OptionSpec kOptions[] = {
    {.name = "--ecn-ip-ect", .invertible = true},
    {.name = "--ecn-tcp-ece", .args = Args::None, .invertible = true},
    {.name = "--ecn-tcp-cwr", .args = Args::None, .invertible = true},
};

struct EcnMatch final : Match {
  std::uint8_t ect = 0;
  bool ect_invert = false, ece_invert = false, cwr_invert = false;
  std::int8_t ect_term = kNoTerm, ece_term = kNoTerm, cwr_term = kNoTerm;

  Outcome evaluate(MatchContext& ctx) const override {
    Evaluation tried(ctx, *this);
    const std::uint8_t bits = traffic_class(ctx) & 3;
    if (!tried.term(ect_term, Field::IpEcn, (bits == ect) != ect_invert,
                    [&] { return Value::dec(bits); })) {
      return Outcome::NoMatch;
    }
    if (ece_term == kNoTerm && cwr_term == kNoTerm) return tried.outcome();
    return match_tcp(ctx, tried);
  }

  // The header is not checked for fragments: a later one has its bytes read as if it were there.
  Outcome match_tcp(MatchContext& ctx, Evaluation& tried) const {
    const std::int8_t first = ece_term != kNoTerm ? ece_term : cwr_term;
    bool cut = false;
    const std::uint8_t* const header = ctx.bytes(ctx.transport, 20, &cut);
    if (header == nullptr) {
      const auto index = static_cast<std::size_t>(first);
      if (cut) return ctx.unknown_term(terms[index], Field::TcpFlags, kBeyondCapture);
      tried.term(first, Field::TcpFlags, false, [] { return Value::none(); });
      return Outcome::NoMatch;
    }
    const TcpView tcp(header);
    const auto seen = [&] { return Value::tcp_flags(tcp.flags()); };
    if (!tried.term(ece_term, Field::TcpFlags, tcp.has(kTcpEce) != ece_invert, seen) ||
        !tried.term(cwr_term, Field::TcpFlags, tcp.has(kTcpCwr) != cwr_invert, seen)) {
      return Outcome::NoMatch;
    }
    return tried.outcome();
  }

  void print(OptionPrinter& out) const override {
    if (ece_term != kNoTerm) out.option("--ecn-tcp-ece", {}, ece_invert);
    if (cwr_term != kNoTerm) out.option("--ecn-tcp-cwr", {}, cwr_invert);
    if (ect_term != kNoTerm) out.option("--ecn-ip-ect", std::to_string(ect), ect_invert);
  }
};

Result<MatchPtr> parse(Options& in) {
  auto match = std::make_unique<EcnMatch>();
  if (const GivenOption* const option = in.find("--ecn-ip-ect")) {
    const Result<std::uint32_t> ect = number_value(in, *option, 0, 3);
    if (!ect) return ect.error();
    match->ect = static_cast<std::uint8_t>(*ect);
    match->ect_invert = option->negated;
    match->ect_term = add_term(*match, option);
  }
  const GivenOption* const ece = in.find("--ecn-tcp-ece");
  const GivenOption* const cwr = in.find("--ecn-tcp-cwr");
  if (ece != nullptr || cwr != nullptr) {
    if (const Status ok = needs_protocol(in, kProtoTcp); !ok) return ok.error();
  }
  match->ece_invert = ece != nullptr && ece->negated;
  match->ece_term = add_term(*match, ece);
  match->cwr_invert = cwr != nullptr && cwr->negated;
  match->cwr_term = add_term(*match, cwr);
  if (match->terms.empty()) {
    return in.error("ecn needs --ecn-ip-ect, --ecn-tcp-ece or --ecn-tcp-cwr");
  }
  return MatchPtr(std::move(match));
}

}  // namespace

extern const MatchDef match_ecn;
const MatchDef match_ecn{.name = "ecn",
                         .options = kOptions,
                         .syntax = "[!] --ecn-ip-ect 0..3, [!] --ecn-tcp-ece, [!] --ecn-tcp-cwr",
                         .kernel_ref = "net/netfilter/xt_ecn.c:ecn_mt4",
                         .parse = parse};

}  // namespace pktwalk
