// SPDX-License-Identifier: MIT
// -m tcpmss: the maximum segment size that a TCP packet announces.
//
// A packet without the option does not match, and matches the negation; one whose header or options
// are cut short is dropped at once.
//
// Kernel:  net/netfilter/xt_tcpmss.c, tcpmss_mt()
// Differs: nothing known
#include "model/core/bytes.h"
#include "model/netfilter/evaluation.h"
#include "model/netfilter/option_values.h"
#include "model/packet/headers.h"

namespace pktwalk {
namespace {

constexpr OptionSpec kOptions[] = {{.name = "--mss", .invertible = true}};
constexpr std::uint8_t kMssOption = 2, kMssLength = 4;

std::optional<std::uint16_t> announced_mss(const std::uint8_t* options, std::size_t length) {
  for (std::size_t i = 0; i < length;) {
    if (options[i] == kMssOption && length - i >= kMssLength && options[i + 1] == kMssLength) {
      return load_be16(options + i + 2);
    }
    if (options[i] < 2 || i + 1 == length || options[i + 1] == 0) {
      ++i;
    } else {
      i += options[i + 1];
    }
  }
  return std::nullopt;
}

struct TcpMssMatch final : Match {
  NumberRange want;
  bool invert = false;

  Outcome evaluate(MatchContext& ctx) const override {
    // Later fragments are not spared: their bytes are read as if they were a header.
    const TransportHeader header = packet_bytes(ctx, *this, 0, Field::TcpMss, ctx.transport, 20);
    if (!header) return header.answer;
    const std::size_t header_length = TcpView(header.bytes).header_length();
    if (header_length < 20) return hotdrop(ctx, *this, 0, Field::TcpMss);
    const std::size_t length = header_length - 20;
    const TransportHeader options =
        packet_bytes(ctx, *this, 0, Field::TcpMss, ctx.transport + 20, length);
    if (!options) return options.answer;
    const std::optional<std::uint16_t> mss = announced_mss(options.bytes, length);
    const bool hit = (mss && *mss >= want.low && *mss <= want.high) != invert;
    return ctx.answer(terms[0], Field::TcpMss, hit,
                      [&] { return mss ? Value::dec(*mss) : Value::none(); });
  }
  void print(OptionPrinter& out) const override { out.option("--mss", range_text(want), invert); }
};

Result<MatchPtr> parse(Options& in) {
  if (const Status ok = needs_protocol(in, kProtoTcp); !ok) return ok.error();
  const Result<const GivenOption*> option = required(in, "--mss");
  if (!option) return option.error();
  const Result<NumberRange> want = range_value(in, **option, 65535);
  if (!want) return want.error();
  if (want->low > want->high) {
    return in.error(**option, "--mss " + (*option)->arg() + ": the first value is the larger one");
  }
  auto match = std::make_unique<TcpMssMatch>();
  match->want = *want;
  match->invert = (*option)->negated;
  add_term(*match, *option);
  return MatchPtr(std::move(match));
}

}  // namespace

extern const MatchDef match_tcpmss;
const MatchDef match_tcpmss{.name = "tcpmss",
                            .options = kOptions,
                            .syntax = "[!] --mss VALUE[:VALUE]",
                            .kernel_ref = "net/netfilter/xt_tcpmss.c:tcpmss_mt",
                            .parse = parse};

}  // namespace pktwalk
