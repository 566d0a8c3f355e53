// SPDX-License-Identifier: MIT
// A packet walks a base chain of nftables.
#pragma once

#include "model/netfilter/nft/ruleset.h"
#include "model/path/stage.h"

namespace pktwalk::nft {

// nft_do_chain(): Accept, Drop, Queue, Stolen or Unknown.
Verdict traverse(const Chain& base, HookContext& hook);

}  // namespace pktwalk::nft
