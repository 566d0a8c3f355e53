// SPDX-License-Identifier: MIT
// Builds tables from the lines of a dump and puts them into the host.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "model/host/host.h"
#include "model/netfilter/extension.h"
#include "model/netfilter/xtables/table.h"

namespace pktwalk::xt {

// What all tables of one file share: where messages go and the state of matches that share it.
struct LoadContext {
  Host& host;
  std::uint32_t file = 0;
  std::vector<std::pair<std::string, std::uint32_t>> shared_slots;

  void report(Severity severity, std::uint32_t line, std::uint32_t column, std::string what,
              std::string hint = {});
  void report(const Error& error, std::uint32_t line);
  // A new counter in the host's initial state.
  std::uint32_t add_counter(Counter value);
};

// One table while its lines are read. Every line gives the table its effect or a diagnostic.
class TableBuilder {
 public:
  TableBuilder(LoadContext& load, std::string name, Family family, std::uint32_t line);

  // ":FORWARD DROP [1:2]"
  void chain_line(std::uint32_t line, std::string_view text);
  // "-A ...", also -I -N -P -F -X -D -R -Z; `counter` stood before it. `program_words` words at the
  // line's beginning are not part of the command ("iptables", "[1:2]").
  void command(std::uint32_t line, std::string_view text, const std::vector<Word>& words,
               std::size_t program_words, std::optional<Counter> counter);

  const std::string& name() const { return table_->name; }
  Family family() const { return table_->family; }
  // Resolves jumps and gives the table away.
  std::unique_ptr<Table> finish();

 private:
  Chain& chain(std::string_view name, std::uint32_t line, bool declared, std::uint32_t column = 0);
  Chain* find(std::string_view name);
  void set_policy(Chain& chain, std::string_view policy, std::uint32_t line, std::uint32_t column);
  void add_rules(Chain& chain, std::size_t position, std::uint32_t line, std::string_view text,
                 const std::vector<Word>& words, std::size_t first, std::optional<Counter> counter);
  void insert(std::uint32_t line, std::string_view text, const std::vector<Word>& words,
              std::size_t at, std::optional<Counter> counter);
  void remove(std::uint32_t line, std::string_view text, const std::vector<Word>& words,
              std::size_t at);
  void drop_chain(std::string_view name);

  LoadContext& load_;
  std::unique_ptr<Table> table_;
  std::unordered_map<std::string, Chain*> by_name_;
};

// Points every jump at its chain; what cannot be resolved becomes unmodelled, and a jump that
// closes a loop an error. `jumps` to chains that do not exist are reported where `load` says.
void resolve_jumps(LoadContext& load, Table& table,
                   const std::unordered_map<std::string, Chain*>& by_name);

// Puts the table into host.iptables or host.ip6tables; one of the same name is replaced, with a
// warning.
void add_table(LoadContext& load, std::unique_ptr<Table> table);

// Reads a text of iptables-save, ip6tables-save or several of them.
void load_dump(Host& host, std::uint32_t file);

// Reads `iptables -S`, or commands "iptables -A ..." as they are typed or stand in a plain script.
void load_commands(Host& host, std::uint32_t file);
// How sure it is that the text is such: 0 no, to 100.
int score_commands(std::string_view text);

}  // namespace pktwalk::xt
