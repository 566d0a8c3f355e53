// SPDX-License-Identifier: MIT
// -m connbytes: how many packets or bytes has the connection carried so far, this packet included?
//
// Kernel:  net/netfilter/xt_connbytes.c, connbytes_mt(); loading such a rule switches
//          nf_conntrack_acct on
// Differs: connbytes-zero (what iptables-save prints as "0" may be 0:0 or 0: and is unknown once
//          something was counted); acct-of-dump (a connection that the dump prints without counters
//          is counted from zero)
#include "model/conntrack/conntrack.h"
#include "model/netfilter/evaluation.h"
#include "model/netfilter/match.h"
#include "model/netfilter/option_values.h"

namespace pktwalk {
namespace {

enum class What : std::uint8_t { Packets, Bytes, Average };
enum class Dir : std::uint8_t { Original, Reply, Both };
constexpr std::string_view kWhat[] = {"packets", "bytes", "avgpkt"};
constexpr std::string_view kDir[] = {"original", "reply", "both"};
constexpr std::uint64_t kMost = ~std::uint64_t{0};

struct ConnbytesMatch final : Match {
  std::uint64_t low = 0, high = kMost;
  bool invert = false;
  bool zero_or_more = false;  // written "0"
  What what = What::Packets;
  Dir dir = Dir::Original;

  Outcome evaluate(MatchContext& ctx) const override {
    const ct::Entry* const entry = ct::entry_of(ctx.skb, std::as_const(ctx.state));
    if (entry == nullptr || !ctx.host.sysctls.ct_acct) {
      // Nothing was counted: no answer but no, inverted or not.
      return ctx.answer(terms[0], Field::CtBytes, false, [&] {
        return Value::literal(entry == nullptr ? "no connection" : "nf_conntrack_acct is off");
      });
    }
    const std::uint64_t seen = counted(*entry);
    if (zero_or_more && seen != 0) {
      return ctx.unknown_term(terms[0], Field::CtBytes,
                              "iptables-save prints \"0\" for 0:0 and for 0: alike");
    }
    const bool inside = seen >= low && seen <= high;
    return ctx.answer(terms[0], Field::CtBytes, inside != invert, [&] { return Value::dec(seen); });
  }

  void print(OptionPrinter& out) const override {
    std::string range = std::to_string(low);
    if (high != kMost) range += ":" + std::to_string(high);
    out.option("--connbytes", range, invert);
    out.option("--connbytes-mode", kWhat[static_cast<std::size_t>(what)]);
    out.option("--connbytes-dir", kDir[static_cast<std::size_t>(dir)]);
  }

 private:
  std::uint64_t counted(const ct::Entry& entry) const {
    const auto sum = [&](const std::array<std::uint64_t, 2>& counters) {
      switch (dir) {
        case Dir::Original:
          return counters[0];
        case Dir::Reply:
          return counters[1];
        case Dir::Both:
          break;
      }
      return counters[0] + counters[1];
    };
    const std::uint64_t packets = sum(entry.packets);
    const std::uint64_t bytes = sum(entry.bytes);
    switch (what) {
      case What::Packets:
        return packets;
      case What::Bytes:
        return bytes;
      case What::Average:
        break;
    }
    return packets == 0 ? 0 : bytes / packets;
  }
};

// The place of an option's value in a list of words.
template <std::size_t N>
Result<std::size_t> word_value(const Options& in, std::string_view name,
                               const std::string_view (&words)[N]) {
  const Result<const GivenOption*> option = required(in, name);
  if (!option) return option.error();
  std::string all;
  for (std::size_t i = 0; i < N; ++i) {
    if (words[i] == (*option)->arg()) return i;
    all += (i == 0 ? "" : ", ") + std::string(words[i]);
  }
  return in.error(**option, "bad value \"" + (*option)->arg() + "\" for " + std::string(name),
                  "one of " + all);
}

Result<MatchPtr> parse(Options& in) {
  auto match = std::make_unique<ConnbytesMatch>();
  const Result<const GivenOption*> option = required(in, "--connbytes");
  if (!option) return option.error();
  const std::string_view text = (*option)->arg();
  const std::size_t colon = text.find(':');
  const std::string_view first = text.substr(0, colon);
  const std::string_view second =
      colon == std::string_view::npos ? std::string_view{} : text.substr(colon + 1);
  const std::optional<std::uint64_t> low = first.empty() && colon != std::string_view::npos
                                               ? std::uint64_t{0}
                                               : read_number(first, kMost);
  const std::optional<std::uint64_t> high = second.empty() ? kMost : read_number(second, kMost);
  if (!low || !high || *low > *high) {
    return in.error(**option, "bad value \"" + (*option)->arg() + "\" for --connbytes",
                    "a number or a range low:high");
  }
  match->low = *low;
  match->high = *high;
  // The kernel marks inversion by a range back to front, which a single number cannot be.
  match->invert = (*option)->negated && *low != *high;
  const Result<std::size_t> what = word_value(in, "--connbytes-mode", kWhat);
  if (!what) return what.error();
  match->what = static_cast<What>(*what);
  const Result<std::size_t> dir = word_value(in, "--connbytes-dir", kDir);
  if (!dir) return dir.error();
  match->dir = static_cast<Dir>(*dir);
  match->zero_or_more = text == "0" && !(*option)->negated;
  add_term(*match, *option);
  match->terms[0].negated = match->invert;
  match->terms[0].wanted += " " + std::string(kWhat[*what]) + ", " + std::string(kDir[*dir]);

  Sysctls& sysctls = in.context().host->sysctl_texts;
  constexpr std::string_view kAcct = "net.netfilter.nf_conntrack_acct";
  if (!sysctls.text(kAcct)) sysctls.set(std::string(kAcct), "1", {});
  return MatchPtr(std::move(match));
}

constexpr OptionSpec kOptions[] = {{.name = "--connbytes", .invertible = true},
                                   {.name = "--connbytes-mode"},
                                   {.name = "--connbytes-dir"}};

}  // namespace

extern const MatchDef match_connbytes;
const MatchDef match_connbytes{
    .name = "connbytes",
    .options = kOptions,
    .syntax =
        "[!] --connbytes N[:N] --connbytes-mode packets|bytes|avgpkt --connbytes-dir "
        "original|reply|both",
    .kernel_ref = "net/netfilter/xt_connbytes.c:connbytes_mt",
    .parse = parse,
    .needs_conntrack = true};

}  // namespace pktwalk
