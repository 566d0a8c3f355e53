// SPDX-License-Identifier: MIT
#include "app/options.h"

#include <fmt/format.h>

#include <csignal>
#include <cstdio>

#include "app/command.h"

#ifndef PKTWALK_VERSION
#define PKTWALK_VERSION "0.1.0"
#endif

namespace pktwalk {

int run(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_DFL);  // a closed pipe ends the program quietly
  CLI::App app{
      "pktwalk walks packets through a Linux router's configuration and explains every decision.",
      "pktwalk"};
  app.set_version_flag("--version",
                       fmt::format("pktwalk {} (models Linux 6.18, IPv4)", PKTWALK_VERSION));
  app.require_subcommand(1);
  app.get_formatter()->column_width(30);
  app.footer(
      "Examples:\n"
      "  pktwalk ui     --host router/ capture.pcapng     step through it on the terminal\n"
      "  pktwalk trace  --host router/ capture.pcapng     the same as text\n"
      "  pktwalk packet --host router/ in eth0 tcp 10.9.0.5:40000 > 192.0.2.1:80 syn\n"
      "  pktwalk lint   --host router/                    what was understood of the dumps");
  Action action;
  add_ui(app, action);
  add_trace(app, action);
  add_packet(app, action);
  add_lint(app, action);
  add_bench(app, action);
  try {
    app.parse(argc, argv);
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
  return action ? action() : kExitInput;
}

}  // namespace pktwalk
