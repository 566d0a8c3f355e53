// SPDX-License-Identifier: MIT
// Writes JSON text piece by piece into one string: objects, arrays, escaped strings.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace pktwalk {

class JsonWriter {
 public:
  JsonWriter& begin_object() { return open('{'); }
  JsonWriter& end_object() { return close('}'); }
  JsonWriter& begin_array() { return open('['); }
  JsonWriter& end_array() { return close(']'); }
  JsonWriter& key(std::string_view name);
  JsonWriter& string(std::string_view value);  // bytes that are no UTF-8 become U+FFFD
  JsonWriter& number(std::uint64_t value);
  JsonWriter& boolean(bool value);
  JsonWriter& hex(const std::uint8_t* bytes, std::size_t size);  // "0a1b..."

  JsonWriter& field(std::string_view name, std::string_view value) {
    return key(name).string(value);
  }
  JsonWriter& field(std::string_view name, const char* value) { return key(name).string(value); }
  JsonWriter& field(std::string_view name, std::uint64_t value) { return key(name).number(value); }
  JsonWriter& flag(std::string_view name, bool value) { return key(name).boolean(value); }

  const std::string& text() const { return text_; }
  void clear() {
    text_.clear();
    first_.clear();
    after_key_ = false;
  }

 private:
  JsonWriter& open(char bracket);
  JsonWriter& close(char bracket);
  void separate();

  std::string text_;
  std::vector<bool> first_;
  bool after_key_ = false;
};

}  // namespace pktwalk
