// SPDX-License-Identifier: MIT
// -m string: a text or bytes anywhere between two offsets from the IP header on.
//
// The first place where the pattern stands at or after --from decides: it must end before --to.
// In a reassembled packet the algorithm bm finds only what lies within one of the fragments.
//
// Kernel:  net/netfilter/xt_string.c, string_mt(); net/core/skbuff.c, skb_find_text();
//          lib/ts_bm.c, lib/ts_kmp.c
// Differs: string-joined (a packet that local delivery reassembled, and a pattern that spans two of
//          its fragments, is unknown to bm)
#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <span>

#include "model/netfilter/option_values.h"

namespace pktwalk {
namespace {

using Args = OptionSpec::Args;
constexpr OptionSpec kOptions[] = {
    {.name = "--string", .invertible = true},
    {.name = "--hex-string", .invertible = true},
    {.name = "--algo"},
    {.name = "--from"},
    {.name = "--to"},
    {.name = "--icase", .args = Args::None},
};
constexpr std::size_t kMaxPattern = 128;  // XT_STRING_MAX_PATTERN_SIZE
constexpr std::uint32_t kMaxOffset = 65535;

// The kernel's toupper() knows the letters of Latin-1.
std::uint8_t upper(std::uint8_t c) {
  const bool lower = (c >= 'a' && c <= 'z') || (c >= 0xdf && c != 0xf7);
  return lower ? static_cast<std::uint8_t>(c - 32) : c;
}

struct StringMatch final : Match {
  std::string pattern;  // as given
  std::string algo;
  std::uint32_t from = 0;
  std::uint32_t to = kMaxOffset;
  bool icase = false;
  bool invert = false;

  Outcome evaluate(MatchContext& ctx) const override {
    const std::span<const std::uint8_t> packet = ctx.skb.l3();
    const std::size_t at = find(packet, from, packet.size());
    const bool may_follow = packet.size() < to && from + pattern.size() <= ctx.skb.len();
    if (at == kNowhere && ctx.skb.missing > 0 && may_follow) {
      return ctx.unknown_term(terms[0], Field::Payload, kBeyondCapture);
    }
    bool hit = ends_in_time(at);
    if (algo == "bm" && !ctx.skb.frag_list.empty()) {
      const bool within_pieces = ends_in_time(find_in_pieces(ctx.skb));
      // What local delivery put together may or may not lie in one piece.
      if (within_pieces != hit && !ctx.skb.ignore_df) {
        return ctx.unknown_term(terms[0], Field::Payload,
                                "it depends on how fragments were joined");
      }
      hit = within_pieces;
    }
    return ctx.answer(terms[0], Field::Payload, hit != invert,
                      [&] { return hit ? Value::literal("found") : Value::literal("not found"); });
  }
  void print(OptionPrinter& out) const override;

 private:
  static constexpr std::size_t kNowhere = ~std::size_t{0};

  bool ends_in_time(std::size_t at) const { return at != kNowhere && at + pattern.size() <= to; }

  std::size_t find(std::span<const std::uint8_t> packet, std::size_t begin, std::size_t end) const {
    if (begin >= end) return kNowhere;
    const auto same = [this](std::uint8_t seen, char wanted) {
      const auto want = static_cast<std::uint8_t>(wanted);
      return icase ? upper(seen) == upper(want) : seen == want;
    };
    const auto part = packet.subspan(begin, end - begin);
    const auto found = std::search(part.begin(), part.end(), pattern.begin(), pattern.end(), same);
    return found == part.end() ? kNowhere : begin + static_cast<std::size_t>(found - part.begin());
  }

  // bm_find() forgets at the end of a fragment what it has seen of the pattern.
  std::size_t find_in_pieces(const Skb& skb) const {
    const std::span<const std::uint8_t> packet = skb.l3();
    std::size_t begin = from;
    std::size_t edge = packet.size();
    for (const std::uint32_t size : skb.frag_list) edge -= std::min<std::size_t>(size, edge);
    for (const std::uint32_t size : skb.frag_list) {
      edge = std::min(edge + size, packet.size());
      if (begin >= to) return kNowhere;
      if (const std::size_t at = find(packet, begin, edge); at != kNowhere) return at;
      begin = std::max<std::size_t>(begin, edge);
    }
    return kNowhere;
  }
};

bool printable(const std::string& text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= 0x20 && c < 0x7f; });
}

void StringMatch::print(OptionPrinter& out) const {
  std::string text;
  if (printable(pattern)) {
    for (const char c : pattern) {
      if (c == '"' || c == '\\') text += '\\';
      text += c;
    }
    out.option("--string", '"' + text + '"', invert);
  } else {
    for (const char c : pattern) text += fmt::format("{:02x}", static_cast<std::uint8_t>(c));
    out.option("--hex-string", "\"|" + text + "|\"", invert);
  }
  out.option("--algo", algo);
  if (from != 0) out.option("--from", std::to_string(from));
  if (to != kMaxOffset) out.option("--to", std::to_string(to));
  if (icase) out.option("--icase");
}

// Reads "GET |0d 0a|": bytes in hex between bars, \ before a character that stands for itself. As
// iptables reads it, the character behind a closing bar is taken as it is, be it another bar.
class HexString {
 public:
  explicit HexString(std::string_view text) : text_(text) {}

  // False: error() says why not.
  bool read() {
    while (at_ < text_.size()) {
      const char c = text_[at_];
      bool literal = false;
      if (c == '\\') {
        if (in_hex_) return fail("a \\ cannot stand between the bars");
        literal = true;
      } else if (c == '|') {
        in_hex_ = !in_hex_;
        while (in_hex_ && peek(1) == ' ') ++at_;
        if (++at_ >= text_.size()) return true;
      }
      if (literal) {
        if (at_ + 1 >= text_.size()) return fail("nothing follows the last \\");
        pattern_ += text_[at_ + 1];
        at_ += 2;
      } else if (in_hex_) {
        if (!read_byte()) return false;
      } else {
        pattern_ += text_[at_++];
      }
    }
    return true;
  }
  const std::string& pattern() const { return pattern_; }
  const std::string& error() const { return error_; }

 private:
  char peek(std::size_t ahead) const {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
  }
  bool fail(std::string why) {
    error_ = std::move(why);
    return false;
  }
  bool read_byte() {
    if (at_ + 1 >= text_.size()) return fail("there is an odd number of hex digits");
    if (at_ + 2 >= text_.size()) return fail("the hex digits are not closed with a bar");
    for (const char digit : text_.substr(at_, 2)) {
      if (std::isxdigit(static_cast<unsigned char>(digit)) == 0) {
        return fail(fmt::format("\"{}\" is no hex digit", digit));
      }
    }
    const auto byte = read_number("0x" + std::string(text_.substr(at_, 2)), 255);
    pattern_ += static_cast<char>(static_cast<std::uint8_t>(*byte));
    at_ += peek(2) == ' ' ? 3 : 2;
    return true;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  bool in_hex_ = false;
  std::string pattern_;
  std::string error_;
};

Status read_pattern(const Options& in, const GivenOption& option, StringMatch& match) {
  if (option.name() == "--hex-string") {
    HexString hex(option.arg());
    if (!hex.read()) {
      return in.error(option, "--hex-string: " + hex.error(), "write bytes as |0d 0a|");
    }
    match.pattern = hex.pattern();
  } else {
    match.pattern = option.arg();
  }
  if (match.pattern.empty()) return in.error(option, "the pattern is empty");
  if (match.pattern.size() > kMaxPattern) {
    return in.error(option, fmt::format("the pattern has {} bytes, more than the {} that string "
                                        "can look for",
                                        match.pattern.size(), kMaxPattern));
  }
  return Ok{};
}

Status read_offsets(const Options& in, StringMatch& match) {
  for (const std::string_view name : {"--from", "--to"}) {
    const GivenOption* const option = in.find(name);
    if (option == nullptr) continue;
    const Result<std::uint32_t> offset = number_value(in, *option, 0, kMaxOffset);
    if (!offset) return offset.error();
    (name == "--from" ? match.from : match.to) = *offset;
  }
  if (match.from <= match.to) return Ok{};
  return in.error(fmt::format("--from {} lies behind --to {}", match.from, match.to));
}

Result<MatchPtr> parse(Options& in) {
  const Result<const GivenOption*> algo = required(in, "--algo");
  if (!algo) return algo.error();
  if (const Status ok = exactly_one(in, {"--string", "--hex-string"}); !ok) return ok.error();
  auto match = std::make_unique<StringMatch>();
  match->algo = (*algo)->arg();
  if (match->algo != "bm" && match->algo != "kmp") {
    return in.error(**algo, "unknown search algorithm \"" + match->algo + "\"",
                    "the kernel knows bm and kmp");
  }
  const GivenOption* const text = in.find("--string");
  const GivenOption& pattern = text != nullptr ? *text : *in.find("--hex-string");
  if (const Status ok = read_pattern(in, pattern, *match); !ok) return ok.error();
  if (const Status ok = read_offsets(in, *match); !ok) return ok.error();
  match->invert = pattern.negated;
  match->icase = in.has("--icase");
  add_term(*match, &pattern);
  return MatchPtr(std::move(match));
}

}  // namespace

extern const MatchDef match_string;
const MatchDef match_string{
    .name = "string",
    .options = kOptions,
    .syntax =
        "[!] --string TEXT | [!] --hex-string TEXT|HEX|, --algo bm|kmp, [--from OFFSET] "
        "[--to OFFSET] [--icase]",
    .kernel_ref = "net/netfilter/xt_string.c:string_mt",
    .parse = parse};

}  // namespace pktwalk
