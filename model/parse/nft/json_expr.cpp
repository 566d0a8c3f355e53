// SPDX-License-Identifier: MIT
// Expressions of nft's JSON.
#include <fmt/format.h>

#include <array>
#include <utility>

#include "model/parse/nft/json_reader.h"
#include "model/parse/nft/words.h"

namespace pktwalk::nft {

using ast::ExprKind;
using ast::ExprPtr;
using ast::make;
using json::Kind;
using json::Value;

namespace {

std::uint64_t unsigned_of(const Value& value, std::string_view key) {
  return static_cast<std::uint64_t>(value.number_of(key).value_or(0));
}

bool is_operator(std::string_view kind) {
  return kind == "|" || kind == "^" || kind == "&" || kind == "<<" || kind == ">>";
}

}  // namespace

std::vector<std::string> json_words(const Value* value) {
  std::vector<std::string> words;
  if (value == nullptr) return words;
  if (value->kind == Kind::Text) words.push_back(value->text);
  for (const Value& item : value->items) {
    if (item.kind == Kind::Text) words.push_back(item.text);
  }
  return words;
}

JsonReader::Form JsonReader::form_of(std::string_view type) {
  static constexpr std::array<std::string_view, 10> kQuoted = {
      "ifname", "iface_index", "uid", "gid", "string", "time", "hour", "day", "ct_helper", "osf"};
  if (type == "mark") return Form::Mark;
  return words::contains(kQuoted, type) ? Form::Quoted : Form::Plain;
}

JsonReader::Form JsonReader::form_of(const ast::Expr& expr) {
  static constexpr std::array<std::string_view, 14> kQuotedMeta = {
      "iif",     "oif",      "iifname", "oifname", "iifkind", "oifkind", "ibrname",
      "obrname", "sdifname", "skuid",   "skgid",   "time",    "hour",    "day"};
  const ExprKind kind = expr.kind;
  const bool has_mark = kind == ExprKind::Meta || kind == ExprKind::Ct || kind == ExprKind::Socket;
  if (has_mark && expr.text == "mark") return Form::Mark;
  if ((kind == ExprKind::Binary || kind == ExprKind::Map) && !expr.args.empty() && expr.args[0])
    return form_of(*expr.args[0]);
  const bool quoted = (kind == ExprKind::Meta && words::contains(kQuotedMeta, expr.text)) ||
                      (kind == ExprKind::Ct && expr.text == "helper") ||
                      (kind == ExprKind::Socket && expr.text == "cgroupv2") ||
                      (kind == ExprKind::Fib && (expr.text2 == "oif" || expr.text2 == "oifname")) ||
                      kind == ExprKind::Osf;
  return quoted ? Form::Quoted : Form::Plain;
}

JsonReader::Forms JsonReader::forms_of(const ast::Expr& expr) {
  Forms forms;
  if (expr.kind == ExprKind::Concat) {
    for (const ExprPtr& part : expr.args) forms.push_back(part ? form_of(*part) : Form::Plain);
  } else {
    forms.push_back(form_of(expr));
  }
  return forms;
}

ExprPtr JsonReader::optional(const Value* value, const Forms& forms) {
  return value == nullptr ? nullptr : expr(*value, forms);
}

ExprPtr JsonReader::immediate(const Value& value, Form form) {
  if (value.kind == Kind::Bool)
    return make(ExprKind::Symbol, at(value), value.boolean ? "exists" : "missing");
  if (value.kind == Kind::Number) {
    return make(ExprKind::Symbol, at(value),
                form == Form::Mark && value.number >= 0 ? fmt::format("0x{:08x}", value.number)
                                                        : fmt::format("{}", value.number));
  }
  if (value.text == "*") return make(ExprKind::Wildcard, at(value), "*");
  if (value.text.starts_with("@")) return make(ExprKind::SetRef, at(value), value.text.substr(1));
  const bool odd = value.text.empty() || value.text.find(' ') != std::string::npos;
  return make(form == Form::Quoted || odd ? ExprKind::String : ExprKind::Symbol, at(value),
              value.text);
}

ExprPtr JsonReader::expr(const Value& value, const Forms& forms) {
  if (value.kind == Kind::Array) {
    ExprPtr made = make(ExprKind::List, at(value));
    for (const Value& item : value.items) made->args.push_back(expr(item, forms));
    return made;
  }
  if (value.kind == Kind::Object && value.keys.size() == 1) {
    ExprPtr made = expr_of(value.keys[0], value.values[0], forms);
    if (made == nullptr) {
      fail(value, fmt::format("the expression \"{}\" is not known", value.keys[0]));
      made = make(ExprKind::Unknown, at(value), value.keys[0]);
    }
    return made;
  }
  if (value.kind == Kind::Object || value.kind == Kind::Null) {
    fail(value, "an expression is not understood");
    return make(ExprKind::Unknown, at(value));
  }
  return immediate(value, forms.empty() ? Form::Plain : forms.front());
}

ExprPtr JsonReader::expr_of(std::string_view kind, const Value& value, const Forms& forms) {
  const auto key_of = [this, &value](ExprKind made) {
    return make(made, at(value), std::string(value.text_of("key")));
  };
  if (is_operator(kind)) return binary(kind, value, forms);
  if (kind == "concat") {
    ExprPtr made = make(ExprKind::Concat, at(value));
    for (std::size_t i = 0; i < value.items.size(); ++i) {
      const Form form = i < forms.size() ? forms[i] : Form::Plain;
      made->args.push_back(expr(value.items[i], {form}));
    }
    return made;
  }
  if (kind == "set") return set_expr(value, forms);
  if (kind == "elem") return set_element(value, forms, {});
  if (kind == "map") {
    ExprPtr made = make(ExprKind::Map, at(value));
    made->args.push_back(optional(value.find("key")));
    const Forms key_forms = made->args[0] ? forms_of(*made->args[0]) : Forms{};
    const Value* data = value.find("data");
    const bool set = data != nullptr && data->has("set");
    made->args.push_back(set ? set_expr(*data->find("set"), key_forms, forms) : optional(data));
    return made;
  }
  if (kind == "prefix") {
    ExprPtr made = make(ExprKind::Prefix, at(value));
    made->args.push_back(optional(value.find("addr"), forms));
    made->number = unsigned_of(value, "len");
    return made;
  }
  if (kind == "range") {
    ExprPtr made = make(ExprKind::Range, at(value));
    for (const Value& item : value.items) made->args.push_back(expr(item, forms));
    return made;
  }
  if (kind == "payload") return payload(value);
  if (kind == "exthdr" || kind == "tcp option" || kind == "ip option" || kind == "sctp chunk" ||
      kind == "dccp option")
    return header_option(kind, value);
  if (kind == "numgen" || kind == "jhash" || kind == "symhash") return hash(kind, value);
  if (kind == "meta") {
    return make(ExprKind::Meta, at(value),
                std::string(words::canonical_meta(value.text_of("key"))));
  }
  if (kind == "ct" || kind == "rt" || kind == "ipsec") {
    ExprPtr made = key_of(kind == "ct"   ? ExprKind::Ct
                          : kind == "rt" ? ExprKind::Rt
                                         : ExprKind::Xfrm);
    made->text2 = value.text_of("dir");
    made->text3 = value.text_of("family");
    // "ct": {"key": "ip saddr"}: the family is a part of the key there.
    const std::size_t blank = made->text.find(' ');
    if (kind == "ct" && blank != std::string::npos) {
      made->text3 = made->text.substr(0, blank);
      made->text.erase(0, blank + 1);
    }
    made->number = unsigned_of(value, "spnum");
    return made;
  }
  if (kind == "socket") {
    ExprPtr made = key_of(ExprKind::Socket);
    made->number = unsigned_of(value, "level");
    return made;
  }
  if (kind == "osf") {
    ExprPtr made = key_of(ExprKind::Osf);
    made->text2 = value.text_of("ttl");
    return made;
  }
  if (kind == "tunnel") {
    ExprPtr made = make(ExprKind::Tunnel, at(value), "tunnel");
    made->text2 = value.text_of("key");
    return made;
  }
  if (kind == "fib") {
    ExprPtr made = make(ExprKind::Fib, at(value));
    for (const std::string& flag : json_words(value.find("flags")))
      made->text += (made->text.empty() ? "" : " . ") + flag;
    made->text2 = value.text_of("result");
    return made;
  }
  return verdict(kind, value);
}

ExprPtr JsonReader::payload(const Value& value) {
  if (value.has("base")) {
    ExprPtr made = make(ExprKind::RawPayload, at(value), std::string(value.text_of("base")));
    made->number = unsigned_of(value, "offset");
    made->number2 = unsigned_of(value, "len");
    return made;
  }
  ExprPtr made = make(ExprKind::Payload, at(value), std::string(value.text_of("protocol")));
  made->text2 = words::canonical_field(made->text, value.text_of("field"));
  if (!value.has("tunnel")) return made;
  ExprPtr outer = make(ExprKind::Tunnel, at(value), std::string(value.text_of("tunnel")));
  outer->args.push_back(std::move(made));
  return outer;
}

ExprPtr JsonReader::header_option(std::string_view kind, const Value& value) {
  ExprPtr made = make(ExprKind::Exthdr, at(value), std::string(value.text_of("name")));
  made->text2 = value.text_of("field");
  if (kind == "exthdr") {
    made->number = unsigned_of(value, "offset");
  } else if (kind == "ip option") {
    made->kind = ExprKind::IpOption;
  } else if (kind == "sctp chunk") {
    made->kind = ExprKind::SctpChunk;
  } else if (kind == "dccp option") {
    made->kind = ExprKind::DccpOption;
    made->number = unsigned_of(value, "type");
  } else {
    made->kind = ExprKind::TcpOption;
    made->text = words::canonical_tcp_option(made->text);
    if (value.has("base") && value.has("len")) {
      made->text = "@";
      made->number = unsigned_of(value, "base");
      made->number2 = unsigned_of(value, "offset");
      made->number3 = unsigned_of(value, "len");
    } else if (made->text.empty()) {
      made->text = fmt::format("{}", unsigned_of(value, "base"));
    }
  }
  return made;
}

ExprPtr JsonReader::hash(std::string_view kind, const Value& value) {
  ExprPtr made = make(kind == "numgen"  ? ExprKind::Numgen
                      : kind == "jhash" ? ExprKind::Jhash
                                        : ExprKind::Symhash,
                      at(value));
  if (kind == "numgen") made->text = value.text_of("mode");
  if (kind == "jhash") made->args.push_back(optional(value.find("expr")));
  made->number = unsigned_of(value, "mod");
  made->number2 = unsigned_of(value, "offset");
  if (value.has("seed")) made->seed = unsigned_of(value, "seed");
  return made;
}

// {"|": [a, b, c]} is a | b | c.
ExprPtr JsonReader::binary(std::string_view op, const Value& value, const Forms& forms) {
  ExprPtr whole;
  for (const Value& item : value.items) {
    // A list of bits is their sum, as in tcp flags & (fin | syn).
    const Forms& inner = whole != nullptr && forms.empty() ? forms_of(*whole) : forms;
    const Forms own = op == "<<" || op == ">>" ? Forms{} : inner;
    ExprPtr next = item.kind == Kind::Array ? binary("|", item, own) : expr(item, own);
    if (whole == nullptr) {
      whole = std::move(next);
      continue;
    }
    ExprPtr both = make(ExprKind::Binary, at(value), std::string(op));
    both->args.push_back(std::move(whole));
    both->args.push_back(std::move(next));
    whole = std::move(both);
  }
  return whole != nullptr ? std::move(whole) : make(ExprKind::Unknown, at(value));
}

ExprPtr JsonReader::verdict(std::string_view kind, const Value& value) {
  if (!words::contains(words::verdicts(), kind) && kind != "queue") return nullptr;
  ExprPtr made = make(ExprKind::Verdict, at(value), std::string(kind));
  made->text2 = value.text_of("target");
  return made;
}

ExprPtr JsonReader::set_expr(const Value& value, const Forms& forms, const Forms& data_forms) {
  ExprPtr made = make(ExprKind::Set, at(value));
  if (value.kind != Kind::Array) {
    made->args.push_back(set_element(value, forms, data_forms));
    return made;
  }
  for (const Value& item : value.items) made->args.push_back(set_element(item, forms, data_forms));
  return made;
}

// A key, {"elem": ...} around a key, or [key, data] of a map.
ExprPtr JsonReader::set_element(const Value& value, const Forms& forms, const Forms& data_forms) {
  if (value.kind == Kind::Array && value.items.size() == 2) {
    ExprPtr made = set_element(value.items[0], forms, {});
    made->args.push_back(element_data(value.items[1], data_forms));
    return made;
  }
  const Value* elem = value.find("elem");
  if (elem == nullptr && value.has("val")) elem = &value;
  ExprPtr made = make(ExprKind::Element, at(value));
  if (elem == nullptr) {
    made->args.push_back(expr(value, forms));
    return made;
  }
  const Value* key = elem->find("val");
  made->args.push_back(key != nullptr ? expr(*key, forms) : make(ExprKind::Unknown, at(value)));
  if (const auto seconds = elem->number_of("timeout"))
    made->timeout_ms = static_cast<std::uint64_t>(*seconds) * 1000;
  if (const auto seconds = elem->number_of("expires"))
    made->expires_ms = static_cast<std::uint64_t>(*seconds) * 1000;
  made->comment = elem->text_of("comment");
  for (std::size_t i = 0; i < elem->keys.size(); ++i) {
    StmtPtr stmt = stateful(elem->keys[i], elem->values[i]);
    if (stmt != nullptr) made->stateful.push_back(std::move(stmt));
  }
  return made;
}

ExprPtr JsonReader::element_data(const Value& value, const Forms& forms) {
  return expr(value, forms);
}

}  // namespace pktwalk::nft
