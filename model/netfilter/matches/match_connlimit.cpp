// SPDX-License-Identifier: MIT
// -m connlimit: how many connections does this address (or network) have?
//
// Every rule keeps lists of its own: a connection is counted when one of its first packets reaches
// the rule, before it is ASSURED, and forgotten when conntrack has it no more or its TCP connection
// is closed. A packet of an assured connection whose list is empty then is dropped.
//
// Kernel:  net/netfilter/xt_connlimit.c, connlimit_mt(); net/netfilter/nf_conncount.c,
// count_tree(),
//          __nf_conncount_add(), __nf_conncount_gc_list()
// Differs: limit-start (the lists are empty when the capture begins); tick-phase
#include <map>

#include "model/conntrack/conntrack.h"
#include "model/netfilter/evaluation.h"
#include "model/netfilter/jiffies.h"
#include "model/netfilter/match.h"
#include "model/netfilter/option_values.h"

namespace pktwalk {
namespace {

constexpr std::size_t kMostCollected = 64;  // CONNCOUNT_GC_MAX_COLLECT

struct Counted {
  ct::Tuple tuple;
  std::uint16_t zone = 0;
  bool operator==(const Counted&) const = default;
};

// struct nf_conncount_list
struct List {
  std::vector<Counted> connections;
  std::uint64_t last_check = 0;  // jiffies
  std::size_t last_count = 0;
  bool operator==(const List&) const = default;
};

using Key = std::pair<IpAddr, std::uint16_t>;  // masked address, zone

struct Lists {
  std::map<Key, List> by_key;
  bool operator==(const Lists&) const = default;
};

// What the packet's own connection is to the count.
struct Own {
  Counted counted;
  bool confirmed = false;
  bool assured = false;
};

class Counter {
 public:
  Counter(const MatchContext& ctx, const Own& own)
      : table_(ctx.state.conntrack), now_(ctx.now), tick_(jiffies_at(ctx.now)), own_(own) {}

  // count_tree(). Zero: the kernel drops the packet.
  std::size_t count(Lists& lists, const Key& key) {
    const auto found = lists.by_key.find(key);
    if (found == lists.by_key.end()) {
      lists.by_key[key] = {.connections = {own_.counted}, .last_check = tick_};
      return 1;
    }
    List& list = found->second;
    // Packets of a connection that is under way do not add it; the list is brought up to date.
    if (!own_.assured) {
      add(list);
    } else if (!list.connections.empty()) {
      collect(list);
    }
    return list.connections.size();
  }

 private:
  enum class Fate : std::uint8_t { Alive, Closed, Gone };

  Fate fate(const Counted& counted) const {
    const std::optional<ct::Found> found = table_.find(counted.tuple, counted.zone, now_);
    if (!found) return Fate::Gone;
    const ct::Entry& entry = table_.at(found->id);
    const bool closed = entry.tuple[0].proto == 6 &&
                        (entry.tcp.state == ct::kTcpTimeWait || entry.tcp.state == ct::kTcpClose);
    return closed ? Fate::Closed : Fate::Alive;
  }

  // __nf_conncount_add(): within one tick of the last look at the list, connections are added
  // without looking again.
  void add(List& list) {
    const bool look = own_.confirmed || tick_ != list.last_check ||
                      list.connections.size() - list.last_count >= kMostCollected;
    if (look) {
      std::size_t collected = 0;
      for (std::size_t i = 0; i < list.connections.size() && collected <= kMostCollected;) {
        const Fate f = fate(list.connections[i]);
        if (f != Fate::Gone && list.connections[i] == own_.counted) return;
        if (f == Fate::Alive) {
          ++i;
          continue;
        }
        list.connections.erase(list.connections.begin() + static_cast<std::ptrdiff_t>(i));
        ++collected;
      }
      list.last_check = tick_;
      list.last_count = list.connections.size();
    }
    list.connections.push_back(own_.counted);
  }

  // __nf_conncount_gc_list()
  void collect(List& list) const {
    if (tick_ == list.last_check) return;
    std::erase_if(list.connections, [&](const Counted& c) { return fate(c) != Fate::Alive; });
    list.last_check = tick_;
    list.last_count = list.connections.size();
  }

  const ct::Table& table_;
  Time now_;
  std::uint64_t tick_;
  const Own& own_;
};

struct ConnlimitMatch final : Match {
  std::uint32_t limit = 0;
  bool upto = false, destination = false;
  std::uint8_t length = 32;
  SlotRef<Lists> slot;

  Outcome evaluate(MatchContext& ctx) const override {
    Own own;
    if (const ct::Entry* const entry = ct::entry_of(ctx.skb, std::as_const(ctx.state))) {
      own = own_of(*entry);
    } else if (ct::tuple_of(ctx.ip(), ctx.skb.data.size() - ctx.skb.network, own.counted.tuple)) {
      own.counted.zone = ctx.skb.ct_template ? ctx.skb.ct_template_zone : std::uint16_t{0};
      if (const std::optional<ct::Found> found =
              ctx.state.conntrack.find(own.counted.tuple, own.counted.zone, ctx.now)) {
        own = own_of(ctx.state.conntrack.at(found->id));
      }
    } else if (ctx.skb.missing != 0) {
      return ctx.unknown_term(terms[0], Field::CtCount, kBeyondCapture);
    } else {
      return hotdrop(ctx, *this, 0, Field::CtCount);
    }
    const IpAddr addr = destination ? destination_address(ctx) : source_address(ctx);
    const Key key{addr & IpAddr::mask(addr.family(), length), own.counted.zone};
    std::size_t connections = 0;
    if (ctx.probe) {
      Lists copy = ctx.state.slots.get(slot);
      connections = Counter(ctx, own).count(copy, key);
    } else {
      connections = Counter(ctx, own).count(ctx.state.slots.get(slot), key);
    }
    if (connections == 0) return hotdrop(ctx, *this, 0, Field::CtCount);
    return ctx.answer(terms[0], Field::CtCount, (connections > limit) != upto,
                      [&] { return Value::dec(connections); });
  }

  static Own own_of(const ct::Entry& entry) {
    return {{entry.tuple[0], entry.zone_orig}, entry.has(ct::kConfirmed), entry.has(ct::kAssured)};
  }

  void print(OptionPrinter& out) const override {
    out.option(upto ? "--connlimit-upto" : "--connlimit-above", std::to_string(limit));
    out.option("--connlimit-mask", std::to_string(length));
    out.option(destination ? "--connlimit-daddr" : "--connlimit-saddr");
  }
};

Result<MatchPtr> parse(Options& in) {
  const Status one = exactly_one(in, {"--connlimit-upto", "--connlimit-above"});
  if (!one) return one.error();
  const Status side = at_most_one(in, {"--connlimit-saddr", "--connlimit-daddr"});
  if (!side) return side.error();
  auto match = std::make_unique<ConnlimitMatch>();
  const GivenOption* const upto = in.find("--connlimit-upto");
  const GivenOption* const given = upto != nullptr ? upto : in.find("--connlimit-above");
  const Result<std::uint32_t> limit = number_value(in, *given, 0, 0xffffffff);
  if (!limit) return limit.error();
  match->limit = *limit;
  match->upto = (upto != nullptr) != given->negated;
  match->destination = in.has("--connlimit-daddr");
  const Family family = in.context().family;
  match->length = static_cast<std::uint8_t>(address_bits(family));
  add_term(*match, given);
  if (const GivenOption* const option = in.find("--connlimit-mask")) {
    const std::optional<AddrMask> mask =
        read_addr_mask((family == Family::Ipv4 ? "0.0.0.0/" : "::/") + option->arg(), family);
    std::uint8_t length = 0;
    while (mask && length < match->length && IpAddr::mask(family, length) != mask->mask) ++length;
    if (!mask || IpAddr::mask(family, length) != mask->mask) {
      return in.error(*option, "\"" + option->arg() + "\" is no prefix length");
    }
    match->length = length;
    match->terms[0].wanted += " " + Options::term(*option).text();
  }
  match->slot = in.context().slot(Lists{});
  return MatchPtr(std::move(match));
}

using Args = OptionSpec::Args;
constexpr OptionSpec kOptions[] = {{.name = "--connlimit-upto", .invertible = true},
                                   {.name = "--connlimit-above", .invertible = true},
                                   {.name = "--connlimit-mask"},
                                   {.name = "--connlimit-saddr", .args = Args::None},
                                   {.name = "--connlimit-daddr", .args = Args::None}};

}  // namespace

extern const MatchDef match_connlimit;
const MatchDef match_connlimit{
    .name = "connlimit",
    .options = kOptions,
    .syntax =
        "--connlimit-upto N|--connlimit-above N [--connlimit-mask LENGTH] "
        "[--connlimit-saddr|--connlimit-daddr]",
    .kernel_ref = "net/netfilter/xt_connlimit.c:connlimit_mt",
    .parse = parse,
    .needs_conntrack = true};

}  // namespace pktwalk
