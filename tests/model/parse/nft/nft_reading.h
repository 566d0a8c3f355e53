// SPDX-License-Identifier: MIT
// What the tests of the nft readers share: a text in, the printed ruleset and the messages out.
#pragma once

#include <fmt/format.h>

#include <string>
#include <vector>

#include "model/netfilter/nft/ast_print.h"
#include "model/parse/nft/read.h"

namespace pktwalk::nft {

struct Reading {
  Host host;
  ast::Ruleset ruleset;

  std::string printed() const { return print(ruleset); }
  // "2:5 error: what", one a line; without notes.
  std::string messages() const {
    std::string all;
    for (const Diagnostic& one : host.diagnostics) {
      if (one.severity == Severity::Note) continue;
      all += fmt::format("{}:{} {}: {}\n", one.at.line, one.column,
                         one.severity == Severity::Error ? "error" : "warning", one.what);
    }
    return all;
  }
};

inline Reading read_text(std::string text) {
  Reading reading;
  const std::uint32_t file = reading.host.sources.add("rules.nft", std::move(text));
  reading.ruleset = parse_text(reading.host, file);
  return reading;
}

inline Reading read_json(std::string text) {
  Reading reading;
  const std::uint32_t file = reading.host.sources.add("rules.json", std::move(text));
  reading.ruleset = from_json(reading.host, file);
  return reading;
}

// The rules of one chain of a table of family inet.
inline Reading read_rules(const std::string& rules) {
  return read_text("table inet t {\n\tchain c {\n" + rules + "\n\t}\n}\n");
}

// What a rule is printed as; the messages when there are any.
inline std::string printed_rule(const std::string& rule) {
  const Reading reading = read_rules(rule);
  if (!reading.messages().empty()) return reading.messages();
  const std::vector<ast::Rule>& rules = reading.ruleset.tables.at(0).chains.at(0).rules;
  std::string text;
  for (const ast::Rule& one : rules) text += (text.empty() ? "" : "\n") + print(one);
  return text;
}

}  // namespace pktwalk::nft
