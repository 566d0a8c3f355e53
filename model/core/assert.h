// SPDX-License-Identifier: MIT
// Assertions stay on in release builds: a broken invariant must stop the program before it can tell
// a lie.
#pragma once

namespace pktwalk {
[[noreturn]] void assertion_failed(const char* expression, const char* file, int line);
}

#define PKTWALK_ASSERT(expression)     \
  ((expression) ? static_cast<void>(0) \
                : ::pktwalk::assertion_failed(#expression, __FILE__, __LINE__))
