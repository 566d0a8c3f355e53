// SPDX-License-Identifier: MIT
// -m recent: lists of addresses that were seen lately, by name; rules put addresses in, ask for
// them and take them out.
//
// Kernel:  net/netfilter/xt_recent.c, recent_mt()
// Differs: recent-start (the lists are empty when the capture begins); tick-phase; first-rule (the
//          first rule of a list in the dump counts as loaded first; among several tables that is
//          not known)
#include <algorithm>

#include "model/netfilter/evaluation.h"
#include "model/netfilter/jiffies.h"
#include "model/netfilter/match.h"
#include "model/netfilter/option_values.h"

namespace pktwalk {
namespace {

constexpr std::size_t kMostEntries = 100;  // module parameter ip_list_tot

// struct recent_entry
struct Entry {
  IpAddr addr;
  std::uint8_t ttl = 0;
  std::uint16_t index = 0;            // where the next stamp goes
  std::vector<std::uint64_t> stamps;  // jiffies, a ring once it is full
  std::uint64_t used = 0;             // place in the order of use
  bool operator==(const Entry&) const = default;
};

// struct recent_table. Entries stand in the order of addition: the first that fits is found.
struct Table {
  IpAddr mask;                     // of the first rule with this name
  std::uint32_t stamps_mask = 31;  // stamps per entry, less one
  std::uint64_t uses = 0;
  std::string loaded_by;       // the iptables table of that rule
  bool several_masks = false;  // rules of other tables have other masks
  std::vector<Entry> entries;
  bool operator==(const Table&) const = default;

  Entry* find(const IpAddr& addr, std::uint8_t ttl) {
    for (Entry& e : entries) {
      if (e.addr == addr && (ttl == e.ttl || ttl == 0 || e.ttl == 0)) return &e;
    }
    return nullptr;
  }
  std::vector<Entry>::iterator oldest() {
    return std::min_element(entries.begin(), entries.end(),
                            [](const Entry& a, const Entry& b) { return a.used < b.used; });
  }
  void remove(const Entry* e) { entries.erase(entries.begin() + (e - entries.data())); }
  void add(const IpAddr& addr, std::uint8_t ttl, std::uint64_t now) {
    if (entries.size() >= kMostEntries) entries.erase(oldest());
    entries.push_back({.addr = addr, .ttl = ttl, .index = 1, .stamps = {now}, .used = ++uses});
  }
  void update(Entry& e, std::uint64_t now) {
    e.index = static_cast<std::uint16_t>(e.index & stamps_mask);
    if (e.index == e.stamps.size()) {
      e.stamps.push_back(now);
    } else {
      e.stamps[e.index] = now;
    }
    ++e.index;
    e.used = ++uses;
  }
};

enum class Action : std::uint8_t { Set, Check, Update, Remove };
constexpr std::string_view kActions[] = {"--set", "--rcheck", "--update", "--remove"};

bool later(std::uint64_t a, std::uint64_t b) { return static_cast<std::int64_t>(b - a) < 0; }

struct RecentMatch final : Match {
  Action action = Action::Set;
  bool invert = false, by_ttl = false, reap = false, destination = false;
  std::uint32_t seconds = 0, hit_count = 0;
  std::string name = "DEFAULT";
  IpAddr mask;
  SlotRef<Table> slot;

  Outcome evaluate(MatchContext& ctx) const override {
    if (ctx.state.slots.get(slot).several_masks) {
      return ctx.unknown_term(terms[0], Field::RecentHits,
                              "the list has the mask of the rule that was loaded first, and rules "
                              "of other tables have another one");
    }
    if (!ctx.probe) return decide(ctx, ctx.state.slots.get(slot));
    Table copy = ctx.state.slots.get(slot);
    return decide(ctx, copy);
  }

  void print(OptionPrinter& out) const override {
    out.option(kActions[static_cast<std::size_t>(action)], {}, invert);
    if (seconds != 0) out.option("--seconds", std::to_string(seconds));
    if (reap) out.option("--reap");
    if (hit_count != 0) out.option("--hitcount", std::to_string(hit_count));
    if (by_ttl) out.option("--rttl");
    out.option("--name", name);
    out.option("--mask", to_string(mask));
    out.option(destination ? "--rdest" : "--rsource");
  }

 private:
  Outcome decide(MatchContext& ctx, Table& table) const {
    const std::uint64_t now = jiffies_at(ctx.now);
    const IpAddr addr = (destination ? destination_address(ctx) : source_address(ctx)) & table.mask;
    const std::uint8_t ttl = ttl_before_forwarding(ctx);
    Entry* entry = table.find(addr, by_ttl ? ttl : 0);
    std::uint32_t hits = 0;
    bool found = entry != nullptr;
    if (entry == nullptr) {
      found = action == Action::Set;
      if (found) table.add(addr, ttl, now);
    } else {
      if (action == Action::Check || action == Action::Update) {
        found = count(*entry, now, hits);
        // What is updated is not reaped; the oldest of the whole list is, when it is too old.
        const bool updates = action == Action::Update && found != invert;
        if (reap) entry = reap_oldest(table, entry, now, updates);
      }
      const bool update = action == Action::Set || (action == Action::Update && found != invert);
      if (update) {
        table.update(*entry, now);
        entry->ttl = ttl;
      } else if (action == Action::Remove) {
        table.remove(entry);
        entry = nullptr;
      }
    }
    return ctx.answer(terms[0], Field::RecentHits, found != invert, [&] {
      const bool counted = action == Action::Check || action == Action::Update;
      return counted && (found || hits != 0) ? Value::dec(hits) : Value::address(addr);
    });
  }

  // Stamps within the time; the answer is whether there are enough.
  bool count(const Entry& entry, std::uint64_t now, std::uint32_t& hits) const {
    for (const std::uint64_t stamp : entry.stamps) {
      if (seconds == 0 || !later(oldest_time(now), stamp)) ++hits;
    }
    return hits != 0 && hits >= hit_count;
  }
  std::uint64_t oldest_time(std::uint64_t now) const {
    return now - static_cast<std::uint32_t>(seconds * static_cast<std::uint32_t>(kHz));
  }

  Entry* reap_oldest(Table& table, Entry* entry, std::uint64_t now, bool updates) const {
    const auto oldest = table.oldest();
    if (&*oldest == entry && updates) return entry;
    if (!later(oldest_time(now), oldest->stamps[oldest->index - 1u])) return entry;
    const std::ptrdiff_t gone = oldest - table.entries.begin();
    const std::ptrdiff_t at = entry - table.entries.data();
    table.entries.erase(oldest);
    if (gone == at) return nullptr;
    return table.entries.data() + (gone < at ? at - 1 : at);
  }

  static std::uint8_t ttl_before_forwarding(const MatchContext& ctx) {
    const std::uint8_t ttl = ctx.ip()[ctx.skb.family == Family::Ipv6 ? 7 : 8];
    // What has no socket counts as forwarded: a reset of REJECT and a copy of TEE, too.
    const bool socket = ctx.skb.local && !ctx.skb.without_socket && ctx.skb.origin != Origin::Clone;
    return static_cast<std::uint8_t>(ttl + (ctx.out != nullptr && !socket ? 1 : 0));
  }
};

// The stamps that an entry must hold for this rule, less one.
std::uint32_t stamps_mask_for(std::uint32_t hit_count) {
  std::uint32_t size = 32;
  if (hit_count != 0) {
    size = 1;
    while (size < hit_count) size *= 2;
  }
  return size - 1;
}

std::optional<Error> check(const Options& in, const RecentMatch& match) {
  const bool asks = match.action == Action::Check || match.action == Action::Update;
  if (!asks && (match.seconds != 0 || match.hit_count != 0 || match.by_ttl || match.reap)) {
    return in.error("--seconds, --hitcount, --rttl and --reap go with --rcheck and --update only");
  }
  if (match.reap && match.seconds == 0) return in.error("--reap needs --seconds");
  if (match.name.empty() || match.name == "." || match.name == ".." ||
      match.name.find('/') != std::string::npos || match.name.size() > 199) {
    return in.error("\"" + match.name + "\" cannot be the name of a list");
  }
  return std::nullopt;
}

Result<MatchPtr> parse(Options& in) {
  auto match = std::make_unique<RecentMatch>();
  const Status one = exactly_one(in, {"--set", "--rcheck", "--update", "--remove"});
  if (!one) return one.error();
  for (std::size_t i = 0; i < std::size(kActions); ++i) {
    const GivenOption* const option = in.find(kActions[i]);
    if (option == nullptr) continue;
    match->action = static_cast<Action>(i);
    match->invert = option->negated;
    add_term(*match, option);
  }
  if (const GivenOption* const option = in.find("--seconds")) {
    const Result<std::uint32_t> seconds = number_value(in, *option, 1, 0xffffffff);
    if (!seconds) return seconds.error();
    match->seconds = *seconds;
  }
  if (const GivenOption* const option = in.find("--hitcount")) {
    const Result<std::uint32_t> hits = number_value(in, *option, 0, 65535);
    if (!hits) return hits.error();
    match->hit_count = *hits;
  }
  match->by_ttl = in.has("--rttl");
  match->reap = in.has("--reap");
  match->destination = in.has("--rdest");
  if (const GivenOption* const option = in.find("--name")) match->name = option->arg();
  const Family family = in.context().family;
  match->mask = IpAddr::mask(family, address_bits(family));
  if (const GivenOption* const option = in.find("--mask")) {
    const std::optional<IpAddr> mask = IpAddr::parse(option->arg());
    if (!mask || mask->family() != family) {
      return in.error(*option, "\"" + option->arg() + "\" is no network mask");
    }
    match->mask = *mask;
  }
  if (std::optional<Error> error = check(in, *match)) return *error;
  for (const GivenOption& option : in.all()) {
    Term& term = match->terms[0];
    if (option.name() == term.option) continue;
    term.wanted += (term.wanted.empty() ? "" : " ") + Options::term(option).text();
  }

  const std::uint32_t stamps = stamps_mask_for(match->hit_count);
  const std::string loaded_by(in.context().table);
  match->slot = in.context().shared_slot(
      "recent:" + match->name,
      Table{.mask = match->mask, .stamps_mask = stamps, .loaded_by = loaded_by, .entries = {}});
  Table& table = in.context().host->initial->slots.get(match->slot);
  table.stamps_mask = std::max(table.stamps_mask, stamps);
  if (table.mask != match->mask && table.loaded_by != loaded_by) table.several_masks = true;
  return MatchPtr(std::move(match));
}

using Args = OptionSpec::Args;
constexpr OptionSpec kOptions[] = {{.name = "--set", .args = Args::None, .invertible = true},
                                   {.name = "--rcheck", .args = Args::None, .invertible = true},
                                   {.name = "--update", .args = Args::None, .invertible = true},
                                   {.name = "--remove", .args = Args::None, .invertible = true},
                                   {.name = "--seconds"},
                                   {.name = "--reap", .args = Args::None},
                                   {.name = "--hitcount"},
                                   {.name = "--rttl", .args = Args::None},
                                   {.name = "--name"},
                                   {.name = "--mask"},
                                   {.name = "--rsource", .args = Args::None},
                                   {.name = "--rdest", .args = Args::None}};

}  // namespace

extern const MatchDef match_recent;
const MatchDef match_recent{
    .name = "recent",
    .options = kOptions,
    .syntax =
        "[!] --set|--rcheck|--update|--remove [--seconds S [--reap]] [--hitcount N] [--rttl] "
        "[--name NAME] [--mask M] [--rsource|--rdest]",
    .kernel_ref = "net/netfilter/xt_recent.c:recent_mt",
    .parse = parse};

}  // namespace pktwalk
