// SPDX-License-Identifier: MIT
// Fragments are kept until the whole packet is there. Conntrack, when it is in use, reassembles
// before the raw table sees the packet; otherwise only packets for this host are reassembled,
// before INPUT.
//
// Kernel: net/ipv4/ip_fragment.c:ip_frag_queue(), ip_frag_reasm();
// net/ipv4/inet_fragment.c:inet_frag_queue_insert();
//         net/ipv4/netfilter/nf_defrag_ipv4.c
// Differs: nothing known
#include "model/path/defrag.h"

#include <algorithm>

#include "model/conntrack/conntrack.h"
#include "model/packet/headers.h"
#include "model/packet/mangle.h"

namespace pktwalk {
namespace {

constexpr std::int64_t kFragTime = 30 * kNsPerSecond;  // net.ipv4.ipfrag_time

// Kernel: ip_frag_ecn_table: what the ECN bits of the whole come to; 0xff: an impossible mix,
// dropped.
std::uint8_t ecn_of(std::uint8_t seen) {
  constexpr std::uint8_t kNotEct = 1, kCe = 8;
  if ((seen & kNotEct) != 0) return seen == kNotEct ? 0 : 0xff;
  return (seen & kCe) != 0 ? 3 : 0;
}

enum class Placed { Kept, Duplicate, Overlap };

struct Piece {
  std::uint32_t offset = 0;
  std::uint32_t end = 0;
  bool last = false;
};

Placed insert(FragQueue& queue, const Skb& skb, const Piece& piece) {
  const auto at =
      std::find_if(queue.fragments.begin(), queue.fragments.end(),
                   [&](const Fragment& f) { return f.offset + f.length > piece.offset; });
  if (at != queue.fragments.end() && at->offset < piece.end) {
    // Something of it is there already. Wholly inside one that came: a duplicate, else the queue is
    // spoilt.
    const bool inside = piece.offset >= at->offset && piece.end <= at->offset + at->length;
    return inside ? Placed::Duplicate : Placed::Overlap;
  }
  Fragment fragment{.offset = piece.offset,
                    .length = piece.end - piece.offset,
                    .packet = {skb.l3().begin(), skb.l3().end()},
                    .missing = static_cast<std::uint32_t>(skb.missing)};
  queue.fragments.insert(at, std::move(fragment));
  return Placed::Kept;
}

bool complete(const FragQueue& queue) {
  if (queue.total == 0 || queue.fragments.empty() || queue.fragments.front().offset != 0)
    return false;
  std::uint32_t have = 0;
  for (const Fragment& f : queue.fragments) have += f.length;
  return have == queue.total;
}

// Builds the whole packet into `skb`, which is the fragment that came last.
Next reassemble(Walk& walk, Skb& skb, FragQueue queue, bool by_conntrack) {
  const Fragment& first = queue.fragments.front();
  const std::size_t header_length = Ipv4View(first.packet.data()).header_length();
  const std::uint8_t ecn = ecn_of(queue.ecn);
  if (ecn == 0xff) {
    static constexpr const char* kWhy =
        "the fragments' ECN bits contradict each other: all are freed without a word";
    if (walk.recorder() != nullptr) walk.recorder()->step(NoteStep{kWhy});
    return walk.absorb(kWhy);
  }
  if (header_length + queue.total > 65535)
    return walk.drop(DropReason::NOT_SPECIFIED, "reassembled packet is too long");

  std::vector<std::uint8_t> data(skb.data.begin(),
                                 skb.data.begin() + static_cast<std::ptrdiff_t>(skb.network));
  data.insert(data.end(), first.packet.begin(),
              first.packet.begin() + static_cast<std::ptrdiff_t>(header_length));
  std::size_t missing = 0;
  std::vector<std::uint32_t> sizes;
  for (const Fragment& f : queue.fragments) {
    sizes.push_back(f.length);
    const std::size_t own_header = Ipv4View(f.packet.data()).header_length();
    const std::size_t captured = std::min<std::size_t>(f.packet.size() - own_header, f.length);
    if (missing != 0) {
      missing += f.length;  // after a gap of the capture nothing can be placed
      continue;
    }
    data.insert(data.end(), f.packet.begin() + static_cast<std::ptrdiff_t>(own_header),
                f.packet.begin() + static_cast<std::ptrdiff_t>(own_header + captured));
    missing = f.length - captured;
  }
  skb.data = std::move(data);
  skb.missing = missing;
  std::uint8_t* const ip = skb.l3().data();
  store_be16(ip + 2, static_cast<std::uint16_t>(header_length + queue.total));
  const bool keep_df = queue.max_df_size == queue.max_size;
  store_be16(ip + 6, keep_df ? 0x4000 : 0);
  ip[1] = static_cast<std::uint8_t>(ip[1] | ecn);
  fill_ip_checksum(skb);
  skb.frag_pmtu = keep_df;
  skb.frag_max_size = std::max(queue.max_df_size, queue.max_size);
  skb.frag_list = std::move(sizes);
  skb.ignore_df = by_conntrack;
  if (walk.recorder() != nullptr) {
    walk.recorder()->step(
        CheckStep{
            Check::FragmentQueue, true, Value::dec(queue.fragments.size()), {}, IfIndex::None},
        &skb);
  }
  return Next::Continue;
}

}  // namespace

Next defrag(Walk& walk, Skb& skb, DefragUser user, std::uint16_t zone) {
  LocalState& local = walk.state().local;
  const Ipv4View ip(skb.l3().data());
  const std::uint32_t who = static_cast<std::uint32_t>(user) | std::uint32_t{zone} << 8;
  const FragKey key{ip.saddr(), ip.daddr(), ip.id(), ip.protocol(), who};
  Recorder* const recorder = walk.recorder();

  auto at = local.fragments.find(key);
  if (at == local.fragments.end()) {
    at = local.fragments.emplace(key, FragQueue{.expires = walk.now() + kFragTime, .iif = skb.dev})
             .first;
    local.schedule(at->second.expires);
  }
  FragQueue& queue = at->second;

  const auto spoilt = [&](DropReason reason, const char* why) {
    if (recorder != nullptr)
      recorder->step(CheckStep{Check::FragmentValid,
                               false,
                               Value::frag(ip.fragment_offset(), ip.more_fragments()),
                               {},
                               skb.dev});
    local.fragments.erase(at);
    return walk.drop(reason, why);
  };
  Piece piece{.offset = ip.fragment_offset(), .last = !ip.more_fragments()};
  piece.end = piece.offset + static_cast<std::uint32_t>(skb.len() - ip.header_length());
  if (piece.last) {
    std::uint32_t seen = 0;
    for (const Fragment& f : queue.fragments) seen = std::max(seen, f.offset + f.length);
    if (piece.end < seen || (queue.total != 0 && piece.end != queue.total)) {
      return spoilt(DropReason::NOT_SPECIFIED, "the last fragment ends before an earlier one");
    }
    queue.total = piece.end;
  } else {
    piece.end &= ~7u;  // all but the last come in multiples of eight
    if (queue.total != 0 && piece.end > queue.total) {
      return spoilt(DropReason::NOT_SPECIFIED, "a fragment goes beyond the last one");
    }
  }
  if (piece.end == piece.offset) return spoilt(DropReason::NOT_SPECIFIED, "an empty fragment");

  switch (insert(queue, skb, piece)) {
    case Placed::Kept:
      break;
    case Placed::Duplicate:
      return walk.drop(DropReason::DUP_FRAG, "this fragment was here before");
    case Placed::Overlap:
      return spoilt(DropReason::NOT_SPECIFIED, "fragments overlap: all of them are dropped");
  }
  queue.ecn = static_cast<std::uint8_t>(queue.ecn | 1u << (ip.tos() & 3));
  const std::uint32_t size = piece.end - piece.offset + ip.header_length();
  queue.max_size = std::max(queue.max_size, size);
  if (ip.dont_fragment()) queue.max_df_size = std::max(queue.max_df_size, size);
  if (!complete(queue)) {
    if (recorder != nullptr) {
      recorder->step(CheckStep{
          Check::FragmentQueue, false, Value::dec(queue.fragments.size()), {}, IfIndex::None});
    }
    return walk.absorb("waits for the other fragments");
  }
  FragQueue whole = std::move(queue);
  local.fragments.erase(at);
  return reassemble(walk, skb, std::move(whole), user != DefragUser::LocalDeliver);
}

Verdict defrag_hook(HookContext& ctx) {
  const Ipv4View ip(ctx.skb.l3().data());
  if (ctx.skb.ct != CtId::None || ctx.skb.ctinfo == CtInfo::Untracked || !ip.is_fragment())
    return Verdict::Accept;
  const DefragUser user =
      ctx.hook == Hook::Prerouting ? DefragUser::ConntrackIn : DefragUser::ConntrackOut;
  const std::uint16_t zone = ctx.skb.ct_template ? ctx.skb.ct_template_zone : std::uint16_t{0};
  return defrag(ctx.walk, ctx.skb, user, zone) == Next::Continue ? Verdict::Accept
                                                                 : Verdict::Stolen;
}

}  // namespace pktwalk
