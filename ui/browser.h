// SPDX-License-Identifier: MIT
// What the terminal interface shows and how keys change it; knows nothing of a terminal.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tracer/timeline.h"
#include "ui/keymap.h"
#include "ui/stops.h"
#include "ui/surface.h"

namespace pktwalk {

enum class Pane : std::uint8_t { Path, Rules, Why, Packets };
inline constexpr int kPaneCount = 4;

class Browser {
 public:
  // `title`: names of host and capture for the first line. `ascii`: only ASCII glyphs.
  Browser(Timeline& timeline, std::string title, bool ascii);

  // False: the user quits.
  bool key(std::uint32_t key);
  void draw(Surface& surface);

  // For panes.
  Timeline& timeline() { return timeline_; }
  const WalkedPacket& packet() { return timeline_.packet(packet_); }
  std::uint64_t packet_number() const { return packet_; }
  const std::vector<Stop>& stops() const { return stops_; }
  const Stop& stop() const { return stops_[stop_]; }
  std::size_t stop_index() const { return stop_; }
  bool ascii() const { return ascii_; }
  bool all_fields() const { return all_fields_; }
  bool focused(Pane pane) const { return focus_ == pane; }
  int scroll_x(Pane pane) const { return scroll_x_[static_cast<std::size_t>(pane)]; }
  int scroll_y(Pane pane) const { return scroll_y_[static_cast<std::size_t>(pane)]; }
  std::uint64_t list_cursor() const { return list_cursor_; }
  Position position() const { return {packet_, stops_.empty() ? 0 : stop().number}; }

 private:
  bool run(Command command, std::uint64_t count);
  void go_packet(std::uint64_t number, bool at_end);
  void go_stop(std::size_t index);
  void move_lines(int lines);
  void draw_panes(Surface& surface, const Rect& area);
  void draw_title(Surface& surface);
  void draw_keys(Surface& surface, int y);

  Timeline& timeline_;
  std::string title_;
  bool ascii_;
  std::uint64_t packet_ = 1;
  std::vector<Stop> stops_;
  std::size_t stop_ = 0;
  std::uint64_t list_cursor_ = 1;
  Pane focus_ = Pane::Rules;
  bool zoom_ = false, help_ = false, all_fields_ = false;
  int help_scroll_ = 0;
  int scroll_x_[kPaneCount] = {};
  int scroll_y_[kPaneCount] = {};
  std::uint64_t count_ = 0;
  std::string message_;
};

// Each pane in its own file: draws into `area`, the inside of its frame.
void draw_path_pane(Browser& browser, Surface& surface, const Rect& area);
void draw_rules_pane(Browser& browser, Surface& surface, const Rect& area);
void draw_why_pane(Browser& browser, Surface& surface, const Rect& area);
void draw_packets_pane(Browser& browser, Surface& surface, const Rect& area);
// `scroll`: lines to leave out above. Returns the number of lines of the whole help.
int draw_help(Surface& surface, const Rect& area, int scroll, bool ascii);

// Glyphs: "✓" or "+" ...
struct Glyphs {
  const char* done;
  const char* now;
  const char* ahead;
  const char* no;
  const char* unknown;
  const char* changed;
  const char* caller;
};
const Glyphs& glyphs(bool ascii);
// Words of a disposition in the packet list: "ACCEPT", "DROP".
const char* verdict_word(const PacketSummary& summary);
// The title of the rules pane: the file that is shown.
std::string rules_title(Browser& browser);

}  // namespace pktwalk
