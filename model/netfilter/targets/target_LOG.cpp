// SPDX-License-Identifier: MIT
// -j LOG: writes a line to the kernel's log. It has no influence on the path.
//
// Kernel: net/netfilter/xt_LOG.c:log_tg()
// Differs: nothing known
#include <fmt/format.h>

#include "model/netfilter/option_values.h"
#include "model/netfilter/target.h"
#include "model/path/walk.h"

namespace pktwalk {
namespace {

using Args = OptionSpec::Args;
constexpr OptionSpec kOptions[] = {{.name = "--log-prefix"},
                                   {.name = "--log-level"},
                                   {.name = "--log-tcp-sequence", .args = Args::None},
                                   {.name = "--log-tcp-options", .args = Args::None},
                                   {.name = "--log-ip-options", .args = Args::None},
                                   {.name = "--log-uid", .args = Args::None},
                                   {.name = "--log-macdecode", .args = Args::None}};

constexpr std::string_view kLevels[] = {"emerg",   "alert",  "crit", "error",
                                        "warning", "notice", "info", "debug"};
constexpr std::uint32_t kDefaultLevel = 4;

struct LogTarget final : Target {
  std::string prefix;
  std::uint32_t level = kDefaultLevel;
  std::uint8_t flags = 0;  // XT_LOG_*: 1 sequence, 2 TCP options, 4 IP options, 8 uid, 32 MAC

  Verdict act(TargetContext& ctx) const override {
    if (Recorder* const r = ctx.walk.recorder()) {
      r->step(NoteStep{"a line goes to the kernel's log", Value::literal(prefix)});
    }
    return Verdict::Continue;
  }
  void print(OptionPrinter& out) const override {
    if (!prefix.empty()) out.quoted("--log-prefix", prefix);
    if (level != kDefaultLevel) out.option("--log-level", fmt::format("{}", level));
    static constexpr std::pair<std::uint8_t, std::string_view> kFlags[] = {
        {1, "--log-tcp-sequence"},
        {2, "--log-tcp-options"},
        {4, "--log-ip-options"},
        {8, "--log-uid"},
        {32, "--log-macdecode"}};
    for (const auto& [bit, name] : kFlags) {
      if ((flags & bit) != 0) out.option(name);
    }
  }
};

std::optional<std::uint32_t> read_level(std::string_view text) {
  if (const std::optional<std::uint64_t> n = read_number(text, 7))
    return static_cast<std::uint32_t>(*n);
  if (text == "panic") return 0;
  if (text == "err") return 3;
  if (text == "warn") return 4;
  for (std::uint32_t i = 0; i < std::size(kLevels); ++i) {
    if (kLevels[i] == text) return i;
  }
  return std::nullopt;
}

Result<TargetPtr> parse(Options& in) {
  auto target = std::make_unique<LogTarget>();
  for (const GivenOption& option : in.all()) {
    if (option.name() == "--log-prefix") {
      target->prefix = option.arg().substr(0, 29);
    } else if (option.name() == "--log-level") {
      const std::optional<std::uint32_t> level = read_level(option.arg());
      if (!level)
        return in.error(option,
                        "\"" + option.arg() + "\" is no log level (0 to 7, or emerg to debug)");
      target->level = *level;
    } else {
      const std::uint8_t bit = option.name() == "--log-tcp-sequence"  ? 1
                               : option.name() == "--log-tcp-options" ? 2
                               : option.name() == "--log-ip-options"  ? 4
                               : option.name() == "--log-uid"         ? 8
                                                                      : 32;
      target->flags = static_cast<std::uint8_t>(target->flags | bit);
    }
  }
  return TargetPtr(std::move(target));
}

}  // namespace

extern const TargetDef target_LOG;
const TargetDef target_LOG{
    .name = "LOG",
    .options = kOptions,
    .syntax = "[--log-prefix text] [--log-level level] [--log-tcp-sequence] ...",
    .kernel_ref = "net/netfilter/xt_LOG.c:log_tg",
    .parse = parse};

}  // namespace pktwalk
