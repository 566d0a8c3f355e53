// SPDX-License-Identifier: MIT
// A command of the program ("pktwalk trace"): each is a file app/cmd_X.cpp that adds itself to the
// command line.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <string>
#include <vector>

#include "model/core/result.h"
#include "model/host/host.h"

namespace pktwalk {

// Exit statuses of the machine contract.
inline constexpr int kExitOk = 0;
inline constexpr int kExitNo = 1;       // the answer is no: lint found something
inline constexpr int kExitInput = 2;    // usage, unreadable or unparsable input
inline constexpr int kExitUnknown = 3;  // traced, but some packet is unknown
inline constexpr int kExitDenied = 4;   // no permission

// Adds the sub-command's options to `app` and puts its action into `action`; the action's value is
// the exit status.
using Action = std::function<int()>;
void add_trace(CLI::App& app, Action& action);
void add_packet(CLI::App& app, Action& action);
void add_lint(CLI::App& app, Action& action);
void add_bench(CLI::App& app, Action& action);
void add_ui(CLI::App& app, Action& action);

// Prints "pktwalk: error: ..." on stderr.
void print_error(const Error& error);
// Loads --host paths; diagnostics of errors go to stderr, warnings only when `verbose`. Nothing on
// failure (said already).
std::optional<Host> load_host_or_say(const std::vector<std::string>& paths, bool verbose);
// Writes a whole file at once, through a temporary file beside it; "-" is stdout.
Status write_file(const std::string& path, const std::string& text);

}  // namespace pktwalk
