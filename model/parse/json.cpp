// SPDX-License-Identifier: MIT
// JSON to a tree, through nlohmann-json's event interface: it neither recurses nor throws that way.
#include "model/parse/json.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <nlohmann/json.hpp>

namespace pktwalk::json {
namespace {

// Counts what the library has read so far. It holds one character of look-ahead at most behind a
// number, so a container's first bracket is where the count stands.
struct Position {
  std::uint32_t line = 1;
  std::uint32_t column = 0;
};

class CountingIterator {
 public:
  using iterator_category = std::input_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char*;
  using reference = const char&;

  CountingIterator(const char* at, Position* position) : at_(at), position_(position) {}
  reference operator*() const { return *at_; }
  CountingIterator& operator++() {
    if (*at_ == '\n') {
      ++position_->line;
      position_->column = 0;
    } else {
      ++position_->column;
    }
    ++at_;
    return *this;
  }
  CountingIterator operator++(int) {
    CountingIterator old = *this;
    ++*this;
    return old;
  }
  bool operator==(const CountingIterator& other) const { return at_ == other.at_; }
  bool operator!=(const CountingIterator& other) const { return at_ != other.at_; }

 private:
  const char* at_;
  Position* position_;
};

class Builder final : public nlohmann::json_sax<nlohmann::json> {
 public:
  explicit Builder(const Position& position, Problem& problem)
      : position_(position), problem_(problem) {}

  Value take() { return std::move(root_); }

  bool null() override { return add({}); }
  bool boolean(bool v) override { return add({.kind = Kind::Bool, .boolean = v}); }
  bool number_integer(number_integer_t v) override {
    return add({.kind = Kind::Number, .number = v});
  }
  bool number_unsigned(number_unsigned_t v) override {
    constexpr number_unsigned_t kMost = std::numeric_limits<std::int64_t>::max();
    return add({.kind = Kind::Number, .number = static_cast<std::int64_t>(std::min(v, kMost))});
  }
  bool number_float(number_float_t v, const string_t&) override {
    constexpr double kMost = 9.2e18;
    const double fits = std::isfinite(v) ? std::clamp(v, -kMost, kMost) : 0;
    return add({.kind = Kind::Number, .number = static_cast<std::int64_t>(fits)});
  }
  bool string(string_t& v) override { return add({.kind = Kind::Text, .text = std::move(v)}); }
  bool binary(binary_t&) override { return false; }
  bool start_object(std::size_t) override { return open(Kind::Object); }
  bool start_array(std::size_t) override { return open(Kind::Array); }
  bool end_object() override { return close(); }
  bool end_array() override { return close(); }
  bool key(string_t& v) override {
    key_ = std::move(v);
    return true;
  }
  bool parse_error(std::size_t, const std::string&, const nlohmann::detail::exception&) override {
    problem_ = {position_.line, std::max(position_.column, 1u), "this is no valid JSON"};
    return false;
  }

 private:
  Value& put(Value value) {
    value.line = position_.line;
    if (open_.empty()) {
      root_ = std::move(value);
      return root_;
    }
    Value& parent = *open_.back();
    if (parent.kind == Kind::Array) return parent.items.emplace_back(std::move(value));
    parent.keys.push_back(std::move(key_));
    return parent.values.emplace_back(std::move(value));
  }
  bool add(Value value) {
    put(std::move(value));
    return true;
  }
  bool open(Kind kind) {
    if (open_.size() >= static_cast<std::size_t>(kMaxDepth)) {
      problem_ = {position_.line, std::max(position_.column, 1u), "JSON is nested too deeply"};
      return false;
    }
    // A parent grows only while it is the innermost open one, so the pointers stay good.
    open_.push_back(&put({.kind = kind}));
    return true;
  }
  bool close() {
    open_.pop_back();
    return true;
  }

  const Position& position_;
  Problem& problem_;
  Value root_;
  std::vector<Value*> open_;
  std::string key_;
};

}  // namespace

const Value* Value::find(std::string_view key) const {
  const auto found = std::find(keys.begin(), keys.end(), key);
  return found == keys.end() ? nullptr : &values[static_cast<std::size_t>(found - keys.begin())];
}

std::string_view Value::text_of(std::string_view key) const {
  const Value* value = find(key);
  return value != nullptr && value->kind == Kind::Text ? std::string_view(value->text)
                                                       : std::string_view{};
}

std::optional<std::int64_t> Value::number_of(std::string_view key) const {
  const Value* value = find(key);
  if (value == nullptr || value->kind != Kind::Number) return std::nullopt;
  return value->number;
}

std::optional<Value> parse(std::string_view text, Problem& problem) {
  Position position;
  Builder builder(position, problem);
  const CountingIterator first(text.data(), &position);
  const CountingIterator last(text.data() + text.size(), &position);
  if (!nlohmann::json::sax_parse(first, last, &builder)) return std::nullopt;
  return builder.take();
}

bool looks_like_json(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r\n";
  const std::size_t first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos || (text[first] != '[' && text[first] != '{')) return false;
  const std::size_t second = text.find_first_not_of(kBlanks, first + 1);
  if (second == std::string_view::npos) return false;
  // "[root@r1 ~]# ..." and "[0:0] -A INPUT" begin with a bracket as well.
  return std::string_view(text[first] == '[' ? "[]{\"" : "\"}").find(text[second]) !=
         std::string_view::npos;
}

}  // namespace pktwalk::json
