// SPDX-License-Identifier: MIT
#include "model/core/assert.h"

#include <cstdio>
#include <cstdlib>

namespace pktwalk {

void assertion_failed(const char* expression, const char* file, int line) {
  std::fprintf(stderr, "pktwalk: internal error: %s does not hold (%s:%d)\n", expression, file,
               line);
  std::abort();
}

}  // namespace pktwalk
