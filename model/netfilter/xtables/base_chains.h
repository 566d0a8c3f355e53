// SPDX-License-Identifier: MIT
// The tables that the kernel has, and their base chains.
#pragma once

#include <optional>
#include <string_view>

#include "model/core/hook.h"

namespace pktwalk::xt {

// The hooks at which a table has base chains; nothing for a table that the kernel does not have.
std::optional<HookMask> table_hooks(std::string_view table);

// The hook of the base chain with this name; nothing when the table has no such base chain.
std::optional<Hook> base_chain_hook(std::string_view table, std::string_view chain);

}  // namespace pktwalk::xt
