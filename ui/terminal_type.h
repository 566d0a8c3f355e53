// SPDX-License-Identifier: MIT
#pragma once

namespace pktwalk {

// Whether the terminfo database knows this type of terminal ("xterm"). Asked before newterm(),
// which would say so too but keeps memory when it fails.
bool terminal_type_known(const char* type);

}  // namespace pktwalk
