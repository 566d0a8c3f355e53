// SPDX-License-Identifier: MIT
// The five ways to say how a mark changes, shared by -j MARK and -j CONNMARK.
#pragma once

#include <string>

#include "model/netfilter/options.h"

namespace pktwalk {

// --set-xmark, --set-mark, --and-mark, --or-mark or --xor-mark as the change
// mark = (mark & ~mask) ^ value. Error: none of them was given, or several, or a bad number.
Result<MaskedValue> read_mark_change(const Options& in);
// Whether one of the five was given.
bool has_mark_change(const Options& in);
std::string value_and_mask_text(const MaskedValue& value);  // "0x1/0xffffffff"

}  // namespace pktwalk
