// SPDX-License-Identifier: MIT
// How failing checks show the model's enumerations: by name.
#pragma once

#include <doctest/doctest.h>

#include "model/core/drop_reason.h"
#include "model/core/hook.h"
#include "model/core/result.h"
#include "model/packet/skb.h"
#include "model/trace/field.h"
#include "model/trace/step.h"

namespace pktwalk {

inline doctest::String toString(Outcome v) { return to_string(v); }
inline doctest::String toString(Verdict v) { return to_string(v); }
inline doctest::String toString(HopVerdict v) { return to_string(v); }
inline doctest::String toString(Disposition v) { return to_string(v); }
inline doctest::String toString(DropReason v) { return to_string(v); }
inline doctest::String toString(Hook v) { return to_string(v); }
inline doctest::String toString(Field v) { return to_string(v); }
inline doctest::String toString(Origin v) { return to_string(v); }

}  // namespace pktwalk
