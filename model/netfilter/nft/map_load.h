// SPDX-License-Identifier: MIT
// The data that a map gives for a key.
#pragma once

#include <memory>
#include <vector>

#include "model/netfilter/nft/builder.h"

namespace pktwalk::nft {

class MapLoad final : public Load {
 public:
  LoadPtr key;
  const Set* set = nullptr;
  Loaded load(EvalContext& ctx, Data& value) const override;
  // Of a map whose data are ranges.
  Loaded load_range(EvalContext& ctx, Data& first, Data& last) const;
};

// "ip saddr map { ... }"; `data`: what the map is to give, when it stands in braces.
Result<std::unique_ptr<MapLoad>> make_map_load(Builder& builder, const ast::Expr& expr,
                                               const std::vector<SetField>& data);

}  // namespace pktwalk::nft
