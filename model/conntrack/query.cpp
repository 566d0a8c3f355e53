// SPDX-License-Identifier: MIT
// What matches and targets may ask about a packet's connection.
//
// Kernel: include/net/netfilter/nf_conntrack.h:nf_ct_get(), net/netfilter/xt_state.c:state_mt(),
//         net/netfilter/xt_conntrack.c:conntrack_mt(), net/netfilter/xt_CT.c:notrack_tg(),
//         net/netfilter/nf_conntrack_core.c:nf_conntrack_attach(),
//         nf_conntrack_proto.c:nf_ct_netns_get()
// Differs: nothing known
#include "model/conntrack/conntrack.h"
#include "model/netfilter/nft/ruleset.h"
#include "model/netfilter/xtables/table.h"

namespace pktwalk::ct {

const Entry* entry_of(const Skb& skb, const State& state) {
  return state.conntrack.valid(skb.ct) ? &state.conntrack.at(skb.ct) : nullptr;
}

Entry* entry_of(const Skb& skb, State& state) {
  return state.conntrack.valid(skb.ct) ? &state.conntrack.at(skb.ct) : nullptr;
}

std::uint32_t state_bits(const Skb& skb, const State& state) {
  const Entry* const entry = entry_of(skb, state);
  if (entry == nullptr) {
    if (skb.ctinfo == CtInfo::Untracked) return kCtStateUntracked;
    // CT has attached a template, and conntrack has not looked yet: the kernel calls that NEW.
    return skb.ct_template ? kCtStateNew : kCtStateInvalid;
  }
  std::uint32_t bits = 0;
  switch (skb.ctinfo) {
    case CtInfo::Established:
    case CtInfo::EstablishedReply:
      bits = kCtStateEstablished;
      break;
    case CtInfo::Related:
    case CtInfo::RelatedReply:
      bits = kCtStateRelated;
      break;
    case CtInfo::New:
      bits = kCtStateNew;
      break;
    case CtInfo::Untracked:
    case CtInfo::None:
      break;
  }
  if (entry->has(kSrcNat)) bits |= kCtStateSnat;
  if (entry->has(kDstNat)) bits |= kCtStateDnat;
  return bits;
}

void set_untracked(Skb& skb) {
  if (skb.ct != CtId::None || skb.ct_template) return;
  skb.ctinfo = CtInfo::Untracked;
}

void attach(const Skb& from, Skb& answer, const State& state) {
  if (!state.conntrack.valid(from.ct)) return;
  answer.ct = from.ct;
  answer.ctinfo = is_reply(from.ctinfo) ? CtInfo::Related : CtInfo::RelatedReply;
}

// A nat table alone tracks nothing: its targets do, and other rules that ask for a connection.
bool in_use(const Host& host) {
  return (host.iptables != nullptr && host.iptables->uses_conntrack) ||
         (host.nftables != nullptr && host.nftables->uses_conntrack);
}

const char* tcp_state_name(std::uint8_t state) {
  static constexpr const char* kNames[] = {"NONE",     "SYN_SENT",   "SYN_RECV", "ESTABLISHED",
                                           "FIN_WAIT", "CLOSE_WAIT", "LAST_ACK", "TIME_WAIT",
                                           "CLOSE",    "SYN_SENT2",  "IGNORE",   "INVALID"};
  return state < std::size(kNames) ? kNames[state] : "?";
}

const char* sctp_state_name(std::uint8_t state) {
  static constexpr const char* kNames[] = {
      "NONE",          "CLOSED",        "COOKIE_WAIT",       "COOKIE_ECHOED", "ESTABLISHED",
      "SHUTDOWN_SENT", "SHUTDOWN_RECD", "SHUTDOWN_ACK_SENT", "HEARTBEAT_SENT"};
  return state < std::size(kNames) ? kNames[state] : "?";
}

}  // namespace pktwalk::ct
