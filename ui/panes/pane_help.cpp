// SPDX-License-Identifier: MIT
// The help screen, made from the key table.
#include <fmt/format.h>

#include <string>
#include <vector>

#include "ui/browser.h"

namespace pktwalk {

int draw_help(Surface& surface, const Rect& area, int scroll, bool ascii) {
  struct Line {
    std::string text;
    Role role;
  };
  std::vector<Line> lines;
  std::string_view group;
  for (const Binding& b : bindings()) {
    if (b.group != group) {
      group = b.group;
      lines.push_back({std::string(group), Role::Title});
    }
    lines.push_back({fmt::format("  {:<10} {}", b.shown, b.help), Role::Normal});
  }
  const Glyphs& g = glyphs(ascii);
  lines.push_back({"  5s 3J 12G  a count before a key repeats it", Role::Normal});
  lines.push_back({"marks", Role::Title});
  lines.push_back(
      {fmt::format("  {} here   {} done, or matched   {} no match, or dropped   {} cannot be known",
                   g.now, g.done, g.no, g.unknown),
       Role::Normal});
  lines.push_back(
      {fmt::format("  {} jumped from here   {} changed", g.caller, g.changed), Role::Normal});
  for (int row = 0; row < area.height && scroll + row < static_cast<int>(lines.size()); ++row) {
    const Line& line = lines[static_cast<std::size_t>(scroll + row)];
    surface.put(area.x, area.y + row, line.text, line.role, area.width);
  }
  return static_cast<int>(lines.size());
}

}  // namespace pktwalk
