// SPDX-License-Identifier: MIT
#include "ui/surface.h"

#include <algorithm>

namespace pktwalk {
namespace {

// Decodes one character; malformed bytes come out as U+FFFD, one by one.
char32_t decode(std::string_view& text) {
  const auto lead = static_cast<unsigned char>(text.front());
  std::size_t length = lead < 0x80 ? 1 : lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc2 ? 2 : 0;
  if (length == 0 || lead > 0xf4 || length > text.size()) length = 0;
  char32_t c = length == 1   ? lead
               : length == 2 ? lead & 0x1fu
               : length == 3 ? lead & 0x0fu
                             : lead & 0x07u;
  for (std::size_t i = 1; i < length; ++i) {
    const auto next = static_cast<unsigned char>(text[i]);
    if ((next & 0xc0) != 0x80) {
      length = 0;
      break;
    }
    c = c << 6 | (next & 0x3fu);
  }
  if (length == 0) {
    text.remove_prefix(1);
    return U'\ufffd';
  }
  text.remove_prefix(length);
  return c;
}

// Columns of a character, without asking the locale: East Asian wide blocks take two.
int width_of(char32_t c) {
  if ((c >= 0x1100 && c <= 0x115f) || (c >= 0x2e80 && c <= 0xa4cf) ||
      (c >= 0xac00 && c <= 0xd7a3) || (c >= 0xf900 && c <= 0xfaff) ||
      (c >= 0xfe30 && c <= 0xfe6f) || (c >= 0xff00 && c <= 0xff60) ||
      (c >= 0xffe0 && c <= 0xffe6) || (c >= 0x1f300 && c <= 0x1faff) ||
      (c >= 0x20000 && c <= 0x3fffd)) {
    return 2;
  }
  if ((c >= 0x300 && c <= 0x36f) || (c >= 0x200b && c <= 0x200f) || (c >= 0x202a && c <= 0x202e) ||
      (c >= 0x2060 && c <= 0x206f) || c == 0xfeff || (c >= 0xfe00 && c <= 0xfe0f)) {
    return 0;  // combining, or invisible and able to turn the text around: never drawn
  }
  return 1;
}

bool is_control(char32_t c) { return c < 0x20 || (c >= 0x7f && c < 0xa0); }

void append_utf8(std::string& out, char32_t c) {
  if (c < 0x80) {
    out += static_cast<char>(c);
  } else if (c < 0x800) {
    out += static_cast<char>(0xc0 | c >> 6);
    out += static_cast<char>(0x80 | (c & 0x3f));
  } else if (c < 0x10000) {
    out += static_cast<char>(0xe0 | c >> 12);
    out += static_cast<char>(0x80 | (c >> 6 & 0x3f));
    out += static_cast<char>(0x80 | (c & 0x3f));
  } else {
    out += static_cast<char>(0xf0 | c >> 18);
    out += static_cast<char>(0x80 | (c >> 12 & 0x3f));
    out += static_cast<char>(0x80 | (c >> 6 & 0x3f));
    out += static_cast<char>(0x80 | (c & 0x3f));
  }
}

}  // namespace

int text_width(std::string_view text) {
  int width = 0;
  while (!text.empty()) width += width_of(decode(text));
  return width;
}

Surface::Surface(int width, int height)
    : width_(std::max(width, 0)),
      height_(std::max(height, 0)),
      cells_(static_cast<std::size_t>(width_ * height_)) {}

int Surface::put(int x, int y, std::string_view text, Role role, int columns) {
  if (y < 0 || y >= height_) return 0;
  const int limit = columns < 0 ? width_ : std::min(width_, x + columns);
  int at = x;
  while (!text.empty()) {
    const bool tab = text.front() == '\t';
    char32_t c = decode(text);
    if (tab) c = U' ';
    if (is_control(c)) c = U'?';
    const int w = width_of(c);
    if (w == 0) continue;
    if (at + w > limit) break;
    if (at >= 0) {
      cells_[static_cast<std::size_t>(y * width_ + at)] = {c, role, false};
      if (w == 2) cells_[static_cast<std::size_t>(y * width_ + at + 1)] = {U' ', role, true};
    }
    at += w;
  }
  return at - x;
}

void Surface::fill(const Rect& area, char32_t glyph, Role role) {
  for (int y = std::max(area.y, 0); y < std::min(area.y + area.height, height_); ++y) {
    for (int x = std::max(area.x, 0); x < std::min(area.x + area.width, width_); ++x) {
      cells_[static_cast<std::size_t>(y * width_ + x)] = {glyph, role, false};
    }
  }
}

Rect Surface::frame(const Rect& area, std::string_view title, bool focus, bool ascii) {
  const Role role = focus ? Role::FrameFocus : Role::Frame;
  const char32_t h = ascii ? U'-' : U'\u2500', v = ascii ? U'|' : U'\u2502';
  const char32_t corners[4] = {ascii ? U'+' : U'\u250c', ascii ? U'+' : U'\u2510',
                               ascii ? U'+' : U'\u2514', ascii ? U'+' : U'\u2518'};
  const int right = area.x + area.width - 1, bottom = area.y + area.height - 1;
  fill({area.x, area.y, area.width, 1}, h, role);
  fill({area.x, bottom, area.width, 1}, h, role);
  fill({area.x, area.y, 1, area.height}, v, role);
  fill({right, area.y, 1, area.height}, v, role);
  fill({area.x, area.y, 1, 1}, corners[0], role);
  fill({right, area.y, 1, 1}, corners[1], role);
  fill({area.x, bottom, 1, 1}, corners[2], role);
  fill({right, bottom, 1, 1}, corners[3], role);
  put(area.x + 1, area.y, title, focus ? Role::FrameFocus : Role::Title, area.width - 2);
  return {area.x + 1, area.y + 1, area.width - 2, area.height - 2};
}

std::string Surface::text() const {
  std::string out;
  for (int y = 0; y < height_; ++y) {
    std::string line;
    for (int x = 0; x < width_; ++x) {
      if (!at(x, y).continuation) append_utf8(line, at(x, y).glyph);
    }
    line.erase(line.find_last_not_of(' ') + 1);
    out += line + "\n";
  }
  return out;
}

}  // namespace pktwalk
