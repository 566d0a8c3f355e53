// SPDX-License-Identifier: MIT
// -j CLASSIFY: sets the skb's priority, by which a qdisc finds its class.
//
// Kernel: net/netfilter/xt_CLASSIFY.c:classify_tg()
// Differs: nothing known
#include <fmt/format.h>

#include <charconv>

#include "model/netfilter/target.h"
#include "model/packet/mangle.h"
#include "model/path/walk.h"

namespace pktwalk {
namespace {

constexpr OptionSpec kOptions[] = {{.name = "--set-class"}};

struct ClassifyTarget final : Target {
  std::uint32_t priority = 0;
  Verdict act(TargetContext& ctx) const override {
    set_priority(ctx.skb, priority, ctx.walk.recorder());
    return Verdict::Continue;
  }
  void print(OptionPrinter& out) const override {
    out.option("--set-class", fmt::format("{:04x}:{:04x}", priority >> 16, priority & 0xffff));
  }
};

Result<TargetPtr> parse(Options& in) {
  const GivenOption* const option = in.find("--set-class");
  if (option == nullptr) return in.error("CLASSIFY needs --set-class");
  const std::string& text = option->arg();
  std::uint16_t major = 0, minor = 0;
  const char* const end = text.data() + text.size();
  const auto first = std::from_chars(text.data(), end, major, 16);
  const bool colon = first.ec == std::errc{} && first.ptr != end && *first.ptr == ':';
  const auto second = colon ? std::from_chars(first.ptr + 1, end, minor, 16) : first;
  if (!colon || second.ec != std::errc{} || second.ptr != end) {
    return in.error(*option, "\"" + text + "\" is no class: expected MAJOR:MINOR in hexadecimal");
  }
  auto target = std::make_unique<ClassifyTarget>();
  target->priority = std::uint32_t{major} << 16 | minor;
  return TargetPtr(std::move(target));
}

}  // namespace

extern const TargetDef target_CLASSIFY;
const TargetDef target_CLASSIFY{.name = "CLASSIFY",
                                .options = kOptions,
                                .syntax = "--set-class MAJOR:MINOR",
                                .kernel_ref = "net/netfilter/xt_CLASSIFY.c:classify_tg",
                                .parse = parse};

}  // namespace pktwalk
