// SPDX-License-Identifier: MIT
#include "model/core/printable.h"

#include <cstdint>

namespace pktwalk {
namespace {

// Bytes of the UTF-8 character that `text` begins with; 0: none that may be shown.
std::size_t shown_character(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
  const std::uint8_t first = byte(0);
  if (first < 0x80) return first >= 0x20 && first != 0x7f ? 1 : 0;
  const std::size_t length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4 || text.size() < length) return 0;
  std::uint32_t code = first & (0xffu >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return 0;
    code = code << 6 | (byte(i) & 0x3fu);
  }
  const bool overlong = (length == 3 && code < 0x800) || (length == 4 && code < 0x10000);
  const bool surrogate = code >= 0xd800 && code <= 0xdfff;
  // C1 controls speak to terminals; directional overrides turn the rest of the line around.
  const bool speaks =
      code < 0xa0 || (code >= 0x202a && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069);
  return overlong || surrogate || speaks || code > 0x10ffff ? 0 : length;
}

// Calls piece(bytes) for each character: what to show for it.
template <typename F>
void for_each_shown(std::string_view text, F&& piece) {
  constexpr char kHex[] = "0123456789abcdef";
  while (!text.empty()) {
    std::size_t length = shown_character(text);
    if (length > 0) {
      piece(text.substr(0, length), std::size_t{1});
    } else if (text[0] == '\t') {
      length = 1;
      piece(std::string_view(" "), std::size_t{1});
    } else {
      length = 1;
      const auto b = static_cast<std::uint8_t>(text[0]);
      const char escaped[] = {'\\', 'x', kHex[b >> 4], kHex[b & 15]};
      piece(std::string_view(escaped, 4), std::size_t{4});
    }
    text.remove_prefix(length);
  }
}

}  // namespace

std::string printable(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for_each_shown(text, [&](std::string_view shown, std::size_t) { out += shown; });
  return out;
}

std::size_t printable_width(std::string_view text) {
  std::size_t columns = 0;
  for_each_shown(text, [&](std::string_view, std::size_t width) { columns += width; });
  return columns;
}

}  // namespace pktwalk
