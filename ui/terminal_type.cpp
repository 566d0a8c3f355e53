// SPDX-License-Identifier: MIT
// Apart from the screen: <term.h> defines common words as macros.
#include "ui/terminal_type.h"

#include <ncurses.h>
#include <term.h>
#include <unistd.h>

namespace pktwalk {

bool terminal_type_known(const char* type) {
  int status = 0;
  if (setupterm(type, STDOUT_FILENO, &status) != OK) return false;
  del_curterm(cur_term);
  return true;
}

}  // namespace pktwalk
