// SPDX-License-Identifier: MIT
// -j SET: puts the packet's address, port ... into an ipset, takes it out, or takes mark and
// priority from the element that it finds there.
//
// Kernel:  net/netfilter/xt_set.c, set_target_v3(); the sets: model/netfilter/ipset_change.cpp
// Differs: --map-queue chooses a transmit queue, which nothing else here depends on
#include "model/netfilter/ipset.h"
#include "model/netfilter/target.h"
#include "model/packet/mangle.h"
#include "model/path/walk.h"

namespace pktwalk {
namespace {

// "--add-set NAME src,dst"
struct SetUse {
  std::string name;
  std::optional<std::uint32_t> index;  // in Host::ipsets; nothing: not in the dump
  SetDirections directions;
  std::string missing;
  std::string text() const { return name + " " + to_string(directions); }
};

struct SetTarget final : Target {
  std::optional<SetUse> add, del, map;
  bool exist = false;
  std::optional<std::uint32_t> timeout;
  bool map_mark = false, map_priority = false, map_queue = false;

  Verdict act(TargetContext& ctx) const override {
    for (const std::optional<SetUse>* use : {&add, &del, &map}) {
      if (!*use || (*use)->index) continue;
      ctx.unknown = (*use)->missing.c_str();
      return Verdict::Unknown;
    }
    const Host& host = ctx.walk.host();
    if (add && add_to_set(ctx, *host.ipsets[*add->index], add->directions, timeout, exist) ==
                   Outcome::Unknown) {
      return Verdict::Unknown;
    }
    if (del &&
        delete_from_set(ctx, *host.ipsets[*del->index], del->directions) == Outcome::Unknown) {
      return Verdict::Unknown;
    }
    if (!map) return Verdict::Continue;
    SetSkbInfo info;
    const Outcome outcome = map_set(ctx, *host.ipsets[*map->index], map->directions, info);
    if (outcome == Outcome::Unknown) return Verdict::Unknown;
    if (outcome != Outcome::Match) return Verdict::Continue;
    if (map_mark) {
      set_mark(ctx.skb, (ctx.skb.mark & ~info.mask) ^ info.mark, ctx.walk.recorder());
    }
    if (map_priority) set_priority(ctx.skb, info.priority, ctx.walk.recorder());
    return Verdict::Continue;
  }

  void print(OptionPrinter& out) const override {
    if (add) {
      out.option("--add-set", add->text());
      if (exist) out.option("--exist");
      if (timeout) out.option("--timeout", std::to_string(*timeout));
    }
    if (del) out.option("--del-set", del->text());
    if (map) {
      out.option("--map-set", map->text());
      if (map_mark) out.option("--map-mark");
      if (map_priority) out.option("--map-prio");
      if (map_queue) out.option("--map-queue");
    }
  }
};

std::optional<Error> read_use(Options& options, std::string_view name, std::optional<SetUse>& use) {
  const GivenOption* given = options.find(name);
  if (given == nullptr) return std::nullopt;
  const std::optional<SetDirections> directions = read_set_directions(given->args[1]);
  if (!directions) {
    return options.error(*given,
                         "bad directions \"" + given->args[1] + "\" of " + std::string(name),
                         "a comma list of src and dst, at most six");
  }
  use = SetUse{.name = given->args[0],
               .index = options.context().ipset(given->args[0]),
               .directions = *directions,
               .missing = {}};
  if (!use->index) {
    use->missing = "set " + use->name + " is not in the dump";
    options.context().warn(given->column, "the set \"" + use->name + "\" is not in the dump",
                           "give the output of `ipset save` as well");
  }
  return std::nullopt;
}

Result<TargetPtr> parse(Options& options) {
  auto target = std::make_unique<SetTarget>();
  if (std::optional<Error> error = read_use(options, "--add-set", target->add)) return *error;
  if (std::optional<Error> error = read_use(options, "--del-set", target->del)) return *error;
  if (std::optional<Error> error = read_use(options, "--map-set", target->map)) return *error;
  if (!target->add && !target->del && !target->map) {
    return options.error("-j SET needs --add-set, --del-set or --map-set");
  }
  for (const std::string_view name : {"--exist", "--timeout"}) {
    if (const GivenOption* given = options.find(name); given != nullptr && !target->add) {
      return options.error(*given, std::string(name) + " goes with --add-set only");
    }
  }
  target->exist = options.has("--exist");
  if (const GivenOption* given = options.find("--timeout")) {
    const std::optional<std::uint64_t> seconds = read_number(given->arg(), 0xfffffffe);
    if (!seconds) {
      return options.error(*given, "bad value \"" + given->arg() + "\" for --timeout",
                           "seconds, 0 to 4294967294");
    }
    target->timeout = static_cast<std::uint32_t>(*seconds);
  }
  target->map_mark = options.has("--map-mark");
  target->map_priority = options.has("--map-prio");
  target->map_queue = options.has("--map-queue");
  const bool any = target->map_mark || target->map_priority || target->map_queue;
  if (target->map && !any) {
    return options.error("--map-set needs --map-mark, --map-prio or --map-queue");
  }
  if (any && !target->map) {
    return options.error("--map-mark, --map-prio and --map-queue go with --map-set only");
  }
  return TargetPtr(std::move(target));
}

using Args = OptionSpec::Args;
constexpr OptionSpec kOptions[] = {{.name = "--add-set", .args = Args::Two},
                                   {.name = "--del-set", .args = Args::Two},
                                   {.name = "--map-set", .args = Args::Two},
                                   {.name = "--exist", .args = Args::None},
                                   {.name = "--timeout"},
                                   {.name = "--map-mark", .args = Args::None},
                                   {.name = "--map-prio", .args = Args::None},
                                   {.name = "--map-queue", .args = Args::None}};

}  // namespace

extern const TargetDef target_SET;
const TargetDef target_SET{
    .name = "SET",
    .options = kOptions,
    .syntax =
        "--add-set NAME DIRS [--exist] [--timeout S] | --del-set NAME DIRS | --map-set NAME "
        "DIRS [--map-mark] [--map-prio] [--map-queue]",
    .kernel_ref = "net/netfilter/xt_set.c:set_target_v3",
    .parse = parse};

}  // namespace pktwalk
