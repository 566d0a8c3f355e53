// SPDX-License-Identifier: MIT
// The words of the types.
#pragma once

#include <span>

#include "model/netfilter/nft/datatype.h"

namespace pktwalk::nft::symbols {

extern const std::span<const Symbol> kArpOp, kEtherType, kIcmpType, kIcmpv6Type, kIcmpCode,
    kIcmpv6Code, kIcmpxCode, kTcpFlag, kDccpPkttype, kMhType, kBoolean, kDscp, kEcn, kCtState,
    kCtDir, kCtStatus, kCtEvent, kIfaceType, kNfProto, kPktType, kRealm, kDevGroup, kDay,
    kFibAddrType, kIgmpType, kUid, kClassId;

}  // namespace pktwalk::nft::symbols
