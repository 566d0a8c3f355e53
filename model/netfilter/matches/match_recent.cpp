// SPDX-License-Identifier: MIT
// -m recent: lists of addresses with the times they were seen last.
//
// Kernel: net/netfilter/xt_recent.c:recent_mt()
// Differs: recent-start (lists are empty when the capture begins; /proc/net/xt_recent is not read),
// recent-size (the
//          list keeps 100 addresses and 20 times each, unless --hitcount asks for more)
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "model/netfilter/evaluation.h"
#include "model/netfilter/match.h"
#include "model/netfilter/option_values.h"

namespace pktwalk {
namespace {

using Args = OptionSpec::Args;
constexpr OptionSpec kOptions[] = {{.name = "--set", .args = Args::None, .invertible = true},
                                   {.name = "--rcheck", .args = Args::None, .invertible = true},
                                   {.name = "--update", .args = Args::None, .invertible = true},
                                   {.name = "--remove", .args = Args::None, .invertible = true},
                                   {.name = "--seconds"},
                                   {.name = "--hitcount"},
                                   {.name = "--reap", .args = Args::None},
                                   {.name = "--rttl", .args = Args::None},
                                   {.name = "--name"},
                                   {.name = "--rsource", .args = Args::None},
                                   {.name = "--rdest", .args = Args::None},
                                   {.name = "--mask"}};

constexpr std::size_t kMaxAddresses = 100;  // ip_list_tot

struct Seen {
  std::uint8_t ttl = 0;
  std::vector<std::int64_t> stamps;  // ns, a ring: `index` is the next to be written
  std::size_t index = 0;
  std::uint64_t used = 0;  // order of last use
  bool operator==(const Seen&) const = default;
};

struct List {
  std::map<IpAddr, Seen> addresses;
  std::size_t stamps_max = 20;  // ip_pkt_list_tot, raised by --hitcount to a power of two minus one
  std::uint64_t clock = 0;
  bool operator==(const List&) const = default;
};

enum class Mode : std::uint8_t { Set, Check, Update, Remove };

struct RecentMatch final : Match {
  Mode mode = Mode::Check;
  std::string_view option;
  bool invert = false, reap = false, rttl = false, destination = false;
  std::uint32_t seconds = 0, hits = 0;
  std::string name = "DEFAULT";
  IpAddr mask;
  SlotRef<List> slot;

  // recent_entry_update()
  static void touch(List& list, Seen& seen, std::int64_t now) {
    seen.index %= list.stamps_max;
    if (seen.index >= seen.stamps.size()) seen.stamps.resize(seen.index + 1);
    seen.stamps[seen.index++] = now;
    seen.used = ++list.clock;
  }

  Outcome evaluate(MatchContext& ctx) const override {
    const IpAddr addr = (destination ? destination_address(ctx) : source_address(ctx)) & mask;
    std::uint8_t ttl = ctx.ip()[8];
    if (ctx.out != nullptr && !ctx.skb.local) ++ttl;  // TTL was lowered by forwarding already
    if (ctx.probe) {
      List copy = ctx.state.slots.get(slot);
      return decide(ctx, copy, addr, ttl);
    }
    return decide(ctx, ctx.state.slots.get(slot), addr, ttl);
  }

  Outcome decide(MatchContext& ctx, List& list, const IpAddr& addr, std::uint8_t ttl) const {
    const auto at = list.addresses.find(addr);
    const bool known = at != list.addresses.end() && (!rttl || at->second.ttl == ttl);
    bool hit = invert;
    std::uint32_t counted = 0;
    if (!known) {
      if (mode == Mode::Set) {
        add(list, addr, ttl, ctx.now.ns);
        hit = !hit;
      }
    } else if (mode == Mode::Set) {
      hit = !hit;
      touch(list, at->second, ctx.now.ns);
    } else if (mode == Mode::Remove) {
      list.addresses.erase(at);
      hit = !hit;
    } else {
      const std::int64_t since = ctx.now.ns - std::int64_t{seconds} * kNsPerSecond;
      for (const std::int64_t stamp : at->second.stamps) {
        if (seconds != 0 && since > stamp) continue;
        ++counted;
        if (hits == 0 || counted >= hits) {
          hit = !hit;
          break;
        }
      }
      if (mode == Mode::Update && hit != invert) touch(list, at->second, ctx.now.ns);
      if (reap && mode != Mode::Set) forget_old(list, since);
    }
    return ctx.answer(terms[0], Field::RecentHits, hit, [&] {
      if (!known) return Value::literal("not in the list");
      return seconds != 0 || hits != 0 ? Value::dec(counted) : Value::literal("in the list");
    });
  }

  void print(OptionPrinter& out) const override {
    out.option(option, {}, invert);
    if (seconds != 0) out.option("--seconds", fmt::format("{}", seconds));
    if (reap) out.option("--reap");
    if (hits != 0) out.option("--hitcount", fmt::format("{}", hits));
    if (rttl) out.option("--rttl");
    out.option("--name", name);
    out.option("--mask", to_string(mask));
    out.option(destination ? "--rdest" : "--rsource");
  }

 private:
  static void add(List& list, const IpAddr& addr, std::uint8_t ttl, std::int64_t now) {
    if (!list.addresses.contains(addr) && list.addresses.size() >= kMaxAddresses) {
      const auto oldest = std::min_element(
          list.addresses.begin(), list.addresses.end(),
          [](const auto& a, const auto& b) { return a.second.used < b.second.used; });
      list.addresses.erase(oldest);
    }
    Seen& seen = list.addresses[addr];
    seen = {.ttl = ttl, .stamps = {now}, .index = 1, .used = ++list.clock};
  }
  static void forget_old(List& list, std::int64_t since) {
    std::erase_if(list.addresses, [&](const auto& entry) {
      const Seen& seen = entry.second;
      return seen.stamps.empty() ||
             *std::max_element(seen.stamps.begin(), seen.stamps.end()) < since;
    });
  }
};

Result<MatchPtr> parse(Options& in) {
  auto match = std::make_unique<RecentMatch>();
  static constexpr std::pair<std::string_view, Mode> kModes[] = {{"--set", Mode::Set},
                                                                 {"--rcheck", Mode::Check},
                                                                 {"--update", Mode::Update},
                                                                 {"--remove", Mode::Remove}};
  if (const Status one = exactly_one(in, {"--set", "--rcheck", "--update", "--remove"}); !one)
    return one.error();
  for (const auto& [name, mode] : kModes) {
    if (const GivenOption* const o = in.find(name)) {
      match->mode = mode;
      match->option = name;
      match->invert = o->negated;
      add_term(*match, o);
    }
  }
  if (const GivenOption* const o = in.find("--seconds")) {
    const Result<std::uint32_t> n = number_value(in, *o, 1, 0xffffffff);
    if (!n) return n.error();
    match->seconds = *n;
  }
  if (const GivenOption* const o = in.find("--hitcount")) {
    const Result<std::uint32_t> n = number_value(in, *o, 1, 65535);
    if (!n) return n.error();
    match->hits = *n;
  }
  if (const GivenOption* const o = in.find("--name")) match->name = o->arg();
  match->reap = in.has("--reap");
  if (match->reap && match->seconds == 0) return in.error("--reap needs --seconds");
  match->rttl = in.has("--rttl");
  match->destination = in.has("--rdest");
  const Family family = in.context().family;
  match->mask = IpAddr::mask(family, address_bits(family));
  if (const GivenOption* const o = in.find("--mask")) {
    const std::optional<IpAddr> mask = IpAddr::parse(o->arg());
    if (!mask || mask->family() != family)
      return in.error(*o, "\"" + o->arg() + "\" is no address mask");
    match->mask = *mask;
  }
  std::string what(match->option);
  if (match->seconds != 0) what = fmt::format("--seconds {}", match->seconds);
  if (match->hits != 0) what += fmt::format(" --hitcount {}", match->hits);
  if (what != match->option) match->terms[0].wanted = what;
  match->slot = in.context().shared_slot("recent:" + match->name, List{});
  std::size_t stamps = 20;
  while (stamps < match->hits) stamps = stamps * 2 + 1;
  List& list = in.context().host->initial->slots.get(match->slot);
  list.stamps_max = std::max(list.stamps_max, stamps);
  return MatchPtr(std::move(match));
}

}  // namespace

extern const MatchDef match_recent;
const MatchDef match_recent{
    .name = "recent",
    .options = kOptions,
    .syntax =
        "[!] --set|--rcheck|--update|--remove [--seconds n] [--hitcount n] [--rttl] [--name list]",
    .kernel_ref = "net/netfilter/xt_recent.c:recent_mt",
    .parse = parse};

}  // namespace pktwalk
