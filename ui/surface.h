// SPDX-License-Identifier: MIT
// A grid of cells with style roles. Panes draw on it, tests read it as text, one file brings it
// onto a terminal.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace pktwalk {

// What a cell means; the theme decides how it looks. The words on the screen carry the meaning,
// colour only helps.
enum class Role : std::uint8_t {
  Normal,
  Dim,
  Title,
  Frame,
  FrameFocus,
  Current,
  Match,
  NoMatch,
  Unknown,
  Changed,
  Drop,
  Accept,
  Key,
  Message,
  Error,
};

struct Cell {
  char32_t glyph = U' ';
  Role role = Role::Normal;
  bool continuation = false;  // the second column of a wide character
  bool operator==(const Cell&) const = default;
};

struct Rect {
  int x = 0, y = 0, width = 0, height = 0;
};

class Surface {
 public:
  Surface(int width, int height);

  int width() const { return width_; }
  int height() const { return height_; }
  const Cell& at(int x, int y) const { return cells_[static_cast<std::size_t>(y * width_ + x)]; }

  // Writes UTF-8 text, clipped to `columns` (negative: to the right edge) and to the surface.
  // Control characters never reach a cell. Returns the columns used.
  int put(int x, int y, std::string_view text, Role role = Role::Normal, int columns = -1);
  void fill(const Rect& area, char32_t glyph, Role role);
  // A frame with a title in its upper edge; the inside is returned.
  Rect frame(const Rect& area, std::string_view title, bool focus, bool ascii);

  // The screen as lines of text, without trailing blanks.
  std::string text() const;

 private:
  int width_;
  int height_;
  std::vector<Cell> cells_;
};

// Columns that the text takes.
int text_width(std::string_view text);

}  // namespace pktwalk
