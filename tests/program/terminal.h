// SPDX-License-Identifier: MIT
// A program on a terminal of its own: a pseudo-terminal, and behind it as much of a VT52 as ncurses
// asks of one.
#pragma once

#include <termios.h>

#include <string>
#include <vector>

namespace pktwalk::testing {

struct Size {
  int columns = 80, lines = 24;
};

class Terminal {
 public:
  // Starts the program with `environment` ("TERM=vt52") instead of our own.
  Terminal(const std::vector<std::string>& words, const std::vector<std::string>& environment,
           Size size = {});
  ~Terminal();  // kills the program if it still runs
  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;

  bool started() const { return child_ > 0; }
  void type(const std::string& keys);
  void resize(Size size);
  void signal(int number);

  // Reads what the program writes until the screen is this, or some seconds have passed.
  bool shows(const std::string& screen);
  // The same for a part of the screen.
  bool shows_part(const std::string& part);
  // The same for what was written, whatever became of it.
  bool writes(const std::string& part);
  // Lines without the blanks at their ends, each with '\n'.
  std::string screen() const;
  // Everything that was written, with the escape sequences.
  const std::string& written() const { return written_; }

  // Waits for the program's end: exit status, 128 + signal, or -1 when it goes on running.
  int ended();
  termios attributes() const;
  const termios& attributes_at_first() const { return at_first_; }

 private:
  template <typename Done>
  bool wait_for(Done&& done);
  bool read_some(int milliseconds);
  void put(char byte);
  void escape(char byte);

  int master_ = -1;
  int child_ = -1;
  termios at_first_{};
  Size size_;
  std::vector<std::string> cells_;
  int x_ = 0, y_ = 0;
  std::string pending_;  // an escape sequence that has begun
  std::string written_;
};

}  // namespace pktwalk::testing
