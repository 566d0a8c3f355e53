// SPDX-License-Identifier: MIT
// -m hashlimit: a rate for each address, port or combination of them, in packets or in bytes.
//
// Kernel:  net/netfilter/xt_hashlimit.c, hashlimit_mt_common()
// Differs: limit-start (the tables are empty when the capture begins); tick-phase; first-rule (the
//          first rule of a name in the dump counts as loaded first; among several tables that is
//          not known); hashlimit-gc (what depends on whether an expired entry was collected yet is
//          unknown)
#include "model/core/bytes.h"
#include "model/netfilter/evaluation.h"
#include "model/netfilter/hashlimit.h"
#include "model/netfilter/match.h"
#include "model/netfilter/option_values.h"
#include "model/netfilter/rate_text.h"
#include "model/packet/headers.h"

namespace pktwalk {
namespace {

using hashlimit::Config;
using hashlimit::Key;

constexpr std::uint32_t kDefaultBurst = 5;
constexpr std::uint32_t kByteExpire = 15'000, kByteExpireBurst = 60'000;  // ms

struct ModeWord {
  std::string_view word;
  bool Config::*member;
};
constexpr ModeWord kModes[] = {{"srcip", &Config::by_src},
                               {"srcport", &Config::by_sport},
                               {"dstip", &Config::by_dst},
                               {"dstport", &Config::by_dport}};

struct ByteUnit {
  std::string_view name;
  std::uint64_t size;
};
constexpr ByteUnit kByteUnits[] = {{"m", 1024 * 1024}, {"k", 1024}, {"", 1}};

std::string byte_rate_text(std::uint64_t avg) {
  const std::uint64_t bytes = hashlimit::cost_to_bytes(avg);
  for (const ByteUnit& unit : kByteUnits) {
    const bool exact =
        bytes >= unit.size && hashlimit::bytes_to_cost(bytes & ~(unit.size - 1)) == avg;
    if (exact || unit.size == 1) {
      return std::to_string(bytes / unit.size) + std::string(unit.name) + "b/s";
    }
  }
  return {};
}

std::string byte_burst_text(std::uint64_t bytes) {
  for (const ByteUnit& unit : kByteUnits) {
    if (bytes >= unit.size) {
      return std::to_string(bytes / unit.size) + std::string(unit.name) + "b";
    }
  }
  return "0b";
}

bool has_ports(std::uint8_t protocol) {
  return protocol == kProtoTcp || protocol == kProtoUdp || protocol == kProtoDccp ||
         protocol == kProtoEsp || protocol == kProtoSctp || protocol == kProtoUdpLite ||
         protocol == kProtoAh;
}

struct HashlimitMatch final : Match {
  Config config;
  std::string name;
  SlotRef<hashlimit::Table> slot;

  Outcome evaluate(MatchContext& ctx) const override {
    const Config& shared = ctx.state.slots.get(slot).config;
    if (const char* const why = ctx.state.slots.get(slot).unclear) {
      return ctx.unknown_term(terms[0], Field::Rate, why);
    }
    Key key;
    if (shared.by_dst) key.dst = masked(destination_address(ctx), shared.dst_length);
    if (shared.by_src) key.src = masked(source_address(ctx), shared.src_length);
    if ((shared.by_sport || shared.by_dport) && has_ports(ctx.protocol)) {
      // proto_ports_offset(): AH has its index 4 bytes on, the others begin with two ports.
      const std::size_t at = ctx.transport + (ctx.protocol == kProtoAh ? 4 : 0);
      const TransportHeader ports = packet_bytes(ctx, *this, 0, Field::Rate, at, 4);
      if (!ports) return ports.answer;
      if (shared.by_sport) key.sport = load_be16(ports.bytes);
      if (shared.by_dport) key.dport = load_be16(ports.bytes + 2);
    }
    std::uint64_t seen = 0;
    const auto ask = [&](hashlimit::Table& table) {
      return hashlimit::take(table, config, key, ctx.skb.len(), ctx.now, seen);
    };
    hashlimit::Answer answer{};
    if (ctx.probe) {
      hashlimit::Table copy = ctx.state.slots.get(slot);
      answer = ask(copy);
    } else {
      answer = ask(ctx.state.slots.get(slot));
    }
    if (answer == hashlimit::Answer::Unclear) {
      return ctx.unknown_term(terms[0], Field::Credit,
                              "its entry expired, and was collected already or not yet");
    }
    if (answer == hashlimit::Answer::Full) return hotdrop(ctx, *this, 0, Field::Rate);
    const bool below = answer == hashlimit::Answer::Below;
    return ctx.answer(terms[0], config.rate_match ? Field::Rate : Field::Credit,
                      below != config.above, [&] { return Value::dec(seen); });
  }

  void print(OptionPrinter& out) const override {
    const std::string_view rate = config.above ? "--hashlimit-above" : "--hashlimit-upto";
    std::uint32_t usual_expire = 1000;
    if (config.bytes) {
      out.option(rate, byte_rate_text(config.avg));
      if (config.burst != 0) {
        out.option("--hashlimit-burst",
                   byte_burst_text(config.burst * hashlimit::cost_to_bytes(config.avg)));
      }
      usual_expire = config.burst != 0 ? kByteExpireBurst : kByteExpire;
    } else {
      if (config.rate_match) {
        out.option(rate, std::to_string(hashlimit::kScale / config.avg) + "/sec");
      } else {
        out.option(rate, packet_rate_text(config.avg, hashlimit::kScale));
        usual_expire = packet_rate_unit(config.avg, hashlimit::kScale) * 1000;
      }
      out.option("--hashlimit-burst", std::to_string(config.burst));
    }
    std::string modes;
    for (const ModeWord& mode : kModes) {
      if (config.*mode.member) modes += (modes.empty() ? "" : ",") + std::string(mode.word);
    }
    if (!modes.empty()) out.option("--hashlimit-mode", modes);
    out.option("--hashlimit-name", name);
    print_number(out, "--hashlimit-htable-size", config.size, 0);
    print_number(out, "--hashlimit-htable-max", config.max, 0);
    print_number(out, "--hashlimit-htable-gcinterval", config.gc_interval, 1000);
    print_number(out, "--hashlimit-htable-expire", config.expire, usual_expire);
    print_number(out, "--hashlimit-srcmask", config.src_length, whole_length);
    print_number(out, "--hashlimit-dstmask", config.dst_length, whole_length);
    if (config.rate_match) {
      out.option("--hashlimit-rate-match");
      print_number(out, "--hashlimit-rate-interval", config.interval, 1);
    }
  }

  std::uint32_t whole_length = 32;

 private:
  static IpAddr masked(const IpAddr& addr, std::uint8_t length) {
    return addr & IpAddr::mask(addr.family(), length);
  }
  static void print_number(OptionPrinter& out, std::string_view option, std::uint32_t value,
                           std::uint32_t usual) {
    if (value != usual) out.option(option, std::to_string(value));
  }
};

// "512kb/s": bytes a second; nothing when the text is no byte rate.
std::optional<std::uint64_t> read_byte_rate(std::string_view text) {
  const std::size_t unit = text.find("b/s");
  if (unit == std::string_view::npos || unit == 0) return std::nullopt;
  std::uint64_t value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9' || value > 0xffffffffffull) break;
    value = value * 10 + static_cast<std::uint64_t>(c - '0');
  }
  if (value == 0) return std::nullopt;
  const char factor = text[unit - 1];
  if (factor == 'k') value *= 1024;
  if (factor == 'm') value *= 1024 * 1024;
  return value;
}

// "20", "1mb"
std::optional<std::uint64_t> read_burst(std::string_view text) {
  std::size_t digits = 0;
  while (digits < text.size() && text[digits] >= '0' && text[digits] <= '9') ++digits;
  const std::optional<std::uint64_t> value = read_number(text.substr(0, digits), 0xffffffff);
  if (!value || *value == 0) return std::nullopt;
  const char factor = digits < text.size() ? text[digits] : '\0';
  return *value * (factor == 'k' ? 1024u : factor == 'm' ? 1024u * 1024 : 1u);
}

Status read_rate(const Options& in, const GivenOption& option, Config& config) {
  if (const std::optional<std::uint64_t> bytes = read_byte_rate(option.arg())) {
    config.bytes = true;
    config.avg = hashlimit::bytes_to_cost(*bytes);
    config.burst = 0;
    config.expire = kByteExpire;
    return Ok{};
  }
  const std::optional<PacketRate> rate = read_packet_rate(option.arg(), hashlimit::kScale);
  if (!rate) {
    return in.error(option, "\"" + option.arg() + "\" is no rate",
                    "for example 3/min or 512kb/s; at most 1000000 packets a second");
  }
  config.avg = rate->avg;
  config.expire = rate->unit * 1000;
  if (!config.rate_match) return Ok{};
  config.avg = hashlimit::kScale / rate->packets;
  config.interval = rate->unit;
  return Ok{};
}

Status read_burst_option(const Options& in, Config& config) {
  const GivenOption* const option = in.find("--hashlimit-burst");
  if (option == nullptr) return Ok{};
  const std::optional<std::uint64_t> burst = read_burst(option->arg());
  constexpr std::uint64_t kMost = 1'000'000;
  if (!burst || (!config.bytes && *burst > kMost)) {
    return in.error(*option, "bad value \"" + option->arg() + "\" for --hashlimit-burst",
                    "1 to 1000000 packets, or bytes like 1mb for a rate in bytes");
  }
  if (!config.bytes) {
    config.burst = *burst;
    return Ok{};
  }
  const std::uint64_t unit = hashlimit::cost_to_bytes(config.avg);
  if (unit == 0 || *burst < unit) {
    return in.error(*option, "a burst cannot be smaller than " + std::to_string(unit) + " bytes");
  }
  config.burst = (*burst + unit - 1) / unit;
  config.expire = kByteExpireBurst;
  return Ok{};
}

Status read_mode(const Options& in, Config& config) {
  const GivenOption* const option = in.find("--hashlimit-mode");
  if (option == nullptr) return Ok{};
  std::string_view rest = option->arg();
  while (!rest.empty()) {
    const std::size_t comma = rest.find(',');
    const std::string_view word = rest.substr(0, comma);
    bool known = false;
    for (const ModeWord& mode : kModes) {
      if (mode.word != word) continue;
      config.*mode.member = true;
      known = true;
    }
    if (!known) {
      return in.error(*option, "bad value \"" + option->arg() + "\" for --hashlimit-mode",
                      "a comma list of srcip, srcport, dstip, dstport");
    }
    rest = comma == std::string_view::npos ? std::string_view{} : rest.substr(comma + 1);
  }
  return Ok{};
}

Status read_numbers(const Options& in, Config& config) {
  struct Number {
    std::string_view option;
    std::uint32_t Config::*member;
  };
  constexpr Number kNumbers[] = {{"--hashlimit-htable-size", &Config::size},
                                 {"--hashlimit-htable-max", &Config::max},
                                 {"--hashlimit-htable-gcinterval", &Config::gc_interval},
                                 {"--hashlimit-htable-expire", &Config::expire}};
  for (const Number& number : kNumbers) {
    const GivenOption* const option = in.find(number.option);
    if (option == nullptr) continue;
    const Result<std::uint32_t> value = number_value(in, *option, 0, 0xffffffff);
    if (!value) return value.error();
    config.*number.member = *value;
  }
  const std::uint32_t whole = address_bits(in.context().family);
  config.src_length = config.dst_length = static_cast<std::uint8_t>(whole);
  for (const bool src : {true, false}) {
    const GivenOption* const option = in.find(src ? "--hashlimit-srcmask" : "--hashlimit-dstmask");
    if (option == nullptr) continue;
    const Result<std::uint32_t> value = number_value(in, *option, 0, whole);
    if (!value) return value.error();
    (src ? config.src_length : config.dst_length) = static_cast<std::uint8_t>(*value);
  }
  if (const GivenOption* const option = in.find("--hashlimit-rate-interval")) {
    const Result<std::uint32_t> value = number_value(in, *option, 1, 0xfffffffe);
    if (!value) return value.error();
    if (config.rate_match) config.interval = *value;
  }
  return Ok{};
}

Result<MatchPtr> parse(Options& in) {
  auto match = std::make_unique<HashlimitMatch>();
  Config& config = match->config;
  const Status one = exactly_one(in, {"--hashlimit-upto", "--hashlimit-above"});
  if (!one) return one.error();
  const GivenOption* const upto = in.find("--hashlimit-upto");
  const GivenOption* const given = upto != nullptr ? upto : in.find("--hashlimit-above");
  config.above = (upto == nullptr) != given->negated;
  config.burst = kDefaultBurst;
  config.rate_match = in.has("--hashlimit-rate-match");
  const Result<const GivenOption*> name = required(in, "--hashlimit-name");
  if (!name) return name.error();
  match->name = (*name)->arg();
  if (match->name.empty() || match->name.find('/') != std::string::npos) {
    return in.error(**name, "\"" + match->name + "\" cannot be the name of a table");
  }
  if (const Status s = read_rate(in, *given, config); !s) return s.error();
  if (const Status s = read_burst_option(in, config); !s) return s.error();
  if (const Status s = read_mode(in, config); !s) return s.error();
  if (const Status s = read_numbers(in, config); !s) return s.error();
  match->whole_length = address_bits(in.context().family);
  if (const char* const why = hashlimit::refused(config)) return in.error(*given, why);

  add_term(*match, given);
  for (const GivenOption& option : in.all()) {
    const bool tells = option.name() == "--hashlimit-burst" || option.name() == "--hashlimit-mode";
    if (tells) match->terms[0].wanted += " " + Options::term(option).text();
  }
  const bool v6 = in.context().family == Family::Ipv6;
  const std::string loaded_by(in.context().table);
  match->slot = in.context().shared_slot(
      (v6 ? "hashlimit6:" : "hashlimit:") + match->name,
      hashlimit::Table{.config = config, .loaded_by = loaded_by, .entries = {}});
  hashlimit::Table& table = in.context().host->initial->slots.get(match->slot);
  if (table.config.rate_match != config.rate_match) {
    table.unclear = "rules of one name differ in --hashlimit-rate-match, which Linux refuses";
  } else if (table.loaded_by != loaded_by && !hashlimit::same_table(table.config, config)) {
    table.unclear =
        "the table has the values of the rule that was loaded first, and rules of other tables "
        "have other values";
  }
  return MatchPtr(std::move(match));
}

using Args = OptionSpec::Args;
constexpr OptionSpec kOptions[] = {
    {.name = "--hashlimit-upto", .invertible = true, .alias = "--hashlimit"},
    {.name = "--hashlimit-above", .invertible = true},
    {.name = "--hashlimit-burst"},
    {.name = "--hashlimit-mode"},
    {.name = "--hashlimit-name"},
    {.name = "--hashlimit-srcmask"},
    {.name = "--hashlimit-dstmask"},
    {.name = "--hashlimit-htable-size"},
    {.name = "--hashlimit-htable-max"},
    {.name = "--hashlimit-htable-gcinterval"},
    {.name = "--hashlimit-htable-expire"},
    {.name = "--hashlimit-rate-match", .args = Args::None},
    {.name = "--hashlimit-rate-interval"}};

}  // namespace

extern const MatchDef match_hashlimit;
const MatchDef match_hashlimit{
    .name = "hashlimit",
    .options = kOptions,
    .syntax =
        "--hashlimit-upto|--hashlimit-above RATE --hashlimit-name NAME [--hashlimit-burst N] "
        "[--hashlimit-mode srcip,srcport,dstip,dstport] [--hashlimit-srcmask L] "
        "[--hashlimit-dstmask L] [--hashlimit-rate-match [--hashlimit-rate-interval S]] "
        "[--hashlimit-htable-size|-max|-gcinterval|-expire N]",
    .kernel_ref = "net/netfilter/xt_hashlimit.c:hashlimit_mt_common",
    .parse = parse};

}  // namespace pktwalk
