// SPDX-License-Identifier: MIT
// Words to values: what a symbol means follows from the type that it stands for.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "model/host/host.h"
#include "model/netfilter/nft/ast_print.h"
#include "model/netfilter/nft/builder.h"

namespace pktwalk::nft {
namespace {

using ast::Expr;
using ast::ExprKind;

// Sets the bits behind the first `length` ones.
Data with_ones_behind(Data value, unsigned length) {
  for (std::size_t i = 0; i < value.size(); ++i) {
    const unsigned from = static_cast<unsigned>(i) * 8;
    if (from + 8 <= length) continue;
    const unsigned keep = length > from ? length - from : 0;
    value.bytes()[i] = static_cast<std::uint8_t>(value.bytes()[i] | (0xffu >> keep));
  }
  return value;
}

Data with_zeros_behind(Data value, unsigned length) {
  for (std::size_t i = 0; i < value.size(); ++i) {
    const unsigned from = static_cast<unsigned>(i) * 8;
    if (from + 8 <= length) continue;
    const unsigned keep = length > from ? length - from : 0;
    value.bytes()[i] = static_cast<std::uint8_t>(value.bytes()[i] & ~(0xffu >> keep));
  }
  return value;
}

// A "*" at the end that no backslash takes its meaning from.
bool is_name_prefix(std::string_view text) { return text.ends_with('*') && !text.ends_with("\\*"); }

Result<Data> binary(const Builder& builder, const Expr& expr, const Data& a, const Data& b,
                    std::size_t size) {
  const std::uint64_t x = a.number(), y = b.number();
  if (expr.text == "|") return Data::number(x | y, size);
  if (expr.text == "&") return Data::number(x & y, size);
  if (expr.text == "^") return Data::number(x ^ y, size);
  if (expr.text == "<<") return Data::number(y < 64 ? x << y : 0, size);
  if (expr.text == ">>") return Data::number(y < 64 ? x >> y : 0, size);
  return builder.error(expr.at, fmt::format("\"{}\" cannot be calculated", expr.text));
}

}  // namespace

bool Builder::is_constant(const Expr& expr) const {
  if (expr.kind == ExprKind::Symbol || expr.kind == ExprKind::String) return true;
  const bool composed = expr.kind == ExprKind::Prefix || expr.kind == ExprKind::Range ||
                        expr.kind == ExprKind::List || expr.kind == ExprKind::Binary ||
                        expr.kind == ExprKind::Concat;
  return composed && std::all_of(expr.args.begin(), expr.args.end(),
                                 [&](const ast::ExprPtr& arg) { return is_constant(*arg); });
}

Result<Data> Builder::constant(const Expr& expr, const Datatype& type, unsigned bits) {
  if (expr.kind == ExprKind::Symbol || expr.kind == ExprKind::String) {
    if (&type == &types::kIfIndex) return device_index(expr);
    Result<Data> data = parse_data(type, expr.text, bits);
    if (data) return data;
    return error(expr.at, data.error().what, data.error().hint);
  }
  if (expr.kind == ExprKind::List) {
    std::uint64_t all = 0;
    for (const ast::ExprPtr& arg : expr.args) {
      const Result<Data> one = constant(*arg, type, bits);
      if (!one) return one;
      all |= one->number();
    }
    return Data::number(all, bytes_of(bits));
  }
  if (expr.kind == ExprKind::Binary) {
    const Result<Data> a = constant(*expr.args[0], type, bits);
    if (!a) return a;
    const bool shift = expr.text == "<<" || expr.text == ">>";
    const Result<Data> b =
        constant(*expr.args[1], shift ? types::kInteger : type, shift ? 32 : bits);
    if (!b) return b;
    return binary(*this, expr, *a, *b, bytes_of(bits));
  }
  return error(expr.at,
               fmt::format("\"{}\" is no single value of type {}", ast::print(expr), type.name));
}

// iif and oif hold the index of a device, which only the host's own links tell.
Result<Data> Builder::device_index(const Expr& expr) {
  if (const Link* const link = host_.link(expr.text))
    return Data::number(static_cast<std::uint32_t>(link->index), 4);
  std::uint32_t index = 0;
  const char* const end = expr.text.data() + expr.text.size();
  if (!expr.text.empty() && std::from_chars(expr.text.data(), end, index).ptr == end)
    return Data::number(index, 4);
  // The kernel would not have loaded it: the device has gone since, and nothing comes by it.
  host_.diagnostics.push_back(
      {.severity = Severity::Warning,
       .at = {file_, expr.at.line},
       .column = expr.at.column,
       .what = fmt::format("the host has no device \"{}\": no packet can match", expr.text),
       .hint = "iif and oif hold a device's index; the dump of the links does not have it"});
  return Data::number(0xffffffffu, 4);
}

Result<Interval> Builder::interval(const Expr& expr, const Datatype& type, unsigned bits) {
  if (expr.kind == ExprKind::Prefix) {
    const Result<Data> base = constant(*expr.args[0], type, bits);
    if (!base) return base.error();
    if (expr.number > bits)
      return error(expr.at, fmt::format("/{} is longer than {} bits", expr.number, bits));
    const auto length = static_cast<unsigned>(expr.number + bytes_of(bits) * 8 - bits);
    return Interval{with_zeros_behind(*base, length), with_ones_behind(*base, length)};
  }
  if (expr.kind == ExprKind::Range) {
    const Result<Data> first = constant(*expr.args[0], type, bits);
    if (!first) return first.error();
    const Result<Data> last = constant(*expr.args[1], type, bits);
    if (!last) return last.error();
    if (*last < *first)
      return error(expr.at, fmt::format("the range {} ends before it begins", ast::print(expr)));
    return Interval{*first, *last};
  }
  if (type.string && is_name_prefix(expr.text)) {
    const std::string_view begin = std::string_view(expr.text).substr(0, expr.text.size() - 1);
    Data first = Data::from(std::span(reinterpret_cast<const std::uint8_t*>(begin.data()),
                                      std::min(begin.size(), bytes_of(bits))));
    Data last = first;
    static constexpr std::uint8_t kZero[1] = {0}, kOnes[1] = {0xff};
    while (first.size() < bytes_of(bits)) {
      first.append(kZero);
      last.append(kOnes);
    }
    return Interval{first, last};
  }
  const Result<Data> one = constant(expr, type, bits);
  if (!one) return one.error();
  return Interval{*one, *one};
}

Result<Interval> Builder::interval(const Expr& expr, const std::vector<SetField>& fields) {
  if (fields.size() == 1) return interval(expr, *fields[0].type, fields[0].bits);
  if (expr.kind != ExprKind::Concat || expr.args.size() != fields.size()) {
    return error(expr.at,
                 fmt::format("\"{}\" does not have the {} fields of this set", ast::print(expr),
                             fields.size()),
                 "fields are joined with \" . \"");
  }
  Interval all;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    const Result<Interval> one = interval(*expr.args[i], *fields[i].type, fields[i].bits);
    if (!one) return one;
    all.first.append(one->first.bytes());
    all.first.pad();
    all.last.append(one->last.bytes());
    all.last.pad();
  }
  return all;
}

}  // namespace pktwalk::nft
