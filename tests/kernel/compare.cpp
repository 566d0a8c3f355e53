// SPDX-License-Identifier: MIT
#include "tests/kernel/compare.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>
#include <utility>

#include "tests/kernel/compare_nft.h"

namespace pktwalk::kernel_cases {
namespace {

using nlohmann::json;
using Bytes = std::vector<std::uint8_t>;
using Frame = std::pair<std::string, std::string>;  // device, bytes in hexadecimal

constexpr std::size_t kIp = 14;        // the IPv4 header begins behind the Ethernet header
constexpr std::size_t kShortest = 34;  // Ethernet and IPv4 without options
constexpr std::uint8_t kIcmp = 1;
constexpr std::uint8_t kTcp = 6;
constexpr std::uint8_t kIcmpRedirect = 5;
constexpr std::uint8_t kIcmpTimestampReply = 14;
constexpr std::uint8_t kTcpRst = 0x04;

Bytes from_hex(const std::string& hex) {
  Bytes bytes(hex.size() / 2);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    std::from_chars(&hex[2 * i], &hex[2 * i] + 2, bytes[i], 16);
  }
  return bytes;
}

std::string to_hex(const Bytes& bytes) { return fmt::format("{:02x}", fmt::join(bytes, "")); }

bool is_ethertype(const Bytes& frame, std::uint8_t high, std::uint8_t low) {
  return frame.size() >= kIp && frame[12] == high && frame[13] == low;
}

bool is_ipv4(const Bytes& frame) { return is_ethertype(frame, 0x08, 0x00); }
bool is_arp(const Bytes& frame) { return is_ethertype(frame, 0x08, 0x06); }

std::uint8_t protocol(const Bytes& frame) { return frame[kIp + 9]; }

// The router made this frame itself: it is not the injected packet sent on, which keeps protocol,
// IP id and length.
bool made_by_router(const Bytes& in, const Bytes& out) {
  if (in.size() < kShortest || out.size() < kShortest || !is_ipv4(out)) return false;
  const bool same = in[kIp + 9] == out[kIp + 9] && in[kIp + 4] == out[kIp + 4] &&
                    in[kIp + 5] == out[kIp + 5] && in.size() == out.size();
  return !same;
}

// The kernel limits redirects by the wall clock.
bool is_redirect(const Bytes& frame) {
  return frame.size() > kShortest && is_ipv4(frame) && protocol(frame) == kIcmp &&
         frame[kShortest] == kIcmpRedirect;
}

// A segment of a listening socket (a SYN/ACK, a challenge ACK): what applications answer is out of
// scope, and its sequence number is random.  A reset is the stack's own.
bool is_socket_segment(const Bytes& frame) {
  if (frame.size() < 48 || !is_ipv4(frame) || protocol(frame) != kTcp) return false;
  const std::size_t flags = kIp + std::size_t{4} * (frame[kIp] & 0x0fU) + 13;
  return flags < frame.size() && (frame[flags] & kTcpRst) == 0;
}

// The IP id, and with it the checksum, of a packet that the router made cannot be foretold, nor the
// clock in a timestamp reply.
void mask_what_is_random(Bytes& frame) {
  const auto clear = [&frame](std::size_t from, std::size_t count) {
    std::fill_n(frame.begin() + static_cast<std::ptrdiff_t>(from), count, std::uint8_t{0});
  };
  clear(kIp + 4, 2);
  clear(kIp + 10, 2);
  if (protocol(frame) == kIcmp && frame.size() >= 54 && frame[kShortest] == kIcmpTimestampReply) {
    clear(kShortest + 2, 2);
    clear(kShortest + 12, 8);
  }
}

// The frames of one packet that can be compared, masked and sorted.  `key` is the name of the
// bytes' field.
std::vector<Frame> comparable_frames(const Bytes& in, const json& frames, const char* key) {
  std::vector<Frame> result;
  for (const json& frame : frames) {
    Bytes bytes = from_hex(frame.value(key, ""));
    const bool own = made_by_router(in, bytes);
    if (is_arp(bytes) || (own && (is_redirect(bytes) || is_socket_segment(bytes)))) continue;
    if (own) mask_what_is_random(bytes);
    result.emplace_back(frame.value("dev", ""), to_hex(bytes));
  }
  std::sort(result.begin(), result.end());
  return result;
}

std::string in_words(const std::vector<Frame>& frames) {
  if (frames.empty()) return "nothing left";
  std::vector<std::string> words;
  for (const Frame& frame : frames) words.push_back(frame.first + " " + frame.second);
  return fmt::format("{}", fmt::join(words, ", "));
}

// The members of `left` that `right` lacks, both sorted.
template <typename Sorted>
std::vector<typename Sorted::value_type> only_in(const Sorted& left, const Sorted& right) {
  std::vector<typename Sorted::value_type> result;
  std::set_difference(left.begin(), left.end(), right.begin(), right.end(),
                      std::back_inserter(result));
  return result;
}

bool reason_agrees(const std::vector<std::string>& kernel, const json& model, bool frames_left) {
  if (kernel.empty()) return model.is_null();
  if (model.is_string()) {
    return std::find(kernel.begin(), kernel.end(), model.get<std::string>()) != kernel.end();
  }
  // A packet that was answered (a reset, an ICMP error) and then freed: the kernel records the
  // freeing as a drop.
  return frames_left && std::all_of(kernel.begin(), kernel.end(), [](const std::string& reason) {
           return reason == "NO_SOCKET" || reason == "NOT_SPECIFIED";
         });
}

void compare_packet(int number, const json& kernel, const json* model, Comparison& result) {
  const std::string note = kernel.value("note", "");
  if (model == nullptr) {
    result.found.push_back({number, "missing", "no line for this packet", "", note});
    return;
  }
  const Bytes in = from_hex(kernel.value("in", ""));
  const auto want = comparable_frames(in, kernel.value("out", json::array()), "hex");
  const auto got = comparable_frames(in, model->value("emitted", json::array()), "frame");
  if (want != got) {
    result.found.push_back(
        {number, "frames", in_words(only_in(got, want)), in_words(only_in(want, got)), note});
  }
  std::vector<std::string> reasons;
  for (const json& drop : kernel.value("drops", json::array())) {
    reasons.push_back(drop.value("reason", ""));
  }
  const json dropped = model->value("drop", json());
  const json reason = dropped.is_object() ? dropped.value("reason", json()) : json();
  if (!reason_agrees(reasons, reason, !want.empty())) {
    result.found.push_back(
        {number, "reason", reason.is_string() ? reason.get<std::string>() : "no drop",
         reasons.empty() ? "no drop" : fmt::format("{}", fmt::join(reasons, ", ")), note});
  }
  const std::vector<std::string> hit = hits_of_kernel(kernel.value("nft_trace", json::array()));
  const std::vector<std::string> said = hits_of_model(*model);
  if (!hit.empty() && hit != said) {
    result.found.push_back({number, "rules", fmt::format("{}", fmt::join(said, " | ")),
                            fmt::format("{}", fmt::join(hit, " | ")), note});
  }
  const std::string disposition = model->value("disposition", "");
  if (!kernel.value("delivered", json::array()).empty() && disposition != "delivered") {
    result.found.push_back({number, "delivered", disposition, "delivered", note});
  }
}

// The trace's lines by packet number.
std::map<int, json> lines_by_packet(const std::string& trace) {
  std::map<int, json> result;
  std::istringstream lines(trace);
  for (std::string line; std::getline(lines, line);) {
    json object = json::parse(line, nullptr, false);
    if (object.is_object() && object.contains("packet")) {
      const int number = object.value("packet", 0);
      result.emplace(number, std::move(object));
    }
  }
  return result;
}

// "table/CHAIN policy" or "table/CHAIN rule N" -> "packets:bytes".
using Counters = std::map<std::string, std::string>;

Counters counters_of_kernel(const json& tables) {
  const auto text = [](const json& pair) {
    return fmt::format("{}:{}", pair.at(0).get<std::uint64_t>(), pair.at(1).get<std::uint64_t>());
  };
  Counters result;
  for (const auto& [table, chains] : tables.items()) {
    for (const auto& [chain, counts] : chains.items()) {
      result[table + "/" + chain + " policy"] = text(counts.at("policy"));
      int number = 0;
      for (const json& rule : counts.at("rules")) {
        result[fmt::format("{}/{} rule {}", table, chain, ++number)] = text(rule);
      }
    }
  }
  return result;
}

// Reads iptables-save -c.  Several dumps may follow each other (ip6tables): the first of a table
// counts.
Counters counters_of_save(const std::string& save) {
  Counters result;
  std::set<std::string> seen;
  std::map<std::string, int> rules;
  std::string table;
  std::istringstream lines(save);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string first, second, third;
    words >> first >> second >> third;
    if (line.starts_with("*")) {
      table = seen.insert(first).second ? first.substr(1) : "";
    } else if (table.empty()) {
      continue;
    } else if (line.starts_with(":") && third.size() > 2) {
      result[table + "/" + first.substr(1) + " policy"] = third.substr(1, third.size() - 2);
    } else if (line.starts_with("[") && second == "-A") {
      result[fmt::format("{}/{} rule {}", table, third, ++rules[table + "/" + third])] =
          first.substr(1, first.size() - 2);
    }
  }
  return result;
}

// A line of `conntrack -L` as "protocol state tuples mark", without what time decides; empty if it
// is none.
std::string conntrack_entry(const std::string& line) {
  static constexpr std::array kProtocols{"tcp", "udp", "icmp", "gre", "unknown", "sctp"};
  static constexpr std::array kStates{"SYN_SENT",  "SYN_RECV",   "ESTABLISHED",
                                      "FIN_WAIT",  "CLOSE_WAIT", "LAST_ACK",
                                      "TIME_WAIT", "CLOSE",      "NONE"};
  static constexpr std::array kLeftOut{"use=", "secctx=", "zone=", "delta-time=", "[OFFLOAD]"};
  std::string proto, state, mark = "mark=0", tuples;
  std::istringstream words(line);
  for (std::string word; words >> word;) {
    const auto is = [&word](const char* known) { return word == known; };
    const auto begins = [&word](const char* known) { return word.starts_with(known); };
    if (proto.empty() && std::any_of(kProtocols.begin(), kProtocols.end(), is)) {
      proto = word;
    } else if (std::any_of(kStates.begin(), kStates.end(), is)) {
      state = word;
    } else if (word.starts_with("mark=")) {
      mark = word;
    } else if ((!tuples.empty() || word.starts_with("src=")) &&
               std::none_of(kLeftOut.begin(), kLeftOut.end(), begins)) {
      tuples += " " + word;
    }
  }
  if (proto.empty() || tuples.empty()) return "";
  return fmt::format("{} {}{} {}", proto, state, tuples, mark);
}

std::set<std::string> conntrack_table(const std::string& text) {
  std::set<std::string> result;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    std::string entry = conntrack_entry(line);
    if (!entry.empty()) result.insert(std::move(entry));
  }
  return result;
}

std::string counters_in_words(const std::vector<Counters::value_type>& counters) {
  std::vector<std::string> words;
  for (const auto& [place, value] : counters) words.push_back(place + " " + value);
  return words.empty() ? "nothing more" : fmt::format("{}", fmt::join(words, ", "));
}

void compare_end(const json& final, const Answer& answer, Comparison& result) {
  if (final.contains("iptables")) {
    const Counters kernel = counters_of_kernel(final.at("iptables"));
    const Counters model = counters_of_save(answer.counters);
    if (kernel != model) {
      result.found.push_back({0, "counters", counters_in_words(only_in(model, kernel)),
                              counters_in_words(only_in(kernel, model)), ""});
    }
  }
  if (const std::vector<std::string> nft = nft_counters(final.value("nft", "")); !nft.empty()) {
    const std::vector<std::string> said = nft_counters(answer.counters);
    if (nft != said) {
      result.found.push_back({0, "counters", fmt::format("{}", fmt::join(said, ", ")),
                              fmt::format("{}", fmt::join(nft, ", ")), ""});
    }
  }
  const auto kernel = conntrack_table(final.value("conntrack", ""));
  const auto model = conntrack_table(answer.conntrack);
  if (kernel != model) {
    const auto words = [](const std::vector<std::string>& entries) {
      return entries.empty() ? "nothing more" : fmt::format("{}", fmt::join(entries, " | "));
    };
    result.found.push_back(
        {0, "conntrack", words(only_in(model, kernel)), words(only_in(kernel, model)), ""});
  }
}

}  // namespace

Comparison compare(const std::string& expected, const Answer& answer) {
  Comparison result;
  const json kernel = json::parse(expected, nullptr, false);
  if (!kernel.is_object() || !kernel.contains("packets") || !kernel.contains("final")) {
    result.unreadable = "expected.json is not a record of a case: wanted packets and final";
    return result;
  }
  const std::map<int, json> model = lines_by_packet(answer.trace);
  for (const json& packet : kernel.at("packets")) {
    if (packet.value("skipped", false))
      continue;  // it could not be injected and is not in the capture
    const auto line = model.find(++result.packets);
    compare_packet(result.packets, packet, line == model.end() ? nullptr : &line->second, result);
  }
  compare_end(kernel.at("final"), answer, result);
  return result;
}

std::vector<ExpectedFailure> read_expected_failures(std::string_view text,
                                                    std::vector<std::string>& errors) {
  std::vector<ExpectedFailure> result;
  std::istringstream lines{std::string(text)};
  int number = 0;
  for (std::string line; std::getline(lines, line);) {
    ++number;
    std::istringstream words(line);
    ExpectedFailure failure{.line = number};
    if (!(words >> failure.kase) || failure.kase.starts_with("#")) continue;
    std::string more;
    if (!(words >> failure.packet >> failure.field >> failure.fidelity_id) || words >> more) {
      errors.push_back(fmt::format(
          "expected_failures.txt:{}: wanted \"case packet field fidelity-id\", found \"{}\"",
          number, line));
      continue;
    }
    result.push_back(std::move(failure));
  }
  return result;
}

}  // namespace pktwalk::kernel_cases
