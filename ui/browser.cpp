// SPDX-License-Identifier: MIT
#include "ui/browser.h"

#include <fmt/format.h>

#include <algorithm>

#include "model/core/printable.h"

namespace pktwalk {

const Glyphs& glyphs(bool ascii) {
  static constexpr Glyphs kUnicode{"✓", "►", "·", "✗", "?", "*", "»"};
  static constexpr Glyphs kAscii{"+", ">", ".", "x", "?", "*", "^"};
  return ascii ? kAscii : kUnicode;
}

Browser::Browser(Timeline& timeline, std::string title, bool ascii)
    : timeline_(timeline), title_(std::move(title)), ascii_(ascii) {
  if (timeline_.problem()) message_ = to_string(*timeline_.problem());
  go_packet(1, false);
}

void Browser::go_packet(std::uint64_t number, bool at_end) {
  if (timeline_.packet_count() == 0) return;
  packet_ = std::clamp<std::uint64_t>(number, 1, timeline_.packet_count());
  list_cursor_ = packet_;
  stops_ = stops_of(timeline_.packet(packet_).trace);
  stop_ = 0;
  if (at_end && !stops_.empty()) stop_ = stops_.size() - 1;
  scroll_y_[static_cast<int>(Pane::Rules)] = 0;
  scroll_y_[static_cast<int>(Pane::Why)] = 0;
}

void Browser::go_stop(std::size_t index) {
  if (stops_.empty()) return;
  stop_ = std::min(index, stops_.size() - 1);
  scroll_y_[static_cast<int>(Pane::Rules)] = 0;
  scroll_y_[static_cast<int>(Pane::Why)] = 0;
}

bool Browser::key(std::uint32_t key) {
  if (key >= '0' && key <= '9' && (key != '0' || count_ != 0)) {
    count_ = std::min<std::uint64_t>(count_ * 10 + (key - '0'), 1'000'000'000);
    return true;
  }
  const std::uint64_t count = std::exchange(count_, 0);
  if (key == kKeyResize || key == kKeyNone || key == kKeyInterrupt) return true;
  message_.clear();
  Command command{};
  if (!command_for(key, command)) {
    message_ = "this key does nothing: ? shows the keys";
    return true;
  }
  return run(command, count);
}

void Browser::move_lines(int lines) {
  if (help_) {
    help_scroll_ = std::max(0, help_scroll_ + lines);
    return;
  }
  if (focus_ == Pane::Packets) {
    const auto target = static_cast<std::int64_t>(list_cursor_) + lines;
    list_cursor_ = static_cast<std::uint64_t>(std::clamp<std::int64_t>(
        target, 1, std::max<std::int64_t>(1, static_cast<std::int64_t>(timeline_.packet_count()))));
    return;
  }
  scroll_y_[static_cast<std::size_t>(focus_)] += lines;
}

bool Browser::run(Command command, std::uint64_t count) {
  const std::uint64_t times = std::max<std::uint64_t>(count, 1);
  const bool stops = !stops_.empty();
  const auto repeat = [&](std::size_t (*motion)(const std::vector<Stop>&, std::size_t)) {
    if (!stops) return;
    for (std::uint64_t i = 0; i < times; ++i) {
      const std::size_t to = motion(stops_, stop_);
      if (to == stop_) {
        message_ = to == 0 ? "the packet's first step"
                           : "the packet's last step: J goes to the next packet";
        break;
      }
      go_stop(to);
    }
  };
  switch (command) {
    case Command::StepForward:
      repeat([](const std::vector<Stop>& s, std::size_t at) {
        return std::min(at + 1, s.size() - 1);
      });
      break;
    case Command::StepBack:
      repeat([](const std::vector<Stop>&, std::size_t at) { return at == 0 ? at : at - 1; });
      break;
    case Command::NextForward:
      repeat(next_over);
      break;
    case Command::NextBack:
      repeat(previous_over);
      break;
    case Command::OverForward:
      repeat(next_stage);
      break;
    case Command::OverBack:
      repeat(previous_stage);
      break;
    case Command::FinishForward:
      repeat(finish_chain);
      break;
    case Command::FinishBack:
      repeat(enter_of_chain);
      break;
    case Command::ContinueForward:
      for (std::uint64_t i = 0; i < times; ++i) {
        if (stops && stop_ + 1 < stops_.size())
          go_stop(stops_.size() - 1);
        else if (packet_ < timeline_.packet_count())
          go_packet(packet_ + 1, true);
        else
          message_ = "the end of the capture";
      }
      break;
    case Command::ContinueBack:
      for (std::uint64_t i = 0; i < times; ++i) {
        if (stop_ > 0)
          go_stop(0);
        else if (packet_ > 1)
          go_packet(packet_ - 1, false);
        else
          message_ = "the beginning of the capture";
      }
      break;
    case Command::Restart:
      go_stop(0);
      break;
    case Command::PacketNext:
      if (packet_ == timeline_.packet_count()) message_ = "the last packet";
      go_packet(packet_ + times, false);
      break;
    case Command::PacketPrevious:
      if (packet_ == 1) message_ = "the first packet";
      go_packet(packet_ > times ? packet_ - times : 1, false);
      break;
    case Command::LineDown:
      move_lines(static_cast<int>(std::min<std::uint64_t>(times, 1'000'000)));
      break;
    case Command::LineUp:
      move_lines(-static_cast<int>(std::min<std::uint64_t>(times, 1'000'000)));
      break;
    case Command::PageDown:
      move_lines(10);
      break;
    case Command::PageUp:
      move_lines(-10);
      break;
    case Command::Left:
      scroll_x_[static_cast<std::size_t>(focus_)] =
          std::max(0, scroll_x_[static_cast<std::size_t>(focus_)] - 8);
      break;
    case Command::Right:
      scroll_x_[static_cast<std::size_t>(focus_)] += 8;
      break;
    case Command::First:
      if (focus_ == Pane::Packets)
        list_cursor_ = 1;
      else
        scroll_y_[static_cast<std::size_t>(focus_)] = -1'000'000;
      help_scroll_ = 0;
      break;
    case Command::Last:
      if (focus_ == Pane::Packets) {
        list_cursor_ = count == 0
                           ? std::max<std::uint64_t>(1, timeline_.packet_count())
                           : std::clamp<std::uint64_t>(
                                 count, 1, std::max<std::uint64_t>(1, timeline_.packet_count()));
      } else {
        scroll_y_[static_cast<std::size_t>(focus_)] = 1'000'000;
      }
      break;
    case Command::Choose:
      if (focus_ == Pane::Packets) go_packet(list_cursor_, false);
      break;
    case Command::FocusNext:
      focus_ = static_cast<Pane>((static_cast<int>(focus_) + 1) % kPaneCount);
      break;
    case Command::FocusPrevious:
      focus_ = static_cast<Pane>((static_cast<int>(focus_) + kPaneCount - 1) % kPaneCount);
      break;
    case Command::Zoom:
      zoom_ = !zoom_;
      break;
    case Command::AllFields:
      all_fields_ = !all_fields_;
      break;
    case Command::Help:
      help_ = !help_;
      help_scroll_ = 0;
      break;
    case Command::Redraw:
      break;
    case Command::Quit:
      if (help_)
        help_ = false;
      else if (zoom_)
        zoom_ = false;
      else
        return false;
      break;
  }
  return true;
}

void Browser::draw_title(Surface& surface) {
  surface.fill({0, 0, surface.width(), 1}, U' ', Role::Title);
  const std::string right =
      fmt::format("  pkt {}/{}  step {}/{} ", packet_, timeline_.packet_count(),
                  stops_.empty() ? 0 : stop_ + 1, stops_.size());
  const int room = surface.width() - text_width(right) - 1;
  surface.put(1, 0, fmt::format("pktwalk  {}", printable(title_)), Role::Title, std::max(room, 0));
  surface.put(std::max(0, surface.width() - text_width(right)), 0, right, Role::Title);
}

void Browser::draw_keys(Surface& surface, int y) {
  surface.put(0, y,
              help_
                  ? "j/k scroll   ? back   q back"
                  : "s/S step n/N next o/O stage f/F finish c/C end J/K pkt Tab pane ? help q quit",
              Role::Key);
}

void Browser::draw_panes(Surface& surface, const Rect& area) {
  struct Placed {
    Pane pane;
    Rect at;
    std::string title;
    void (*draw)(Browser&, Surface&, const Rect&);
  };
  const std::string count = fmt::format("4 packets {}", timeline_.packet_count());
  std::vector<Placed> placed;
  const auto add = [&](Pane pane, Rect at) {
    switch (pane) {
      case Pane::Path:
        placed.push_back({pane, at, "1 path", draw_path_pane});
        break;
      case Pane::Rules:
        placed.push_back({pane, at, "2 " + rules_title(*this), draw_rules_pane});
        break;
      case Pane::Why:
        placed.push_back({pane, at, "3 why + packet", draw_why_pane});
        break;
      case Pane::Packets:
        placed.push_back({pane, at, count, draw_packets_pane});
        break;
    }
  };
  if (zoom_) {
    add(focus_, area);
  } else {
    // Below 80x24 the packet list goes first, then why and rules share one pane.
    const int path_height = area.height >= 12 ? 4 : 3;
    const int list_height = area.height >= 20 ? std::max(7, area.height / 3) : 0;
    const int middle = area.height - path_height - list_height;
    add(Pane::Path, {area.x, area.y, area.width, path_height});
    const Rect centre{area.x, area.y + path_height, area.width, middle};
    if (area.width >= 70) {
      const int left = area.width / 2;
      add(Pane::Rules, {centre.x, centre.y, left, middle});
      add(Pane::Why, {centre.x + left, centre.y, area.width - left, middle});
    } else {
      add(focus_ == Pane::Rules ? Pane::Rules : Pane::Why, centre);
    }
    if (list_height != 0) add(Pane::Packets, {area.x, centre.y + middle, area.width, list_height});
  }
  for (const Placed& p : placed) {
    const Rect inside = surface.frame(p.at, p.title, focus_ == p.pane, ascii_);
    if (inside.width > 0 && inside.height > 0) p.draw(*this, surface, inside);
  }
}

void Browser::draw(Surface& surface) {
  surface.fill({0, 0, surface.width(), surface.height()}, U' ', Role::Normal);
  if (surface.width() < 40 || surface.height() < 10) {
    surface.put(0, 0, "40x10 needed");
    return;
  }
  draw_title(surface);
  const Rect area{0, 1, surface.width(), surface.height() - 3};
  if (timeline_.packet_count() == 0) {
    surface.put(2, 2, "the capture holds no packets");
  } else if (help_) {
    const Rect inside = surface.frame(area, "help", true, ascii_);
    const int lines = draw_help(surface, inside, help_scroll_, ascii_);
    help_scroll_ = std::clamp(help_scroll_, 0, std::max(0, lines - inside.height));
  } else {
    draw_panes(surface, area);
  }
  draw_keys(surface, surface.height() - 2);
  if (!message_.empty()) surface.put(0, surface.height() - 1, printable(message_), Role::Message);
}

}  // namespace pktwalk
