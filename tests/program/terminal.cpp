// SPDX-License-Identifier: MIT
#include "tests/program/terminal.h"

#include <poll.h>
#include <pty.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include <utmp.h>

#include <algorithm>
#include <chrono>
#include <csignal>

namespace pktwalk::testing {
namespace {

// A machine that builds something else meanwhile, with the sanitizers on, is slow.
constexpr std::chrono::seconds kPatience{30};

std::vector<char*> pointers(const std::vector<std::string>& words) {
  std::vector<char*> argv;
  for (const std::string& word : words) argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);
  return argv;
}

winsize to_winsize(Size size) {
  winsize w{};
  w.ws_col = static_cast<unsigned short>(size.columns);
  w.ws_row = static_cast<unsigned short>(size.lines);
  return w;
}

}  // namespace

Terminal::Terminal(const std::vector<std::string>& words,
                   const std::vector<std::string>& environment, Size size)
    : size_(size), cells_(static_cast<std::size_t>(size.lines)) {
  const std::vector<char*> argv = pointers(words), environ = pointers(environment);
  const winsize window = to_winsize(size);
  int slave = -1;
  if (openpty(&master_, &slave, nullptr, nullptr, &window) != 0) return;
  at_first_ = attributes();
  child_ = fork();
  if (child_ == 0) {
    login_tty(slave);
    execve(argv[0], argv.data(), environ.data());
    _exit(127);
  }
  close(slave);
}

Terminal::~Terminal() {
  if (child_ > 0) {
    kill(child_, SIGKILL);
    waitpid(child_, nullptr, 0);
  }
  if (master_ >= 0) close(master_);
}

void Terminal::type(const std::string& keys) {
  std::size_t done = 0;
  while (done < keys.size()) {
    const ssize_t wrote = ::write(master_, keys.data() + done, keys.size() - done);
    if (wrote <= 0) return;
    done += static_cast<std::size_t>(wrote);
  }
}

void Terminal::resize(Size size) {
  size_ = size;
  cells_.assign(static_cast<std::size_t>(size.lines), "");
  const winsize window = to_winsize(size);
  ioctl(master_, TIOCSWINSZ, &window);  // the kernel sends SIGWINCH
}

void Terminal::signal(int number) { kill(child_, number); }

termios Terminal::attributes() const {
  termios t{};
  tcgetattr(master_, &t);
  return t;
}

bool Terminal::read_some(int milliseconds) {
  pollfd ready{.fd = master_, .events = POLLIN, .revents = 0};
  if (poll(&ready, 1, milliseconds) <= 0) return false;
  char bytes[4096];
  const ssize_t count = read(master_, bytes, sizeof bytes);
  if (count <= 0) return false;
  written_.append(bytes, static_cast<std::size_t>(count));
  for (ssize_t i = 0; i < count; ++i) put(bytes[i]);
  return true;
}

template <typename Done>
bool Terminal::wait_for(Done&& done) {
  const auto end = std::chrono::steady_clock::now() + kPatience;
  while (std::chrono::steady_clock::now() < end) {
    // Only when nothing more is on its way is the screen what the program wants it to be.
    while (read_some(20)) {
    }
    if (done()) return true;
  }
  return false;
}

bool Terminal::shows(const std::string& wanted) {
  return wait_for([&] { return screen() == wanted; });
}

bool Terminal::shows_part(const std::string& part) {
  return wait_for([&] { return screen().find(part) != std::string::npos; });
}

bool Terminal::writes(const std::string& part) {
  return wait_for([&] { return written_.find(part) != std::string::npos; });
}

int Terminal::ended() {
  int status = 0;
  const bool over = wait_for([&] { return waitpid(child_, &status, WNOHANG) == child_; });
  if (!over) return -1;
  child_ = -1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

std::string Terminal::screen() const {
  std::string text;
  for (const std::string& line : cells_) {
    const std::size_t end = line.find_last_not_of(' ');
    text += end == std::string::npos ? "" : line.substr(0, end + 1);
    text += '\n';
  }
  return text;
}

void Terminal::put(char byte) {
  if (!pending_.empty()) {
    escape(byte);
    return;
  }
  switch (byte) {
    case '\x1b':
      pending_ = byte;
      return;
    case '\r':
      x_ = 0;
      return;
    case '\b':
      x_ = std::max(0, x_ - 1);
      return;
    case '\t':
      x_ = std::min(size_.columns - 1, x_ / 8 * 8 + 8);
      return;
    case '\n':
      if (y_ + 1 < size_.lines) {
        ++y_;
      } else {
        cells_.erase(cells_.begin());
        cells_.emplace_back();
      }
      return;
    default:
      break;
  }
  if (static_cast<unsigned char>(byte) < ' ' || y_ >= size_.lines) return;
  std::string& line = cells_[static_cast<std::size_t>(y_)];
  if (line.size() <= static_cast<std::size_t>(x_))
    line.resize(static_cast<std::size_t>(x_) + 1, ' ');
  line[static_cast<std::size_t>(x_)] = byte;
  x_ = std::min(size_.columns - 1, x_ + 1);
}

// The sequences of the terminfo entry vt52. Those of other types are passed over; of them only
// writes() makes sense.
void Terminal::escape(char byte) {
  pending_ += byte;
  if (pending_[1] == 'Y' && pending_.size() < 4) return;
  if (pending_[1] == '(' && pending_.size() < 3) return;
  // Other terminal types: up to the final byte.
  if (pending_[1] == '[' && (pending_.size() < 3 || byte < '@' || byte > '~')) return;
  const auto line = static_cast<std::size_t>(std::clamp(y_, 0, size_.lines - 1));
  switch (pending_[1]) {
    case 'Y':
      y_ = std::clamp(static_cast<unsigned char>(pending_[2]) - ' ', 0, size_.lines - 1);
      x_ = std::clamp(static_cast<unsigned char>(pending_[3]) - ' ', 0, size_.columns - 1);
      break;
    case 'A':
      y_ = std::max(0, y_ - 1);
      break;
    case 'B':
      y_ = std::min(size_.lines - 1, y_ + 1);
      break;
    case 'C':
      x_ = std::min(size_.columns - 1, x_ + 1);
      break;
    case 'D':
      x_ = std::max(0, x_ - 1);
      break;
    case 'H':
      x_ = y_ = 0;
      break;
    case 'I':
      if (y_ > 0) {
        --y_;
      } else {
        cells_.insert(cells_.begin(), "");
        cells_.pop_back();
      }
      break;
    case 'J':
      for (std::size_t below = line + 1; below < cells_.size(); ++below) cells_[below].clear();
      [[fallthrough]];
    case 'K':
      if (cells_[line].size() > static_cast<std::size_t>(x_))
        cells_[line].resize(static_cast<std::size_t>(x_));
      break;
    default:
      break;
  }
  pending_.clear();
}

}  // namespace pktwalk::testing
