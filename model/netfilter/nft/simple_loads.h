// SPDX-License-Identifier: MIT
// Loads that other code must recognise: a constant, and values side by side.
#pragma once

#include <algorithm>
#include <vector>

#include "model/netfilter/nft/expression.h"

namespace pktwalk::nft {

// nft_immediate
class ConstantLoad final : public Load {
 public:
  explicit ConstantLoad(Data data) : data_(data) {}
  Loaded load(EvalContext&, Data& value) const override {
    value = data_;
    return Loaded::Value;
  }
  const Data& data() const { return data_; }

 private:
  Data data_;
};

// "ip saddr . tcp dport": one register behind the other, each padded to four bytes.
class ConcatLoad final : public Load {
 public:
  Loaded load(EvalContext& ctx, Data& value) const override {
    value.clear();
    for (const LoadPtr& part : parts) {
      Data one;
      const Loaded loaded = part->load(ctx, one);
      if (loaded != Loaded::Value) return loaded;
      value.append(one.bytes());
      value.pad();
    }
    return Loaded::Value;
  }
  std::string format(std::span<const std::uint8_t> bytes) const override {
    std::string joined;
    for (const LoadPtr& part : parts) {
      const std::size_t size = std::min(bytes_of(part->bits), bytes.size());
      joined += (joined.empty() ? "" : " . ") + part->format(bytes.first(size));
      bytes = bytes.subspan(std::min((size + 3) / 4 * 4, bytes.size()));
    }
    return joined;
  }
  std::vector<LoadPtr> parts;
};

}  // namespace pktwalk::nft
