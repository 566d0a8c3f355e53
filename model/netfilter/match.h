// SPDX-License-Identifier: MIT
// What a match extension (-m name) is. Each one is a file matches/match_X.cpp that defines `const
// MatchDef match_X`.
#pragma once

#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "model/core/registry.h"
#include "model/core/time.h"
#include "model/host/host.h"
#include "model/host/state.h"
#include "model/netfilter/options.h"
#include "model/packet/skb.h"
#include "model/trace/recorder.h"

namespace pktwalk {

// What a match looks at (struct xt_action_param). Everything but `state` is read only.
struct MatchContext {
  const Skb& skb;
  const Host& host;
  State& state;
  Time now;
  Hook hook = Hook::Prerouting;
  const Link* in = nullptr;  // null: the hook has no input device
  const Link* out = nullptr;
  std::uint8_t protocol = 0;      // of the IP header
  std::uint16_t frag_offset = 0;  // in bytes; not 0: no transport header here
  std::size_t transport = 0;      // offset of the transport header in skb.data (network + ihl*4)
  Recorder* recorder = nullptr;
  // Explanation of a rule that already failed: look at every term, change nothing in `state`. A
  // match that would consume something (limit, recent, nth, quota) only says what it would have
  // answered.
  bool probe = false;
  const char* unknown = nullptr;  // set by unknown(): why

  // Reports one term and answers whether evaluation goes on: the kernel stops at the first term
  // that fails, a probe looks at them all. `seen` makes the Value and is called only when a
  // recorder listens.
  //   if (!ctx.term(terms[0], Field::TcpDport, hit, [&] { return Value::dec(port); })) return
  //   Outcome::NoMatch;
  template <typename Seen>
  bool term(const Term& t, Field field, bool hit, Seen&& seen) {
    if (recorder != nullptr) [[unlikely]] {
      recorder->term({&t, field, seen(), hit ? Outcome::Match : Outcome::NoMatch, probe});
      return hit || probe;
    }
    return hit;
  }
  // A whole match with one term.
  template <typename Seen>
  Outcome answer(const Term& t, Field field, bool hit, Seen&& seen) {
    return term(t, field, hit, seen) && hit ? Outcome::Match : Outcome::NoMatch;
  }
  // The term cannot be decided: `why` is static text ("bytes beyond the captured length"). Always
  // `return ctx.unknown(...)`.
  Outcome unknown_term(const Term& t, Field field, const char* why) {
    if (recorder != nullptr) recorder->term({&t, field, Value::none(), Outcome::Unknown, probe});
    unknown = why;
    return Outcome::Unknown;
  }

  // `length` bytes of the packet from `offset` of skb.data on; null when they lie beyond the
  // packet. `cut` (may be null) is set when the bytes were on the wire but not captured: answer
  // unknown then.
  const std::uint8_t* bytes(std::size_t offset, std::size_t length, bool* cut = nullptr) const {
    if (offset + length <= skb.data.size()) return skb.data.data() + offset;
    if (cut != nullptr) *cut = offset + length <= skb.data.size() + skb.missing;
    return nullptr;
  }
  const std::uint8_t* ip() const { return skb.data.data() + skb.network; }
};

class Match {
 public:
  virtual ~Match() = default;

  // Decides, and reports every term it looked at. Hotdrop: the packet is dropped at once, as
  // xt_action_param.hotdrop. In a probe, evaluation goes on after a failed term; the answer then is
  // the first failure's.
  virtual Outcome evaluate(MatchContext& ctx) const = 0;

  // The options as iptables-save prints them, after "-m name".
  virtual void print(OptionPrinter& out) const = 0;

  // Terms in the order the kernel tests them, in the user's words.
  std::vector<Term> terms;
};

using MatchPtr = std::unique_ptr<Match>;

struct MatchDef {
  std::string_view name;  // "mark"
  std::span<const OptionSpec> options;
  std::string_view syntax;      // one line for the help pane
  std::string_view kernel_ref;  // "net/netfilter/xt_mark.c:mark_mt"
  Result<MatchPtr> (*parse)(Options& options) = nullptr;
  std::uint8_t protocol = 0;       // implied by -p this (tcp, udp, icmp ...), 0: by -m only
  Family family = Family::Unspec;  // Unspec: both
  bool needs_conntrack = false;    // makes the kernel register conntrack (and defragmentation)
  std::string_view print_name =
      {};  // when iptables-save writes another name than `name` ("" : the same)
};

template <>
std::span<const MatchDef* const> registered<MatchDef>();

}  // namespace pktwalk
