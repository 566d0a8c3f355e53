// SPDX-License-Identifier: MIT
// A command of the program ("pktwalk trace"): each is a file app/cmd_X.cpp that adds itself to the
// command line.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>

#include "model/core/result.h"

namespace pktwalk {

// Exit statuses, also for scripts.
inline constexpr int kExitOk = 0;
inline constexpr int kExitNo = 1;       // the answer is no: lint found something
inline constexpr int kExitInput = 2;    // usage, unreadable or unparsable input
inline constexpr int kExitUnknown = 3;  // traced, but some packet is unknown

// Adds the sub-command's options to `app` and puts its action into `action`; the action's value is
// the exit status, an Error is printed and ends the program with kExitInput.
using Action = std::function<Result<int>()>;
void add_trace(CLI::App& app, Action& action);
void add_packet(CLI::App& app, Action& action);
void add_lint(CLI::App& app, Action& action);
void add_bench(CLI::App& app, Action& action);
void add_ui(CLI::App& app, Action& action);

// Prints "pktwalk: error: ..." on stderr.
void print_error(const Error& error);

}  // namespace pktwalk
