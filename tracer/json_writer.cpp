// SPDX-License-Identifier: MIT
#include "tracer/json_writer.h"

#include <fmt/format.h>

namespace pktwalk {
namespace {

// Length of the UTF-8 sequence at `s`, 0 when it is none (RFC 3629: no overlong forms, no
// surrogates).
std::size_t utf8_length(std::string_view s) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(s[i]); };
  const auto follows = [&](std::size_t i) { return i < s.size() && (byte(i) & 0xc0) == 0x80; };
  const unsigned char lead = byte(0);
  if (lead < 0x80) return 1;
  if (lead >= 0xc2 && lead <= 0xdf) return follows(1) ? 2 : 0;
  if (lead >= 0xe0 && lead <= 0xef) {
    if (!follows(1) || !follows(2)) return 0;
    if (lead == 0xe0 && byte(1) < 0xa0) return 0;
    if (lead == 0xed && byte(1) > 0x9f) return 0;
    return 3;
  }
  if (lead >= 0xf0 && lead <= 0xf4) {
    if (!follows(1) || !follows(2) || !follows(3)) return 0;
    if (lead == 0xf0 && byte(1) < 0x90) return 0;
    if (lead == 0xf4 && byte(1) > 0x8f) return 0;
    return 4;
  }
  return 0;
}

}  // namespace

void JsonWriter::separate() {
  if (after_key_) {
    after_key_ = false;
    return;
  }
  if (first_.empty()) return;
  if (!first_.back()) text_ += ',';
  first_.back() = false;
}

JsonWriter& JsonWriter::open(char bracket) {
  separate();
  text_ += bracket;
  first_.push_back(true);
  return *this;
}

JsonWriter& JsonWriter::close(char bracket) {
  first_.pop_back();
  text_ += bracket;
  return *this;
}

JsonWriter& JsonWriter::key(std::string_view name) {
  string(name);
  text_ += ':';
  after_key_ = true;
  return *this;
}

JsonWriter& JsonWriter::string(std::string_view value) {
  separate();
  text_ += '"';
  while (!value.empty()) {
    const auto c = static_cast<unsigned char>(value.front());
    if (c == '"' || c == '\\') {
      text_ += '\\';
      text_ += static_cast<char>(c);
      value.remove_prefix(1);
    } else if (c < 0x20 || c == 0x7f) {
      fmt::format_to(std::back_inserter(text_), "\\u{:04x}", c);
      value.remove_prefix(1);
    } else if (const std::size_t length = utf8_length(value); length != 0) {
      text_ += value.substr(0, length);
      value.remove_prefix(length);
    } else {
      text_ += "\\ufffd";
      value.remove_prefix(1);
    }
  }
  text_ += '"';
  return *this;
}

JsonWriter& JsonWriter::number(std::uint64_t value) {
  separate();
  fmt::format_to(std::back_inserter(text_), "{}", value);
  return *this;
}

JsonWriter& JsonWriter::boolean(bool value) {
  separate();
  text_ += value ? "true" : "false";
  return *this;
}

JsonWriter& JsonWriter::hex(const std::uint8_t* bytes, std::size_t size) {
  static constexpr char kDigits[] = "0123456789abcdef";
  separate();
  text_ += '"';
  for (std::size_t i = 0; i < size; ++i) {
    text_ += kDigits[bytes[i] >> 4];
    text_ += kDigits[bytes[i] & 15];
  }
  text_ += '"';
  return *this;
}

}  // namespace pktwalk
