// SPDX-License-Identifier: MIT
// The interface on a terminal. What it shows there is what `pktwalk ui --keys` prints, so each
// screen is compared whole.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <csignal>
#include <cstring>

#include "tests/program/child.h"
#include "tests/program/terminal.h"

using namespace pktwalk::testing;

namespace {

const char* const kHost = "captures/hosts/web-masquerade";
const char* const kCapture = "captures/web-masquerade.pcapng";

std::vector<std::string> ui() { return {pktwalk_program(), "ui", "--host", kHost, kCapture}; }

// The printed screen after these keys. The last cell of the screen stays empty on a terminal, and
// so it does here.
std::string printed(const std::string& keys, Size size = {}) {
  std::vector<std::string> words = ui();
  words.insert(words.end(), {"--ascii", "--keys", keys, "--size",
                             fmt::format("{}x{}", size.columns, size.lines)});
  const Ran ran = run_program(words);
  REQUIRE(ran.status == 0);
  return ran.out;
}

bool same(const termios& a, const termios& b) {
  return a.c_iflag == b.c_iflag && a.c_oflag == b.c_oflag && a.c_cflag == b.c_cflag &&
         a.c_lflag == b.c_lflag && std::memcmp(a.c_cc, b.c_cc, sizeof a.c_cc) == 0;
}

}  // namespace

TEST_CASE("terminal: every key shows the screen that it should") {
  Terminal terminal(ui(), {"TERM=vt52", "LANG=C"});
  REQUIRE(terminal.started());
  REQUIRE(terminal.shows(printed("")));
  CHECK(terminal.shows_part("pkt 1/89"));
  std::string typed;
  struct Case {
    const char* keys;
    const char* part;  // of the screen behind them
  };
  const Case cases[] = {{"s", "step 2/"},   {"n", "pkt 1/89"}, {"o", "pkt 1/89"}, {"c", "pkt 1/89"},
                        {"J", "pkt 2/89"},  {"J", "pkt 3/89"}, {"K", "pkt 2/89"}, {"c", "pkt 2/89"},
                        {"C", "step 1/"},   {"?", "help"},     {"?", "pkt 2/89"}, {"S", "step 1/"},
                        {"3J", "pkt 5/89"}, {"z", "pkt 5/89"}, {"z", "4 packets"}};
  for (const Case& c : cases) {
    typed += c.keys;
    CAPTURE(typed);
    terminal.type(c.keys);
    const std::string wanted = printed(typed);
    const bool shown = terminal.shows(wanted);
    INFO(terminal.screen());
    CHECK(shown);
    CHECK(terminal.shows_part(c.part));
  }
  terminal.type("q");
  CHECK(terminal.ended() == 0);
}

TEST_CASE("terminal: another size is drawn anew, too small a one says what it needs") {
  Terminal terminal(ui(), {"TERM=vt52", "LANG=C"});
  REQUIRE(terminal.started());
  REQUIRE(terminal.shows(printed("")));
  for (const Size size : {Size{100, 30}, Size{60, 20}, Size{40, 10}}) {
    CAPTURE(size.columns);
    terminal.resize(size);
    const bool shown = terminal.shows(printed("", size));
    INFO(terminal.screen());
    CHECK(shown);
  }
  terminal.resize({39, 9});
  CHECK(terminal.shows_part("40x10"));
  terminal.resize({80, 24});
  CHECK(terminal.shows(printed("")));
  terminal.type("q");
  CHECK(terminal.ended() == 0);
}

TEST_CASE("terminal: it is left as it was, whatever ends the program") {
  struct Case {
    const char* name;
    int signal;  // 0: the key q
    int status;
  };
  const Case cases[] = {{"q", 0, 0},
                        {"SIGTERM", SIGTERM, 128 + SIGTERM},
                        {"SIGHUP", SIGHUP, 128 + SIGHUP},
                        {"SIGINT", SIGINT, 128 + SIGINT}};
  for (const Case& c : cases) {
    INFO(std::string(c.name));
    Terminal terminal(ui(), {"TERM=xterm-256color", "LANG=C.UTF-8"});
    REQUIRE(terminal.started());
    const termios& before = terminal.attributes_at_first();
    // The alternate screen, without echo, the cursor hidden.
    REQUIRE(terminal.writes("web-masquerade.pcapng"));
    CHECK(terminal.written().find("\x1b[?1049h") != std::string::npos);
    CHECK(terminal.written().find("\x1b[?25l") != std::string::npos);
    CHECK_FALSE(same(terminal.attributes(), before));
    if (c.signal == 0)
      terminal.type("q");
    else
      terminal.signal(c.signal);
    CHECK(terminal.ended() == c.status);
    CHECK(same(terminal.attributes(), before));
    const std::string& written = terminal.written();
    CHECK(written.rfind("\x1b[?1049l") > written.rfind("\x1b[?1049h"));
    CHECK(written.rfind("\x1b[?25h") > written.rfind("\x1b[?25l"));
  }
}

TEST_CASE("terminal: one that is not there or not known is an error and not a crash") {
  struct Case {
    const char* name;
    std::vector<std::string> environment;
    const char* message;
  };
  const Case cases[] = {
      {"TERM is not set", {"LANG=C"}, "TERM is not set"},
      {"TERM is empty", {"TERM=", "LANG=C"}, "TERM is not set"},
      {"TERM is nonsense", {"TERM=nonsense", "LANG=C"}, "\"nonsense\" is not known"}};
  for (const Case& c : cases) {
    INFO(std::string(c.name));
    Terminal terminal(ui(), c.environment);
    REQUIRE(terminal.started());
    CHECK(terminal.ended() == 2);
    CAPTURE(terminal.written());
    CHECK(terminal.written().find("pktwalk: error: ") != std::string::npos);
    CHECK(terminal.written().find(c.message) != std::string::npos);
  }
  const Ran ran = run_program(ui());
  CHECK(ran.status == 2);
  CHECK(ran.err.find("needs a terminal") != std::string::npos);
}
