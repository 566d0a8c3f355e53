// SPDX-License-Identifier: MIT
// The five ways to say how a mark changes.
//
// Kernel: none; as iptables 1.8.9 translates them (extensions/libxt_MARK.c, libxt_CONNMARK.c).
// Differs: nothing known
#include "model/netfilter/mark_options.h"

#include <fmt/format.h>

#include "model/netfilter/option_values.h"

namespace pktwalk {

bool has_mark_change(const Options& in) {
  return in.has("--set-xmark") || in.has("--set-mark") || in.has("--and-mark") ||
         in.has("--or-mark") || in.has("--xor-mark");
}

Result<MaskedValue> read_mark_change(const Options& in) {
  const Status one =
      exactly_one(in, {"--set-xmark", "--set-mark", "--and-mark", "--or-mark", "--xor-mark"});
  if (!one) return one.error();
  for (const std::string_view name : {"--set-xmark", "--set-mark"}) {
    const GivenOption* const option = in.find(name);
    if (option == nullptr) continue;
    Result<MaskedValue> value = masked_value(in, *option);
    // --set-mark sets the bits of the value that lie outside the mask too.
    if (value && name == "--set-mark") value->mask |= value->value;
    return value;
  }
  for (const std::string_view name : {"--and-mark", "--or-mark", "--xor-mark"}) {
    const GivenOption* const option = in.find(name);
    if (option == nullptr) continue;
    const Result<std::uint32_t> bits = number_value(in, *option, 0, 0xffffffff);
    if (!bits) return bits.error();
    if (name == "--and-mark") return MaskedValue{0, ~*bits};
    return MaskedValue{*bits, name == "--or-mark" ? *bits : 0};
  }
  return in.error("no change of the mark");  // unreachable after exactly_one()
}

std::string value_and_mask_text(const MaskedValue& value) {
  return fmt::format("{:#x}/{:#x}", value.value, value.mask);
}

}  // namespace pktwalk
