// SPDX-License-Identifier: MIT
#include "app/options.h"

#include <fmt/format.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>

#include "app/command.h"
#include "app/help.h"
#include "model/core/printable.h"

#ifndef PKTWALK_VERSION
#define PKTWALK_VERSION "0.1.0"
#endif

namespace pktwalk {

void print_error(const Error& error) {
  std::fflush(stdout);  // what was said before stands before it
  fmt::print(stderr, "pktwalk: error: {}\n", printable(to_string(error)));
}

int run(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_DFL);  // a closed pipe ends the program quietly
  CLI::App app{
      "pktwalk walks packets through a Linux router's configuration, hop by hop, and\n"
      "explains every decision.",
      "pktwalk"};
  app.set_version_flag("--version",
                       fmt::format("pktwalk {} (models Linux 6.18, IPv4)", PKTWALK_VERSION));
  app.require_subcommand(0, 1);  // that one is needed is said below, behind unknown options
  app.formatter(std::make_shared<HelpFormatter>());
  Action action;
  add_ui(app, action);
  add_trace(app, action);
  add_packet(app, action);
  add_lint(app, action);
  add_bench(app, action);
  for (CLI::App* const command : app.get_subcommands({})) command->group("Commands");
  // Behind the commands, which would inherit it.
  app.footer(
      "Examples:\n"
      "  pktwalk ui    --host router/ capture.pcapng    step through it on the terminal\n"
      "  pktwalk trace --host router/ capture.pcapng    the same as text\n"
      "  pktwalk packet --host router/ in eth0 tcp 10.9.0.5:40000 to 192.0.2.1:80 syn\n"
      "  pktwalk lint  --host router/                   what is understood of the dumps\n"
      "\n\"pktwalk COMMAND --help\" tells more.");
  try {
    app.parse(argc, argv);
    if (!action) throw CLI::RequiredError("A command (ui, trace, packet, lint or bench)");
  } catch (const CLI::Success& e) {
    return app.exit(e);
  } catch (const CLI::ParseError& e) {
    fmt::print(stderr, "pktwalk: error: {}\n", e.what());
    const CLI::App* at = &app;
    for (const CLI::App* sub : app.get_subcommands()) at = sub;
    fmt::print(stderr, "Try \"{} --help\".\n",
               at == &app ? std::string("pktwalk") : "pktwalk " + at->get_name());
    return kExitInput;
  }
  Result<int> status = action();
  // Output that did not arrive is a failure, whatever else happened.
  if (status && std::fflush(stdout) != 0) {
    status = Error{.what = fmt::format("cannot write to standard output: {}", std::strerror(errno)),
                   .where = {},
                   .hint = {}};
  }
  if (status) return *status;
  print_error(status.error());
  return kExitInput;
}

}  // namespace pktwalk
