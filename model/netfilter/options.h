// SPDX-License-Identifier: MIT
// The options of a match or target as the iptables-save parser hands them over, and readers for
// their values.
//
// A MatchDef/TargetDef declares its options; the rule parser splits the line, attaches negation
// (written before or, in old files, after the option), checks the number of arguments, and calls
// parse() with what belongs to it.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "model/core/addr.h"
#include "model/core/hook.h"
#include "model/core/result.h"
#include "model/host/host.h"
#include "model/host/slots.h"
#include "model/host/state.h"
#include "model/netfilter/term.h"

namespace pktwalk {

struct OptionSpec {
  enum class Args : std::uint8_t { None, One, Two, Optional };  // Optional: one that may be missing
  std::string_view name;                                        // "--dport"
  Args args = Args::One;
  bool invertible = false;
  std::string_view alias = {};  // "--destination-port"
  std::string_view alias2 = {};
  bool repeatable = false;  // may be given more than once (u32 no; set yes)
};

// One option as written.
struct GivenOption {
  const OptionSpec* spec = nullptr;
  bool negated = false;
  std::vector<std::string> args;  // quotes and escapes resolved
  std::uint32_t column = 0;       // from 1
  std::string_view name() const { return spec->name; }
  const std::string& arg() const { return args.front(); }
};

// What the parse functions need to know and may change.
class ParseContext {
 public:
  Family family = Family::Ipv4;
  std::string_view table;  // "filter"
  std::string_view chain;
  HookMask hooks =
      0;  // base chains this rule may be reached from; known for rules of base chains only, else 0
  std::uint8_t protocol = 0;  // -p of the rule, 0 any
  bool protocol_negated = false;
  SourceLine at;
  std::string_view match_name;  // the extension that is being parsed: "set"

  Host* host = nullptr;  // diagnostics, ipsets, initial state

  // Set by a parse function whose extension is modelled, but not what this rule asks of it: what
  // that is ("CT --timeout"). Its evaluate() or act() then answers Unknown.
  std::string unmodelled;

  // A warning at the rule's line.
  void warn(std::uint32_t column, std::string what, std::string hint = {});

  // A slot of its own, or, with a key, one shared by all that ask for the same key
  // ("recent:DEFAULT"). The first asker's initial value counts.
  template <typename T>
  SlotRef<T> slot(T initial) {
    return initial_state().slots.add(std::move(initial));
  }
  template <typename T>
  SlotRef<T> shared_slot(const std::string& key, T initial) {
    if (const std::optional<std::uint32_t> found = find_shared(key)) return {*found};
    const SlotRef<T> made = initial_state().slots.add(std::move(initial));
    remember_shared(key, made.index);
    return made;
  }
  // The ipset's index in Host::ipsets (State::ipsets has its elements at the same index); nothing
  // when no dump has it.
  std::optional<std::uint32_t> ipset(std::string_view name) const;

  std::vector<std::pair<std::string, std::uint32_t>>* shared = nullptr;  // owned by the loader

 private:
  State& initial_state();
  std::optional<std::uint32_t> find_shared(const std::string& key) const;
  void remember_shared(const std::string& key, std::uint32_t index);
};

// The given options of one match or target.
class Options {
 public:
  Options(std::vector<GivenOption> given, ParseContext& context)
      : given_(std::move(given)), context_(context) {}

  std::span<const GivenOption> all() const { return given_; }
  const GivenOption* find(std::string_view name) const;  // by canonical name; null when not given
  bool has(std::string_view name) const { return find(name) != nullptr; }
  ParseContext& context() const { return context_; }

  // An error at this option: `what` names the value seen and what was expected.
  Error error(const GivenOption& option, std::string what, std::string hint = {}) const;
  // An error about the extension as a whole ("-m mark needs --mark").
  Error error(std::string what, std::string hint = {}) const;

  // The option as a term for explanations.
  static Term term(const GivenOption& option);

 private:
  std::vector<GivenOption> given_;
  ParseContext& context_;
};

// Readers of option values. They accept what iptables accepts: decimal, 0x hex and leading-zero
// octal numbers, names from the usual tables.
std::optional<std::uint64_t> read_number(std::string_view text, std::uint64_t max);
struct NumberRange {
  std::uint32_t low = 0;
  std::uint32_t high = 0;
};
// "5", "5:10", ":10", "5:" ; `separator` ':' or '-'.
std::optional<NumberRange> read_range(std::string_view text, char separator, std::uint32_t max);
// Port number or service name ("http").
std::optional<std::uint16_t> read_port(std::string_view text);
// "80", "80:90", ":90", "80:", service names.
std::optional<NumberRange> read_port_range(std::string_view text);
// "0x1/0xff", "1"; the mask is all ones when not given.
struct MaskedValue {
  std::uint32_t value = 0;
  std::uint32_t mask = 0xffffffff;
  bool operator==(const MaskedValue&) const = default;
};
std::optional<MaskedValue> read_masked(std::string_view text);
// "tcp", "6", "all" (0), names of /etc/protocols that iptables prints.
std::optional<std::uint8_t> read_protocol(std::string_view text);
// "tcp" for 6 when iptables-save writes it by name, else the number.
std::string protocol_name(std::uint8_t protocol);
// "10.0.0.0/8", "10.0.0.0/255.0.255.0", "10.0.0.1"
struct AddrMask {
  IpAddr addr;
  IpAddr mask;
  bool matches(const IpAddr& a) const { return (a & mask) == addr; }
  bool operator==(const AddrMask&) const = default;
};
std::optional<AddrMask> read_addr_mask(std::string_view text, Family family);
std::string to_string(const AddrMask& net);  // "10.0.0.0/8", as iptables-save prints it

// Builds the canonical text of a match or target, as iptables-save prints it: options separated by
// one blank.
class OptionPrinter {
 public:
  // " ! --name value"; no value: the option alone. The value is quoted when iptables-save would
  // quote it and `quote`.
  void option(std::string_view name, std::string_view value = {}, bool negated = false);
  void quoted(std::string_view name, std::string_view value,
              bool negated = false);  // always decides on quoting
  void raw(std::string_view text);    // as it is, one blank before it
  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

}  // namespace pktwalk
