// SPDX-License-Identifier: MIT
// -p sctp: ports and chunks of an SCTP packet.
//
// --chunk-types any: one of these chunks is there; all: each of them is; only: no other one is. A
// packet whose chunks do not fill it exactly is dropped at once when chunks are asked for.
//
// Kernel:  net/netfilter/xt_sctp.c, match_packet(), sctp_mt()
// Differs: nothing known
#include <algorithm>
#include <bitset>
#include <cctype>

#include "model/core/bytes.h"
#include "model/netfilter/evaluation.h"
#include "model/netfilter/option_values.h"
#include "model/packet/headers.h"

namespace pktwalk {
namespace {

using Args = OptionSpec::Args;
constexpr OptionSpec kOptions[] = {
    {.name = "--sport", .invertible = true, .alias = "--source-port"},
    {.name = "--dport", .invertible = true, .alias = "--destination-port"},
    {.name = "--chunk-types", .args = Args::Two, .invertible = true},
};
constexpr std::size_t kCommonHeader = 12, kChunkHeader = 4;

// A chunk type and the letters of its flags, from bit 7 to bit 0.
struct ChunkName {
  std::string_view name;
  std::uint8_t type;
  std::string_view flags = "--------";
};
constexpr ChunkName kChunks[] = {
    {"DATA", 0, "----IUBE"},
    {"INIT", 1},
    {"INIT_ACK", 2},
    {"SACK", 3},
    {"HEARTBEAT", 4},
    {"HEARTBEAT_ACK", 5},
    {"ABORT", 6, "-------T"},
    {"SHUTDOWN", 7},
    {"SHUTDOWN_ACK", 8},
    {"ERROR", 9},
    {"COOKIE_ECHO", 10},
    {"COOKIE_ACK", 11},
    {"ECN_ECNE", 12},
    {"ECN_CWR", 13},
    {"SHUTDOWN_COMPLETE", 14, "-------T"},
    {"I_DATA", 64, "----IUBE"},
    {"ASCONF_ACK", 128},
    {"RE_CONFIG", 130},
    {"PAD", 132},
    {"FORWARD_TSN", 192},
    {"ASCONF", 193},
    {"I_FORWARD_TSN", 194},
};

struct ChunkFlags {
  std::uint8_t type = 0, mask = 0, value = 0;
};

struct SctpMatch final : Match {
  enum class Need : std::uint8_t { Any, All, Only };
  PortOption sport, dport;
  Need need = Need::Any;
  std::bitset<256> chunks;
  std::vector<ChunkFlags> flags;  // at most one a type, in the order given
  bool chunks_invert = false;
  std::int8_t chunks_term = kNoTerm;

  bool flags_fit(std::uint8_t type, std::uint8_t seen) const {
    for (const ChunkFlags& flag : flags) {
      if (flag.type == type) return (seen & flag.mask) == flag.value;
    }
    return true;
  }
  Outcome evaluate(MatchContext& ctx) const override;
  Outcome match_chunks(MatchContext& ctx, Evaluation& tried) const;
  void print(OptionPrinter& out) const override;
};

Outcome SctpMatch::evaluate(MatchContext& ctx) const {
  const TransportHeader header = transport_header(ctx, *this, kCommonHeader, Field::SctpChunk);
  if (!header) return header.answer;
  const std::uint16_t from = load_be16(header.bytes);
  const std::uint16_t to = load_be16(header.bytes + 2);
  Evaluation tried(ctx, *this);
  if (!tried.term(sport.term, Field::L4Sport, sport.hit(from), [&] { return Value::dec(from); }) ||
      !tried.term(dport.term, Field::L4Dport, dport.hit(to), [&] { return Value::dec(to); })) {
    return Outcome::NoMatch;
  }
  return chunks_term == kNoTerm ? tried.outcome() : match_chunks(ctx, tried);
}

Outcome SctpMatch::match_chunks(MatchContext& ctx, Evaluation& tried) const {
  const auto index = static_cast<std::size_t>(chunks_term);
  const std::size_t end = ctx.skb.network + ctx.skb.len();
  std::bitset<256> missing = chunks;  // for All: what has not been seen yet
  std::size_t offset = ctx.transport + kCommonHeader;
  std::uint8_t type = 0;
  bool decided = false, hit = false;
  do {
    const TransportHeader chunk =
        packet_bytes(ctx, *this, index, Field::SctpChunk, offset, kChunkHeader);
    if (!chunk) return chunk.answer;
    const std::size_t length = load_be16(chunk.bytes + 2);
    if (length == 0) return hotdrop(ctx, *this, index, Field::SctpChunk);
    type = chunk.bytes[0];
    offset += (length + 3) & ~std::size_t{3};
    const bool fits = chunks[type] && flags_fit(type, chunk.bytes[1]);
    if (need == Need::Any && fits) decided = hit = true;
    if (need == Need::All && fits) missing.reset(type);
    if (need == Need::Only && !fits) decided = true;
  } while (!decided && offset < end);
  if (!decided) hit = need == Need::Only || (need == Need::All && missing.none());
  if (!tried.term(chunks_term, Field::SctpChunk, hit != chunks_invert,
                  [type] { return Value::dec(type); })) {
    return Outcome::NoMatch;
  }
  return tried.outcome();
}

std::string flags_text(const ChunkName& chunk, const ChunkFlags& flag) {
  std::string text;
  for (unsigned i = 0; i < 8; ++i) {
    const auto bit = static_cast<std::uint8_t>(0x80u >> i);
    if ((flag.mask & bit) == 0) continue;
    const char letter = chunk.flags[i];
    text += (flag.value & bit) != 0
                ? letter
                : static_cast<char>(std::tolower(static_cast<unsigned char>(letter)));
  }
  return text.empty() ? text : ':' + text;
}

void SctpMatch::print(OptionPrinter& out) const {
  if (sport.term != kNoTerm) print_port_option(out, "--sport", sport);
  if (dport.term != kNoTerm) print_port_option(out, "--dport", dport);
  if (chunks_term == kNoTerm) return;
  std::string text = need == Need::Any ? "any" : need == Need::All ? "all" : "only";
  if (chunks.all() || chunks.none()) {
    out.option("--chunk-types", text + (chunks.all() ? " ALL" : " NONE"), chunks_invert);
    return;
  }
  char separator = ' ';
  for (const ChunkName& chunk : kChunks) {
    if (!chunks[chunk.type]) continue;
    text += separator;
    text += chunk.name;
    separator = ',';
    for (const ChunkFlags& flag : flags) {
      if (flag.type == chunk.type) text += flags_text(chunk, flag);
    }
  }
  out.option("--chunk-types", text, chunks_invert);
}

// "IUb" for a chunk with the letters "----IUBE": I and U must be set, B must not.
bool read_flags(const ChunkName& chunk, std::string_view letters, SctpMatch& match) {
  if (letters.empty()) return true;
  auto known = std::find_if(match.flags.begin(), match.flags.end(),
                            [&](const ChunkFlags& flag) { return flag.type == chunk.type; });
  if (known == match.flags.end()) {
    known = match.flags.insert(match.flags.end(), ChunkFlags{.type = chunk.type});
  }
  for (const char letter : letters) {
    const auto up = static_cast<char>(std::toupper(static_cast<unsigned char>(letter)));
    const std::size_t place = chunk.flags.find(up);
    if (place == std::string_view::npos || up == '-') return false;
    const auto bit = static_cast<std::uint8_t>(0x80u >> place);
    known->mask |= bit;
    if (letter == up) known->value |= bit;
  }
  return true;
}

Status read_chunks(const Options& in, const GivenOption& option, SctpMatch& match) {
  const std::string& need = option.args[0];
  if (same_word(need, "all")) {
    match.need = SctpMatch::Need::All;
  } else if (same_word(need, "only")) {
    match.need = SctpMatch::Need::Only;
  } else if (!same_word(need, "any")) {
    return in.error(option, "--chunk-types wants any, all or only first, not \"" + need + "\"");
  }
  std::string_view text = option.args[1];
  if (same_word(text, "NONE")) return Ok{};
  if (same_word(text, "ALL")) {
    match.chunks.set();
    return Ok{};
  }
  while (!text.empty()) {
    const std::size_t comma = text.find(',');
    const std::string_view part = text.substr(0, comma);
    const std::size_t colon = part.find(':');
    const std::string_view name = part.substr(0, colon);
    const auto* const chunk = std::find_if(std::begin(kChunks), std::end(kChunks),
                                           [&](const auto& c) { return same_word(c.name, name); });
    if (chunk == std::end(kChunks)) {
      return in.error(option, "unknown SCTP chunk \"" + std::string(name) + "\"");
    }
    match.chunks.set(chunk->type);
    if (colon != std::string_view::npos && !read_flags(*chunk, part.substr(colon + 1), match)) {
      return in.error(option, "unknown flag in \"" + std::string(part) + "\"",
                      "the flags are I U B E for DATA, and T for ABORT and SHUTDOWN_COMPLETE");
    }
    text.remove_prefix(comma == std::string_view::npos ? text.size() : comma + 1);
  }
  return Ok{};
}

Result<MatchPtr> parse(Options& in) {
  if (const Status ok = needs_protocol(in, kProtoSctp); !ok) return ok.error();
  auto match = std::make_unique<SctpMatch>();
  if (const Status ok = read_port_option(in, "--sport", true, *match, match->sport); !ok) {
    return ok.error();
  }
  if (const Status ok = read_port_option(in, "--dport", true, *match, match->dport); !ok) {
    return ok.error();
  }
  if (const GivenOption* const option = in.find("--chunk-types")) {
    if (const Status ok = read_chunks(in, *option, *match); !ok) return ok.error();
    match->chunks_invert = option->negated;
    match->chunks_term = add_term(*match, option);
  }
  add_name_term(*match, "sctp");
  return MatchPtr(std::move(match));
}

}  // namespace

extern const MatchDef match_sctp;
const MatchDef match_sctp{.name = "sctp",
                          .options = kOptions,
                          .syntax =
                              "[!] --sport PORT[:PORT], [!] --dport PORT[:PORT], "
                              "[!] --chunk-types all|any|only CHUNK[:FLAGS][,...]",
                          .kernel_ref = "net/netfilter/xt_sctp.c:sctp_mt",
                          .parse = parse,
                          .protocol = kProtoSctp};

}  // namespace pktwalk
