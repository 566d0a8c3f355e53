// SPDX-License-Identifier: MIT
// The token buckets of -m hashlimit: one per address, port or combination of them.
//
// Kernel:  net/netfilter/xt_hashlimit.c, revision 3
#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "model/core/addr.h"
#include "model/core/time.h"

namespace pktwalk::hashlimit {

// What a rule says (struct hashlimit_cfg3). Rules with the same name share one table; the first
// rule's values are the table's, but for `above`, `bytes` and `rate_match`, which each rule has
// for itself.
struct Config {
  bool by_src = false, by_dst = false, by_sport = false, by_dport = false;  // --hashlimit-mode
  bool above = false;                                                       // XT_HASHLIMIT_INVERT
  bool bytes = false;                                                       // the rate is in bytes
  bool rate_match = false;  // --hashlimit-rate-match
  std::uint64_t avg = 0;    // packets: 1/1000000 s a packet; bytes: the share of 2^32 of 16 bytes
  std::uint64_t burst = 5;  // packets; bytes: how often the bucket is filled again
  std::uint32_t size = 0, max = 0, gc_interval = 1000, expire = 0;  // ms
  std::uint32_t interval = 1;                                       // s
  std::uint8_t src_length = 32, dst_length = 32;
  bool operator==(const Config&) const = default;
};

inline constexpr std::uint64_t kScale = 1'000'000;  // XT_HASHLIMIT_SCALE_v2

// bytes_to_cost(), cost_to_bytes() of libxt_hashlimit.
std::uint64_t bytes_to_cost(std::uint64_t bytes);
std::uint64_t cost_to_bytes(std::uint64_t cost);

// Whether two rules would make the same table.
bool same_table(const Config& a, const Config& b);

// Whether the kernel takes such a rule; the reason, static text, when not.
const char* refused(const Config& config);

struct Key {
  IpAddr src, dst;
  std::uint16_t sport = 0, dport = 0;
  auto operator<=>(const Key&) const = default;
};

// struct dsthash_ent
struct Bucket {
  std::uint64_t last = 0;  // jiffies
  std::uint64_t credit = 0, cap = 0, cost = 0;
  std::uint32_t interval = 0;
  bool over_before = false;                          // rate match: the last window was beyond it
  std::uint64_t current = 0, rate = 0, allowed = 0;  // rate match: of the window
  bool operator==(const Bucket&) const = default;
};

// Expired entries are collected by a timer whose phase no dump tells: an entry that is asked again
// soon after it expired may be the old one or a new one. It is both until that makes no difference.
struct Entry {
  std::uint64_t expires = 0;  // jiffies
  std::vector<Bucket> either;
  bool operator==(const Entry&) const = default;
};

struct Table {
  Config config;
  std::string loaded_by;          // the iptables table of the rule that made it
  const char* unclear = nullptr;  // why it is not known whose values it has; static text
  std::map<Key, Entry> entries;
  bool operator==(const Table&) const = default;
};

enum class Answer : std::uint8_t { Below, Over, Full, Unclear };
// Takes a packet of `length` bytes into account for a rule. `seen`: packets or bytes that are left,
// or, with rate match, that the window has. Full: the table takes no more keys, the packet is
// dropped. Unclear: see Entry.
Answer take(Table& table, const Config& rule, const Key& key, std::size_t length, Time now,
            std::uint64_t& seen);

}  // namespace pktwalk::hashlimit
