// SPDX-License-Identifier: MIT
#include "model/netfilter/ipset_data.h"

#include <algorithm>

namespace pktwalk {
namespace {

// One round of a multiplicative hash: good enough for tables that grow by doubling.
constexpr std::uint64_t mix(std::uint64_t hash, std::uint64_t value) {
  hash = (hash ^ value) * 0x9e3779b97f4a7c15u;
  return hash ^ (hash >> 29);
}

std::uint64_t mix_addr(std::uint64_t hash, const IpAddr& addr) {
  hash = mix(hash, std::uint64_t{addr.word(0)} << 32 | addr.word(1));
  if (addr.is_v4()) return hash;
  return mix(hash, std::uint64_t{addr.word(2)} << 32 | addr.word(3));
}

}  // namespace

std::size_t IpSetKeyHash::operator()(const IpSetKey& key) const {
  std::uint64_t hash = mix_addr(0, key.addr);
  hash = mix(hash, std::uint64_t{key.prefix} << 56 | std::uint64_t{key.proto} << 48 |
                       std::uint64_t{key.port} << 32 | key.mark);
  hash = mix(hash, std::uint64_t{key.member} << 32 | key.iface);
  if (key.addr2.family() != Family::Unspec) hash = mix(mix_addr(hash, key.addr2), key.prefix2);
  std::uint64_t mac = 0;
  for (const std::uint8_t byte : key.mac.bytes) mac = mac << 8 | byte;
  return static_cast<std::size_t>(mix(hash, mac));
}

const IpSetElement* IpSetData::find(const IpSetKey& key) const {
  const auto found = body_->elements.find(key);
  return found == body_->elements.end() ? nullptr : &found->second;
}

IpSetElement* IpSetData::find_to_change(const IpSetKey& key) {
  const auto found = own().elements.find(key);
  return found == body_->elements.end() ? nullptr : &found->second;
}

IpSetData::Body& IpSetData::own() {
  if (body_.use_count() != 1) body_ = std::make_shared<Body>(*body_);
  return *body_;
}

void IpSetData::count(Prefixes& prefixes, std::uint8_t length, bool more) {
  const auto at = std::find_if(prefixes.begin(), prefixes.end(),
                               [&](const PrefixCount& p) { return p.length <= length; });
  if (at != prefixes.end() && at->length == length) {
    if (more) {
      ++at->count;
    } else if (--at->count == 0) {
      prefixes.erase(at);
    }
  } else if (more) {
    prefixes.insert(at, {length, 1});
  }
}

void IpSetData::put(const IpSetKey& key, IpSetElement element) {
  Body& body = own();
  const auto [at, added] = body.elements.try_emplace(key);
  element.order = added ? body.next_order++ : at->second.order;
  at->second = element;
  if (!added) return;
  count(body.prefixes[0], key.prefix, true);
  count(body.prefixes[1], key.prefix2, true);
}

bool IpSetData::erase(const IpSetKey& key) {
  if (find(key) == nullptr) return false;
  Body& body = own();
  body.elements.erase(key);
  count(body.prefixes[0], key.prefix, false);
  count(body.prefixes[1], key.prefix2, false);
  return true;
}

void IpSetData::erase_expired(Time now) {
  std::vector<IpSetKey> gone;
  for (const auto& [key, element] : body_->elements) {
    if (element.expired(now)) gone.push_back(key);
  }
  for (const IpSetKey& key : gone) erase(key);
}

std::vector<const IpSetData::Elements::value_type*> IpSetData::in_order() const {
  std::vector<const Elements::value_type*> sorted;
  sorted.reserve(body_->elements.size());
  for (const auto& entry : body_->elements) sorted.push_back(&entry);
  std::sort(sorted.begin(), sorted.end(),
            [](const auto* a, const auto* b) { return a->second.order < b->second.order; });
  return sorted;
}

void IpSetData::move_times(std::int64_t ns) {
  const bool any = std::any_of(body_->elements.begin(), body_->elements.end(),
                               [](const auto& entry) { return entry.second.expires.has_value(); });
  if (!any) return;
  for (auto& [key, element] : own().elements) {
    if (element.expires) element.expires = *element.expires + ns;
  }
}

bool IpSetData::operator==(const IpSetData& other) const {
  return body_ == other.body_ || *body_ == *other.body_;
}

}  // namespace pktwalk
