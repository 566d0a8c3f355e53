// SPDX-License-Identifier: MIT
// Runs a program to its end.
#pragma once

#include <string>
#include <vector>

namespace pktwalk::testing {

struct Ran {
  int status = 0;  // exit status, 128 + signal, or -1: it could not be started
  std::string out, err;
};

// Its standard input is empty.
Ran run_program(const std::vector<std::string>& words);
// The same through /bin/sh: for pipes and redirections. The status is the shell's.
Ran run_shell(const std::string& line);
// The path of pktwalk: the environment variable PKTWALK_PROGRAM.
std::string pktwalk_program();

}  // namespace pktwalk::testing
