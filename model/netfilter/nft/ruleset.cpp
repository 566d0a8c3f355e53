// SPDX-License-Identifier: MIT
#include "model/netfilter/nft/ruleset.h"

#include <algorithm>

#include "model/netfilter/nft/set.h"

namespace pktwalk::nft {

const char* to_string(TableFamily family) {
  switch (family) {
    case TableFamily::Inet:
      return "inet";
    case TableFamily::Ip:
      return "ip";
    case TableFamily::Arp:
      return "arp";
    case TableFamily::Netdev:
      return "netdev";
    case TableFamily::Bridge:
      return "bridge";
    case TableFamily::Ip6:
      return "ip6";
  }
  return "?";
}

Table::Table() = default;
Table::~Table() = default;
Ruleset::Ruleset() = default;
Ruleset::~Ruleset() = default;

Chain* Table::chain(std::string_view wanted) const {
  const auto found = chains_by_name.find(wanted);
  return found == chains_by_name.end() ? nullptr : found->second;
}

Set* Table::set(std::string_view wanted) const {
  const auto found = sets_by_name.find(wanted);
  return found == sets_by_name.end() ? nullptr : found->second;
}

Object* Table::object(std::string_view kind, std::string_view wanted) const {
  for (const std::unique_ptr<Object>& o : objects) {
    if (o->kind == kind && o->name == wanted) return o.get();
  }
  return nullptr;
}

bool has_arp_chains(const Ruleset& ruleset) {
  for (const std::unique_ptr<Table>& table : ruleset.tables) {
    if (table->family != TableFamily::Arp || table->dormant) continue;
    for (const std::unique_ptr<Chain>& chain : table->chains) {
      if (chain->base) return true;
    }
  }
  return false;
}

Table* Ruleset::table(TableFamily family, std::string_view name) const {
  for (const std::unique_ptr<Table>& t : tables) {
    if (t->family == family && t->name == name) return t.get();
  }
  return nullptr;
}

}  // namespace pktwalk::nft
