// SPDX-License-Identifier: MIT
// Rulesets as iptables-save prints them.
//
// Kernel: none; the text is that of iptables-legacy-save 1.8.9.
// Differs: chains stand in the order of the dump, not in that of libiptc; rules that could not be
// read are printed as they were written.
#include <fmt/format.h>

#include <iterator>

#include "model/netfilter/extension.h"
#include "model/netfilter/xtables/table.h"

namespace pktwalk::xt {
namespace {

using Buffer = fmt::memory_buffer;

template <typename... Args>
void put(Buffer& out, fmt::format_string<Args...> format, Args&&... args) {
  fmt::format_to(std::back_inserter(out), format, std::forward<Args>(args)...);
}

const char* mark(bool invert) { return invert ? " !" : ""; }

void print_address(Buffer& out, char letter, const AddrMask& net, bool any, bool invert) {
  // -s 0.0.0.0/0 says nothing; IPv4 tools print it when the address has bits, which a mask of zero
  // removes.
  if (!any) put(out, "{} -{} {}", mark(invert), letter, to_string(net));
}

void print_interface(Buffer& out, char letter, const IfaceMatch& iface) {
  if (iface.any()) return;  // "+" alone is not printed, "! +" is
  put(out, "{} -{} {}{}", mark(iface.invert), letter, iface.name, iface.prefix ? "+" : "");
}

void print_basic(Buffer& out, const BasicMatch& basic) {
  if (basic.src_term >= 0) print_address(out, 's', basic.src, basic.src_any, basic.src_invert);
  if (basic.dst_term >= 0) print_address(out, 'd', basic.dst, basic.dst_any, basic.dst_invert);
  print_interface(out, 'i', basic.in);
  print_interface(out, 'o', basic.out);
  if (basic.protocol != 0) {
    put(out, "{} -p {}", mark(basic.protocol_invert), protocol_name(basic.protocol));
  }
  if (basic.fragment) put(out, "{} -f", mark(basic.fragment_invert));
}

void print_target_part(Buffer& out, const Rule& rule) {
  if (rule.action.empty()) return;
  if (rule.target != nullptr) {
    put(out, " {}", print_target(*rule.target_def, *rule.target));
    return;
  }
  put(out, " -{} {}", rule.verdict == Verdict::Goto ? 'g' : 'j', rule.action);
  if (!rule.target_raw.empty()) put(out, " {}", rule.target_raw);
}

void print_rule_to(Buffer& out, const Chain& chain, const Rule& rule) {
  if (rule.unreadable) {
    put(out, "{}", rule.text);
    return;
  }
  put(out, "-A {}", chain.name);
  print_basic(out, rule.basic);
  for (const Rule::NamedMatch& match : rule.matches) {
    if (match.match != nullptr) {
      put(out, " {}", print_match(*match.def, *match.match));
      continue;
    }
    put(out, " -m {}", match.name);
    if (!match.raw.empty()) put(out, " {}", match.raw);
  }
  print_target_part(out, rule);
}

Counter counter_of(const std::vector<Counter>* counters, std::uint32_t index) {
  return counters != nullptr && index < counters->size() ? (*counters)[index] : Counter{};
}

void print_table(Buffer& out, const Table& table, const std::vector<Counter>* counters) {
  put(out, "*{}\n", table.name);
  for (const std::unique_ptr<Chain>& chain : table.chains) {
    const Counter count = chain->base ? counter_of(counters, chain->policy_counter) : Counter{};
    const char* const policy = !chain->base                     ? "-"
                               : chain->policy == Verdict::Drop ? "DROP"
                                                                : "ACCEPT";
    put(out, ":{} {} [{}:{}]\n", chain->name, policy, count.packets, count.bytes);
  }
  for (const std::unique_ptr<Chain>& chain : table.chains) {
    for (const Rule& rule : chain->rules) {
      if (counters != nullptr) {
        const Counter count = counter_of(counters, rule.counter);
        put(out, "[{}:{}] ", count.packets, count.bytes);
      }
      print_rule_to(out, *chain, rule);
      put(out, "\n");
    }
  }
  put(out, "COMMIT\n");
}

}  // namespace

std::string print_rule(const Chain& chain, const Rule& rule) {
  Buffer out;
  print_rule_to(out, chain, rule);
  return fmt::to_string(out);
}

std::string print_ruleset(const Ruleset& ruleset, const std::vector<Counter>* counters) {
  Buffer out;
  for (const std::unique_ptr<Table>& table : ruleset.tables) print_table(out, *table, counters);
  return fmt::to_string(out);
}

}  // namespace pktwalk::xt
