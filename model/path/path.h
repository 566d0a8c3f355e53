// SPDX-License-Identifier: MIT
#pragma once

#include <span>

#include "model/path/stage.h"

namespace pktwalk {

// The stages of one list of the profile `modern`, in order.
std::span<const Stage> path_netfilter(Next list);

}  // namespace pktwalk
