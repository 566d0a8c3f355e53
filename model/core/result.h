// SPDX-License-Identifier: MIT
// Result<T>: a value, or an Error that says what was wrong, where, and what was expected.
// It has the names of std::expected, which C++20 lacks.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <variant>

#include "model/core/assert.h"

namespace pktwalk {

// A place in an input. `file` is the name as the user gave it; `line` and `column` count from 1, 0
// means "the whole file"; `offset` is a byte offset for binary inputs, -1 when it has no meaning.
struct Where {
  std::string file;
  std::uint32_t line = 0;
  std::uint32_t column = 0;
  std::int64_t offset = -1;

  bool operator==(const Where&) const = default;
};

// An error for a person: what is wrong (a whole phrase that names the thing and the value seen),
// where it stands, and, if it helps, what to do about it.
struct Error {
  std::string what;
  Where where;
  std::string hint;
};

// "file:line:column: what (hint)", leaving out what is not known.
std::string to_string(const Error& error);

template <typename T>
class [[nodiscard]] Result {
 public:
  Result(T value)
      : data_(std::in_place_index<0>, std::move(value)) {}  // NOLINT(google-explicit-constructor)
  Result(Error error)
      : data_(std::in_place_index<1>, std::move(error)) {}  // NOLINT(google-explicit-constructor)

  bool has_value() const { return data_.index() == 0; }
  explicit operator bool() const { return has_value(); }

  T& value() & {
    PKTWALK_ASSERT(has_value());
    return *std::get_if<0>(&data_);
  }
  const T& value() const& {
    PKTWALK_ASSERT(has_value());
    return *std::get_if<0>(&data_);
  }
  T&& value() && {
    PKTWALK_ASSERT(has_value());
    return std::move(*std::get_if<0>(&data_));
  }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

  const Error& error() const {
    PKTWALK_ASSERT(!has_value());
    return *std::get_if<1>(&data_);
  }

 private:
  std::variant<T, Error> data_;
};

// For functions that only succeed or fail.
struct Ok {};
using Status = Result<Ok>;

}  // namespace pktwalk
