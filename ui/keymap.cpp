// SPDX-License-Identifier: MIT
#include "ui/keymap.h"

namespace pktwalk {
namespace {

constexpr std::uint32_t ctrl(char c) { return static_cast<std::uint32_t>(c & 0x1f); }

constexpr Binding kBindings[] = {
    {Command::StepForward, {'s'}, "s", "step: the next evaluation, into user chains", "walk"},
    {Command::StepBack, {'S'}, "S", "step backward", "walk"},
    {Command::NextForward, {'n'}, "n", "next: a jump to a user chain counts as one", "walk"},
    {Command::NextBack, {'N'}, "N", "next, backward", "walk"},
    {Command::FinishForward, {'f'}, "f", "finish this chain", "walk"},
    {Command::FinishBack, {'F'}, "F", "back to the jump that led here", "walk"},
    {Command::OverForward, {'o'}, "o", "over the stage: the next hook, table or route", "walk"},
    {Command::OverBack, {'O'}, "O", "over the stage, backward", "walk"},
    {Command::ContinueForward,
     {'c'},
     "c",
     "continue to the packet's end, then to the next packet",
     "walk"},
    {Command::ContinueBack, {'C'}, "C", "continue backward", "walk"},
    {Command::Restart, {'r'}, "r", "restart this packet", "walk"},
    {Command::PacketNext, {'J'}, "J", "next packet", "packets"},
    {Command::PacketPrevious, {'K'}, "K", "previous packet", "packets"},
    {Command::LineDown, {'j', kKeyDown}, "j Down", "down", "move"},
    {Command::LineUp, {'k', kKeyUp}, "k Up", "up", "move"},
    {Command::PageDown, {ctrl('f'), kKeyPageDown}, "C-f PgDn", "page down", "move"},
    {Command::PageUp, {ctrl('b'), kKeyPageUp}, "C-b PgUp", "page up", "move"},
    {Command::Left, {'h', kKeyLeft}, "h Left", "scroll left", "move"},
    {Command::Right, {'l', kKeyRight}, "l Right", "scroll right", "move"},
    {Command::First, {'g', kKeyHome}, "g Home", "first line", "move"},
    {Command::Last, {'G', kKeyEnd}, "G End", "last line; with a count, that line: 12G", "move"},
    {Command::Choose, {kKeyEnter, 13}, "Enter", "go to the packet under the cursor", "packets"},
    {Command::FocusNext, {kKeyTab}, "Tab", "next pane", "panes"},
    {Command::FocusPrevious, {kKeyBackTab}, "S-Tab", "previous pane", "panes"},
    {Command::Zoom, {'z'}, "z", "zoom this pane", "panes"},
    {Command::AllFields, {'a'}, "a", "all fields of the packet, or the changed ones", "panes"},
    {Command::Redraw, {ctrl('l'), kKeyRedraw}, "C-l", "draw the screen anew", "panes"},
    {Command::Help, {'?', kKeyF1}, "? F1", "help", "help"},
    {Command::Quit, {'q', kKeyEscape}, "q Esc", "close; at top level quit", "help"},
};

}  // namespace

std::span<const Binding> bindings() { return kBindings; }

bool command_for(std::uint32_t key, Command& command) {
  for (const Binding& b : kBindings) {
    for (const std::uint32_t bound : b.keys) {
      if (bound != 0 && bound == key) {
        command = b.command;
        return true;
      }
    }
  }
  return false;
}

}  // namespace pktwalk
