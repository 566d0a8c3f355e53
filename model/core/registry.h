// SPDX-License-Identifier: MIT
// The tables of things that register by being a file (matches, targets, trackers, readers of host
// dumps). cmake/Registry.cmake generates one specialisation a type; there are no static
// constructors.
#pragma once

#include <array>
#include <span>

namespace pktwalk {

// All things of this type, sorted by file name.
template <typename Def>
std::span<const Def* const> registered();

}  // namespace pktwalk
