// SPDX-License-Identifier: MIT
// A range of numbers in a header of fixed layout.
//
// Kernel: net/ipv4/netfilter/ipt_ah.c (ah_mt()), net/netfilter/xt_esp.c (esp_mt()),
//         net/netfilter/xt_ipcomp.c (comp_mt())
// Differs: nothing known
#include "model/netfilter/spi_range.h"

#include "model/core/bytes.h"
#include "model/netfilter/evaluation.h"
#include "model/netfilter/option_values.h"

namespace pktwalk {
namespace {

struct SpiMatch final : Match {
  const SpiHeader* header = nullptr;
  NumberRange want;
  bool invert = false;
  bool unused = false;

  Outcome evaluate(MatchContext& ctx) const override {
    const TransportHeader bytes = transport_header(ctx, *this, header->length, header->field);
    if (!bytes) return bytes.answer;
    const std::uint8_t* const p = bytes.bytes + header->offset;
    const std::uint32_t spi = header->width == 2 ? load_be16(p) : load_be32(p);
    const bool hit = (spi >= want.low && spi <= want.high) != invert;
    return ctx.answer(terms[0], header->field, hit, [spi] { return Value::dec(spi); });
  }
  void print(OptionPrinter& out) const override {
    if (want.low != 0 || want.high != 0xffffffff) {
      out.option(header->option, range_text(want), invert);
    }
    if (unused) out.option(header->unused);
  }
};

}  // namespace

Result<MatchPtr> parse_spi_match(Options& in, const SpiHeader& header) {
  auto match = std::make_unique<SpiMatch>();
  match->header = &header;
  match->want = header.otherwise;
  if (const GivenOption* const option = in.find(header.option)) {
    const Result<NumberRange> range = range_value(in, *option, 0xffffffff);
    if (!range) return range.error();
    match->want = *range;
    match->invert = option->negated;
    add_term(*match, option);
  }
  match->unused = !header.unused.empty() && in.has(header.unused);
  add_name_term(*match, header.match);
  return MatchPtr(std::move(match));
}

}  // namespace pktwalk
