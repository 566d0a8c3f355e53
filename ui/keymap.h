// SPDX-License-Identifier: MIT
// Which key does what. The help screen is made from this table; a test forbids double bindings.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace pktwalk {

// Keys that are no characters; characters are themselves.
enum Key : std::uint32_t {
  kKeyNone = 0,
  kKeyTab = 9,
  kKeyEnter = 10,
  kKeyEscape = 27,
  kKeyUp = 0x110000,
  kKeyDown,
  kKeyLeft,
  kKeyRight,
  kKeyHome,
  kKeyEnd,
  kKeyPageUp,
  kKeyPageDown,
  kKeyBackTab,
  kKeyResize,
  kKeyF1,
  kKeyInterrupt,
  kKeyRedraw,
};

enum class Command : std::uint8_t {
  StepForward,
  StepBack,
  NextForward,
  NextBack,
  OverForward,
  OverBack,
  ContinueForward,
  ContinueBack,
  FinishForward,
  FinishBack,
  PacketNext,
  PacketPrevious,
  LineDown,
  LineUp,
  PageDown,
  PageUp,
  Left,
  Right,
  First,
  Last,
  FocusNext,
  FocusPrevious,
  Zoom,
  Choose,
  Restart,
  AllFields,
  Help,
  Quit,
  Redraw,
};

struct Binding {
  Command command;
  std::uint32_t keys[3];   // 0: none
  std::string_view shown;  // "s", "C-l"
  std::string_view help;
  std::string_view group;
};

std::span<const Binding> bindings();
// Nothing bound: false.
bool command_for(std::uint32_t key, Command& command);

}  // namespace pktwalk
