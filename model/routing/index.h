// SPDX-License-Identifier: MIT
// The routing tables as look-ups want them: made once when a host is loaded.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "model/host/host.h"

namespace pktwalk::fib {

// The routes of one table (or of local and main together) by prefix. Points into Host::routes.
class Trie {
 public:
  // All routes with one prefix, in the order in which the kernel tries them.
  struct Node {
    Prefix to;
    std::uint32_t parent = kNone;  // the next shorter prefix that contains this one
    std::uint32_t first = 0;       // into routes_
    std::uint32_t count = 0;
  };
  static constexpr std::uint32_t kNone = ~0u;

  explicit Trie(std::vector<const Route*> routes);

  // The longest prefix that contains the address; null: none. O(log n).
  const Node* longest(const IpAddr& addr) const;
  const Node* shorter(const Node& node) const {
    return node.parent == kNone ? nullptr : &nodes_[node.parent];
  }
  std::span<const Route* const> routes(const Node& node) const {
    return std::span(routes_).subspan(node.first, node.count);
  }
  std::size_t size() const { return routes_.size(); }

 private:
  std::vector<Node> nodes_;            // ascending address, shorter prefixes first
  std::vector<std::uint32_t> starts_;  // first word of each node's address: what is searched
  std::vector<const Route*> routes_;
};

class Index {
 public:
  explicit Index(const Host& host);

  // Null: the table has no routes. While no rule was ever added or deleted, local and main are one
  // table for the kernel, found under both numbers.
  const Trie* table(Family family, std::uint32_t id) const;
  // Rules of this family, ascending priority, and the table of each one.
  std::span<const FibRule* const> rules(Family family) const {
    return family == Family::Ipv4 ? std::span(rules4_) : std::span(rules6_);
  }
  // Some rule differs from the three that a kernel begins with.
  bool custom_rules(Family family) const { return family == Family::Ipv4 ? custom4_ : custom6_; }

 private:
  struct Entry {
    Family family;
    std::uint32_t id;
    std::shared_ptr<const Trie> trie;
  };
  std::vector<Entry> tables_;  // ascending family, id
  std::vector<const FibRule*> rules4_, rules6_;
  bool custom4_ = false, custom6_ = false;
};

}  // namespace pktwalk::fib
