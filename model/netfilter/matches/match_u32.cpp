// SPDX-License-Identifier: MIT
// -m u32: tests of 32-bit words anywhere in the packet, from the IP header on.
//
// "0>>22&0x3C@4>>16=0x50": the word at 0, shifted and masked, is the length of the IP header; @
// moves the start there, the word at 4 from there, shifted, must be 0x50. Tests joined by && must
// all hold. A word beyond the packet's end fails the test, so a negated match then matches.
//
// Kernel:  net/netfilter/xt_u32.c, u32_match_it()
// Differs: nothing known
#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "model/core/bytes.h"
#include "model/netfilter/option_values.h"

namespace pktwalk {
namespace {

constexpr OptionSpec kOptions[] = {{.name = "--u32", .invertible = true}};
constexpr std::size_t kMax = 10;  // XT_U32_MAXSIZE: of tests, of operands, of values

enum class Op : std::uint8_t { And, LeftShift, RightShift, At };

struct Operand {
  Op op = Op::And;  // of the first one: not used
  std::uint32_t number = 0;
};
struct Test {
  std::vector<Operand> location;
  std::vector<NumberRange> values;
};

// What the evaluation of a test came to.
struct Word32 {
  enum class State : std::uint8_t { Read, BeyondPacket, BeyondCapture };
  State state = State::Read;
  std::uint32_t value = 0;
};

const char* op_text(Op op) {
  switch (op) {
    case Op::And:
      return "&";
    case Op::LeftShift:
      return "<<";
    case Op::RightShift:
      return ">>";
    case Op::At:
      return "@";
  }
  return "?";
}

struct U32Match final : Match {
  std::vector<Test> tests;
  bool invert = false;

  // The word at `position`, which the caller has found to lie within the packet.
  static Word32 read(const Skb& skb, std::size_t position) {
    if (position + 4 > skb.l3().size()) return {.state = Word32::State::BeyondCapture};
    return {.value = load_be32(skb.l3().data() + position)};
  }

  static Word32 locate(const Skb& skb, const Test& test) {
    const std::uint64_t length = skb.len();
    std::uint64_t base = 0;
    std::uint64_t position = test.location[0].number;
    if (position + 4 > length) return {.state = Word32::State::BeyondPacket};
    Word32 word = read(skb, position);
    for (std::size_t i = 1; i < test.location.size(); ++i) {
      if (word.state != Word32::State::Read) return word;
      const std::uint32_t number = test.location[i].number;
      switch (test.location[i].op) {
        case Op::And:
          word.value &= number;
          break;
        case Op::LeftShift:
          word.value <<= number & 31;  // as the processor's shift instruction does
          break;
        case Op::RightShift:
          word.value >>= number & 31;
          break;
        case Op::At:
          base += word.value;
          position = number;
          if (base + position + 4 > length) return {.state = Word32::State::BeyondPacket};
          word = read(skb, base + position);
          break;
      }
    }
    return word;
  }

  Outcome evaluate(MatchContext& ctx) const override {
    Word32 word;
    bool all = true;
    for (const Test& test : tests) {
      word = locate(ctx.skb, test);
      if (word.state == Word32::State::BeyondCapture) {
        return ctx.unknown_term(terms[0], Field::Payload, kBeyondCapture);
      }
      all = word.state == Word32::State::Read &&
            std::any_of(test.values.begin(), test.values.end(), [&](const NumberRange& range) {
              return range.low <= word.value && word.value <= range.high;
            });
      if (!all) break;
    }
    return ctx.answer(terms[0], Field::Payload, all != invert, [&] {
      return word.state == Word32::State::Read ? Value::hex(word.value) : Value::none();
    });
  }

  void print(OptionPrinter& out) const override {
    std::string text;
    for (const Test& test : tests) {
      if (!text.empty()) text += "&&";
      for (std::size_t i = 0; i < test.location.size(); ++i) {
        if (i > 0) text += op_text(test.location[i].op);
        text += fmt::format("{:#x}", test.location[i].number);
      }
      for (std::size_t i = 0; i < test.values.size(); ++i) {
        const NumberRange& range = test.values[i];
        text += fmt::format("{}{:#x}", i == 0 ? '=' : ',', range.low);
        if (range.low != range.high) text += fmt::format(":{:#x}", range.high);
      }
    }
    out.option("--u32", '"' + text + '"', invert);
  }
};

// Reads the expression language. Positions in messages count characters of the argument from 1.
class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  bool read(std::vector<Test>& tests) {
    while (true) {
      if (tests.size() == kMax) return fail("more than 10 tests");
      Test& test = tests.emplace_back();
      if (!read_location(test) || !read_values(test)) return false;
      skip_blanks();
      if (at_ == text_.size()) return true;
      if (!take("&&")) return fail("expected , or &&");
    }
  }
  const std::string& error() const { return error_; }

 private:
  bool fail(std::string_view what) {
    error_ = fmt::format("--u32: {} at character {}", what, at_ + 1);
    return false;
  }
  void skip_blanks() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t')) ++at_;
  }
  bool take(std::string_view token) {
    skip_blanks();
    if (!text_.substr(at_).starts_with(token)) return false;
    at_ += token.size();
    return true;
  }
  bool read_word(std::uint32_t& value) {
    skip_blanks();
    std::size_t end = at_;
    while (end < text_.size() && std::isalnum(static_cast<unsigned char>(text_[end])) != 0) ++end;
    const auto number = read_number(text_.substr(at_, end - at_), 0xffffffff);
    if (!number) return fail("expected a 32-bit number");
    value = static_cast<std::uint32_t>(*number);
    at_ = end;
    return true;
  }
  bool read_location(Test& test) {
    Op op = Op::And;
    while (true) {
      if (test.location.size() == kMax) return fail("more than 10 operands");
      Operand operand{.op = op};
      if (!read_word(operand.number)) return false;
      test.location.push_back(operand);
      if (take("=")) return true;
      if (take("&")) {
        op = Op::And;
      } else if (take("<<")) {
        op = Op::LeftShift;
      } else if (take(">>")) {
        op = Op::RightShift;
      } else if (take("@")) {
        op = Op::At;
      } else {
        return fail("expected = or one of & << >> @");
      }
    }
  }
  bool read_values(Test& test) {
    do {
      if (test.values.size() == kMax) return fail("more than 10 values");
      NumberRange range;
      if (!read_word(range.low)) return false;
      range.high = range.low;
      if (take(":") && !read_word(range.high)) return false;
      test.values.push_back(range);
    } while (take(","));
    return true;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::string error_;
};

Result<MatchPtr> parse(Options& in) {
  const Result<const GivenOption*> option = required(in, "--u32");
  if (!option) return option.error();
  auto match = std::make_unique<U32Match>();
  Reader reader((*option)->arg());
  if (!reader.read(match->tests)) {
    return in.error(**option, reader.error(), "a test is LOCATION=VALUE[:VALUE][,...]");
  }
  match->invert = (*option)->negated;
  add_term(*match, *option);
  return MatchPtr(std::move(match));
}

}  // namespace

extern const MatchDef match_u32;
const MatchDef match_u32{
    .name = "u32",
    .options = kOptions,
    .syntax = "[!] --u32 \"OFFSET[&|<<|>>|@ NUMBER...]=VALUE[:VALUE][,...][&&...]\"",
    .kernel_ref = "net/netfilter/xt_u32.c:u32_match_it",
    .parse = parse};

}  // namespace pktwalk
