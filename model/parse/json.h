// SPDX-License-Identifier: MIT
// JSON as the host's tools print it: a small tree that remembers lines. The library that reads it
// is known to json.cpp alone.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pktwalk::json {

enum class Kind : std::uint8_t { Null, Bool, Number, Text, Array, Object };

// A value. Asking for what it is not (a member of a number, the text of an array) gives nothing, so
// that readers need no test of types of their own.
struct Value {
  Kind kind = Kind::Null;
  std::uint32_t line = 1;  // where it begins
  bool boolean = false;
  std::int64_t number = 0;  // fractions are cut, what does not fit is the nearest that does
  std::string text;
  std::vector<Value> items;       // of a list
  std::vector<std::string> keys;  // of an object's members
  std::vector<Value> values;      // of the same members, at the same places

  const Value* find(std::string_view key) const;  // null: no such member
  bool has(std::string_view key) const { return find(key) != nullptr; }
  std::string_view text_of(std::string_view key) const;  // empty when absent or no text
  std::optional<std::int64_t> number_of(std::string_view key) const;
};

// Deeper nesting than this is refused: no tool prints it, and what walks the tree is recursive.
inline constexpr int kMaxDepth = 64;

struct Problem {
  std::uint32_t line = 1;
  std::uint32_t column = 1;
  std::string what;
};

// The document, or nothing and what is wrong with it.
std::optional<Value> parse(std::string_view text, Problem& problem);

// Whether the text looks like a JSON document at all: it begins as a list or an object.
bool looks_like_json(std::string_view text);

}  // namespace pktwalk::json
