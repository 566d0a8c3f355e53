// SPDX-License-Identifier: MIT
// The file that knows ncurses (terminal_type.cpp asks it one question): brings a Surface onto the
// terminal and keys back.
#include <langinfo.h>
#include <ncurses.h>
#include <unistd.h>

#include <array>
#include <clocale>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <cwchar>

#include "ui/browser.h"
#include "ui/screen.h"
#include "ui/terminal_type.h"

namespace pktwalk {
namespace {

volatile std::sig_atomic_t g_stop = 0;

void on_stop(int signal) { g_stop = signal; }

// Signals that end the program only note that, so that the terminal is restored first.
class StopSignals {
 public:
  StopSignals() {
    struct sigaction action {};
    action.sa_handler = on_stop;
    for (std::size_t i = 0; i < kSignals.size(); ++i) sigaction(kSignals[i], &action, &old_[i]);
  }
  ~StopSignals() { restore(); }
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;

  // What came does now what it would have done at once.
  void pass_on() const {
    restore();
    if (g_stop != 0) raise(g_stop);
  }

 private:
  static constexpr std::array<int, 3> kSignals{SIGTERM, SIGHUP, SIGINT};
  void restore() const {
    for (std::size_t i = 0; i < kSignals.size(); ++i) sigaction(kSignals[i], &old_[i], nullptr);
  }
  std::array<struct sigaction, kSignals.size()> old_{};
};

// Restores the terminal when it goes.
class Terminal {
 public:
  Terminal() {
    raw();
    noecho();
    nonl();
    keypad(stdscr, TRUE);
    curs_set(0);
    set_escdelay(25);
    timeout(200);
    coloured_ = has_colors() != FALSE && !no_color();
    if (coloured_) {
      start_color();
      use_default_colors();
      const short pairs[][2] = {{COLOR_GREEN, -1},
                                {COLOR_RED, -1},
                                {COLOR_YELLOW, -1},
                                {COLOR_CYAN, -1},
                                {COLOR_BLUE, -1}};
      for (short i = 0; i < 5; ++i) init_pair(static_cast<short>(i + 1), pairs[i][0], pairs[i][1]);
    }
  }
  ~Terminal() { endwin(); }
  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;

  void show(const Surface& surface) {
    erase();
    for (int y = 0; y < surface.height(); ++y) {
      for (int x = 0; x < surface.width(); ++x) {
        const Cell& cell = surface.at(x, y);
        if (cell.continuation) continue;
        // The last cell of the screen would scroll it on some terminals.
        if (y == LINES - 1 && x == COLS - 1) continue;
        cchar_t glyph;
        const wchar_t text[2] = {static_cast<wchar_t>(cell.glyph), L'\0'};
        const auto [attributes, pair] = look(cell.role);
        setcchar(&glyph, text, attributes, pair, nullptr);
        mvadd_wch(y, x, &glyph);
      }
    }
    refresh();
  }

 private:
  static bool no_color() {
    const char* const value = std::getenv("NO_COLOR");
    return value != nullptr && value[0] != '\0';
  }

  std::pair<attr_t, short> look(Role role) const {
    const auto colour = [&](short pair) { return coloured_ ? pair : short{0}; };
    switch (role) {
      case Role::Normal:
        return {A_NORMAL, 0};
      case Role::Dim:
        return {A_DIM, 0};
      case Role::Title:
        return {A_BOLD, 0};
      case Role::Frame:
        return {A_DIM, 0};
      case Role::FrameFocus:
        return {A_BOLD, colour(4)};
      case Role::Current:
        return {A_REVERSE, 0};
      case Role::Match:
      case Role::Accept:
        return {A_NORMAL, colour(1)};
      case Role::NoMatch:
        return {A_NORMAL, colour(5)};
      case Role::Drop:
      case Role::Error:
        return {A_BOLD, colour(2)};
      case Role::Unknown:
        return {A_BOLD, colour(3)};
      case Role::Changed:
        return {A_BOLD, colour(3)};
      case Role::Key:
        return {A_DIM, 0};
      case Role::Message:
        return {A_BOLD, 0};
    }
    return {A_NORMAL, 0};
  }

  bool coloured_ = false;
};

std::uint32_t translate(int status, wint_t code) {
  if (status == ERR) return kKeyNone;
  if (status == OK)
    return code == 3 ? static_cast<std::uint32_t>(kKeyInterrupt) : static_cast<std::uint32_t>(code);
  switch (code) {
    case KEY_UP:
      return kKeyUp;
    case KEY_DOWN:
      return kKeyDown;
    case KEY_LEFT:
      return kKeyLeft;
    case KEY_RIGHT:
      return kKeyRight;
    case KEY_HOME:
      return kKeyHome;
    case KEY_END:
      return kKeyEnd;
    case KEY_PPAGE:
      return kKeyPageUp;
    case KEY_NPAGE:
      return kKeyPageDown;
    case KEY_BTAB:
      return kKeyBackTab;
    case KEY_RESIZE:
      return kKeyResize;
    case KEY_F(1):
      return kKeyF1;
    case KEY_ENTER:
      return kKeyEnter;
    default:
      return kKeyNone;
  }
}

constexpr std::uint32_t kCtrlZ = 26;

}  // namespace

Status run_screen(Timeline& timeline, const std::string& title) {
  if (isatty(STDOUT_FILENO) == 0 || isatty(STDIN_FILENO) == 0) {
    return Error{.what = "the interface needs a terminal",
                 .where = {},
                 .hint = "\"pktwalk trace\" prints text"};
  }
  std::setlocale(LC_ALL, "");
  const bool ascii = std::strcmp(nl_langinfo(CODESET), "UTF-8") != 0;
  const char* const term = std::getenv("TERM");
  if (term == nullptr || *term == '\0') {
    return Error{.what = "the type of the terminal is not known: TERM is not set",
                 .where = {},
                 .hint = "for example TERM=xterm, or TERM=vt100"};
  }
  if (!terminal_type_known(term)) {
    return Error{.what = std::string("the terminal type \"") + term + "\" is not known",
                 .where = {},
                 .hint = "set TERM, for example to xterm or vt100"};
  }
  const StopSignals signals;  // before newterm(), which leaves signals alone that have a handler
  SCREEN* const screen = newterm(term, stdout, stdin);
  if (screen == nullptr) {
    return Error{.what = std::string("the terminal of type \"") + term + "\" cannot be used",
                 .where = {},
                 .hint = "set TERM, for example to xterm or vt100"};
  }
  {
    Terminal terminal;
    Browser browser(timeline, title, ascii);
    bool dirty = true;
    while (g_stop == 0) {
      if (dirty) {
        Surface surface(COLS, LINES);
        browser.draw(surface);
        terminal.show(surface);
      }
      wint_t code = 0;
      const int status = get_wch(&code);
      const std::uint32_t key = translate(status, code);
      dirty = key != kKeyNone;
      if (key == kCtrlZ) {
        endwin();
        raise(SIGTSTP);
        refresh();
        continue;
      }
      // A terminal that changed its size may have moved or lost anything.
      if (key == kKeyRedraw || key == kKeyResize || key == 12) clearok(stdscr, TRUE);
      if (dirty && !browser.key(key)) break;
    }
  }
  delscreen(screen);
  signals.pass_on();
  return Ok{};
}

}  // namespace pktwalk
