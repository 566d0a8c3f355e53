// SPDX-License-Identifier: MIT
// State of stateful matches and targets (limit, recent, hashlimit, statistic nth ...). Each asks
// for a slot when it is parsed and reads and writes it through State while packets walk: so all
// state is one copyable value.
#pragma once

#include <concepts>
#include <cstdint>
#include <memory>
#include <vector>

#include "model/core/assert.h"

namespace pktwalk {

// A value in a slot: copyable and comparable behind a pointer.
class SlotValue {
 public:
  virtual ~SlotValue() = default;
  virtual std::unique_ptr<SlotValue> clone() const = 0;
  virtual bool equals(const SlotValue& other) const = 0;
};

// Gives a plain struct T (copyable, with operator==) the two functions above.
template <typename T>
class SlotOf final : public SlotValue {
 public:
  explicit SlotOf(T initial) : value(std::move(initial)) {}
  std::unique_ptr<SlotValue> clone() const override { return std::make_unique<SlotOf>(value); }
  bool equals(const SlotValue& other) const override {
    const auto* same = dynamic_cast<const SlotOf*>(&other);
    return same != nullptr && same->value == value;
  }
  T value;
};

template <typename T>
struct SlotRef {
  std::uint32_t index = 0;
};

class Slots {
 public:
  template <typename T>
  SlotRef<T> add(T initial) {
    values_.push_back(std::make_unique<SlotOf<T>>(std::move(initial)));
    return {static_cast<std::uint32_t>(values_.size() - 1)};
  }
  template <typename T>
  T& get(SlotRef<T> ref) {
    return static_cast<SlotOf<T>&>(*values_[ref.index]).value;
  }
  template <typename T>
  const T& get(SlotRef<T> ref) const {
    return static_cast<const SlotOf<T>&>(*values_[ref.index]).value;
  }

  Slots() = default;
  Slots(const Slots& other) { *this = other; }
  Slots& operator=(const Slots& other) {
    if (this == &other) return *this;
    values_.clear();
    values_.reserve(other.values_.size());
    for (const auto& v : other.values_) values_.push_back(v->clone());
    return *this;
  }
  Slots(Slots&&) noexcept = default;
  Slots& operator=(Slots&&) noexcept = default;
  bool operator==(const Slots& other) const {
    if (values_.size() != other.values_.size()) return false;
    for (std::size_t i = 0; i < values_.size(); ++i) {
      if (!values_[i]->equals(*other.values_[i])) return false;
    }
    return true;
  }

 private:
  std::vector<std::unique_ptr<SlotValue>> values_;
};

}  // namespace pktwalk
