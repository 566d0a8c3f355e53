// SPDX-License-Identifier: MIT
// -m policy: the IPsec transformations that a packet went through (--dir in) or will go through
// (--dir out).
//
// Kernel:  net/netfilter/xt_policy.c, policy_mt()
// Differs: no IPsec policies are read: every packet has none
#include <fmt/format.h>

#include <array>

#include "model/netfilter/option_values.h"

namespace pktwalk {
namespace {

using Args = OptionSpec::Args;
constexpr OptionSpec kOptions[] = {
    {.name = "--dir"},
    {.name = "--pol"},
    {.name = "--strict", .args = Args::None},
    {.name = "--reqid", .invertible = true, .repeatable = true},
    {.name = "--spi", .invertible = true, .repeatable = true},
    {.name = "--tunnel-src", .invertible = true, .repeatable = true},
    {.name = "--tunnel-dst", .invertible = true, .repeatable = true},
    {.name = "--proto", .invertible = true, .repeatable = true},
    {.name = "--mode", .invertible = true, .repeatable = true},
    {.name = "--next", .args = Args::None, .repeatable = true},
};
// The parts of one transformation, in the order iptables-save prints them.
constexpr std::array<std::string_view, 6> kParts = {"--reqid", "--spi",        "--proto",
                                                    "--mode",  "--tunnel-dst", "--tunnel-src"};
constexpr std::size_t kMaxElements = 4;  // XT_POLICY_MAX_ELEM

struct Part {
  std::string text;  // canonical
  bool given = false;
  bool invert = false;
};
using Element = std::array<Part, kParts.size()>;

struct PolicyMatch final : Match {
  bool in = false;
  bool none = false;
  bool strict = false;
  std::vector<Element> elements;

  Outcome evaluate(MatchContext& ctx) const override {
    return ctx.answer(terms[0], Field::PolicyDir, none, [] { return Value::literal("none"); });
  }
  void print(OptionPrinter& out) const override {
    out.option("--dir", in ? "in" : "out");
    out.option("--pol", none ? "none" : "ipsec");
    if (none) return;
    if (strict) out.option("--strict");
    for (std::size_t i = 0; i < elements.size(); ++i) {
      if (i > 0) out.option("--next");
      for (std::size_t p = 0; p < kParts.size(); ++p) {
        const Part& part = elements[i][p];
        if (part.given) out.option(kParts[p], part.text, part.invert);
      }
    }
  }
};

// An address with its mask as iptables prints it here: the address keeps its host bits, and a mask
// that is no prefix is left out.
std::optional<std::string> tunnel_text(const std::string& text, Family family) {
  const std::optional<AddrMask> net = read_addr_mask(text, family);
  const std::optional<AddrMask> addr = read_addr_mask(text.substr(0, text.find('/')), family);
  if (!net || !addr) return std::nullopt;
  for (unsigned length = 0; length < address_bits(family); ++length) {
    if (IpAddr::mask(family, length) == net->mask) {
      return fmt::format("{}/{}", to_string(addr->addr), length);
    }
  }
  return to_string(addr->addr);
}

Result<std::string> part_text(const Options& in, const GivenOption& option) {
  const std::string_view name = option.name();
  if (name == "--reqid" || name == "--spi") {
    const Result<std::uint32_t> number = number_value(in, option, 0, 0xffffffff);
    if (!number) return number.error();
    return name == "--spi" ? fmt::format("{:#x}", *number) : fmt::format("{}", *number);
  }
  if (name == "--proto") {
    const std::optional<std::uint8_t> proto = read_protocol(option.arg());
    if (proto == 50 || proto == 51 || proto == 108) return protocol_name(*proto);
    return in.error(option, "--proto wants ah, esp or ipcomp, not \"" + option.arg() + "\"");
  }
  if (name == "--mode") {
    if (option.arg() == "transport" || option.arg() == "tunnel") return option.arg();
    return in.error(option, "--mode wants transport or tunnel, not \"" + option.arg() + "\"");
  }
  const std::optional<std::string> net = tunnel_text(option.arg(), in.context().family);
  if (net) return *net;
  return in.error(option,
                  fmt::format("{} wants an address or network, not \"{}\"", name, option.arg()));
}

Status read_elements(const Options& in, PolicyMatch& match) {
  match.elements.emplace_back();
  for (const GivenOption& option : in.all()) {
    if (option.name() == "--next") {
      if (!match.strict) return in.error(option, "--next needs --strict");
      if (match.elements.size() == kMaxElements) {
        return in.error(option, "more than 4 transformations");
      }
      match.elements.emplace_back();
      continue;
    }
    std::size_t place = 0;
    while (place < kParts.size() && kParts[place] != option.name()) ++place;
    if (place == kParts.size()) continue;
    Part& part = match.elements.back()[place];
    if (part.given) {
      return in.error(option,
                      fmt::format("{} is given twice for one transformation", option.name()));
    }
    Result<std::string> text = part_text(in, option);
    if (!text) return text.error();
    part = {.text = *std::move(text), .given = true, .invert = option.negated};
  }
  return Ok{};
}

Status check_elements(const Options& in, const PolicyMatch& match) {
  for (const Element& element : match.elements) {
    bool any = false;
    for (const Part& part : element) any = any || part.given;
    if (match.strict && !any) return in.error("--strict needs something to ask of each part");
    const bool tunnel = element[3].given && element[3].text == "tunnel" && !element[3].invert;
    if ((element[4].given || element[5].given) && !tunnel) {
      return in.error("--tunnel-src and --tunnel-dst need --mode tunnel");
    }
  }
  return Ok{};
}

Status read_direction(const Options& in, const GivenOption& dir, PolicyMatch& match) {
  match.in = dir.arg() == "in";
  if (!match.in && dir.arg() != "out") {
    return in.error(dir, "--dir wants in or out, not \"" + dir.arg() + "\"");
  }
  constexpr HookMask kNoOut = hook_bit(Hook::Prerouting) | hook_bit(Hook::Input);
  constexpr HookMask kNoIn = hook_bit(Hook::Postrouting) | hook_bit(Hook::Output);
  if ((in.context().hooks & (match.in ? kNoIn : kNoOut)) != 0) {
    return in.error(dir, fmt::format("--dir {} does not work in {}", dir.arg(),
                                     match.in ? "OUTPUT and POSTROUTING" : "PREROUTING and INPUT"));
  }
  return Ok{};
}

Result<MatchPtr> parse(Options& in) {
  const Result<const GivenOption*> dir = required(in, "--dir");
  if (!dir) return dir.error();
  auto match = std::make_unique<PolicyMatch>();
  if (const Status ok = read_direction(in, **dir, *match); !ok) return ok.error();
  const GivenOption* const pol = in.find("--pol");
  if (pol != nullptr) {
    match->none = pol->arg() == "none";
    if (!match->none && pol->arg() != "ipsec") {
      return in.error(*pol, "--pol wants none or ipsec, not \"" + pol->arg() + "\"");
    }
  }
  match->strict = in.has("--strict");
  if (match->none && match->strict) return in.error("--pol none and --strict exclude each other");
  if (const Status ok = read_elements(in, *match); !ok) return ok.error();
  if (const Status ok = check_elements(in, *match); !ok) return ok.error();
  add_term(*match, pol != nullptr ? pol : *dir);
  return MatchPtr(std::move(match));
}

}  // namespace

extern const MatchDef match_policy;
const MatchDef match_policy{
    .name = "policy",
    .options = kOptions,
    .syntax =
        "--dir in|out, --pol none|ipsec, --strict, [!] --reqid ID, [!] --spi SPI, "
        "[!] --proto PROTO, [!] --mode transport|tunnel, [!] --tunnel-src NET, "
        "[!] --tunnel-dst NET, --next",
    .kernel_ref = "net/netfilter/xt_policy.c:policy_mt",
    .parse = parse};

}  // namespace pktwalk
