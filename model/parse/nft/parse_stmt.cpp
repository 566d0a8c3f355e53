// SPDX-License-Identifier: MIT
// Statements: comparisons, verdicts, counters and limits, changes of sets. Address translation,
// logging and what else ends a packet's way stand in parse_nat.cpp.
#include <fmt/format.h>

#include <array>
#include <utility>

#include "model/netfilter/nft/number.h"
#include "model/parse/nft/parser.h"
#include "model/parse/nft/words.h"

namespace pktwalk::nft {

using ast::ExprKind;
using ast::ExprPtr;
using ast::make;
using ast::StmtKind;
using ast::StmtPtr;

namespace {

struct Comparison {
  std::string_view sign, word;
};

constexpr std::array<Comparison, 6> kComparisons = {
    {{"==", "eq"}, {"!=", "ne"}, {"<=", "le"}, {">=", "ge"}, {"<", "lt"}, {">", "gt"}}};

}  // namespace

StmtPtr Parser::statement() {
  const Token& first = peek();
  StmtPtr made = statement_of(first);
  if (made == nullptr || failed_) return nullptr;
  made->at = first.at;
  const Token& last = previous();
  if (last.at.line == first.at.line) made->end_column = last.end_column;
  return made;
}

StmtPtr Parser::statement_of(const Token& first) {
  if (first.kind == TokenKind::XtName) {
    take();
    StmtPtr made = make(StmtKind::Xt, first.at);
    // Targets are named in capitals.
    const char initial = first.text.front();
    made->text = initial >= 'A' && initial <= 'Z' ? "target" : "match";
    made->text2 = first.text;
    return made;
  }
  if (first.kind != TokenKind::Word) return match_statement();
  const std::string_view word = first.text;
  if (words::contains(words::verdicts(), word)) return verdict_statement();
  if (word == "snat" || word == "dnat" || word == "masquerade" || word == "redirect") return nat();
  if (word == "log") return log();
  if (word == "reject") return reject();
  if (word == "tproxy") return tproxy();
  if (word == "dup") return dup();
  if (word == "fwd") return fwd();
  if (word == "queue") return queue();
  if (word == "synproxy") return synproxy();
  if (word == "notrack") return make(StmtKind::Notrack, take().at);
  if (word == "meter") return meter();
  if (word == "flow") return flow();
  if (word == "set") return old_set_update();
  if ((word == "add" || word == "update" || word == "delete") &&
      (peek(1).punct("@") || peek(1).kind == TokenKind::Variable)) {
    take();
    return set_update(std::string(word));
  }
  if (word == "ct") return ct_statement();
  if (word == "meta") return meta_statement();
  if (word == "xt") {
    StmtPtr made = make(StmtKind::Xt, take().at);
    made->text = name("match or target");
    made->text2 = name("the name of a match or target of iptables");
    return made;
  }
  if (word == "reset") {
    StmtPtr made = make(StmtKind::ResetTcpOption, take().at);
    expect_word("tcp");
    expect_word("option");
    made->text = words::canonical_tcp_option(peek().text);
    name("an option of tcp");
    return made;
  }
  if (word == "tunnel" && peek(1).is("name")) {
    StmtPtr made = make(StmtKind::Unknown, take().at);
    take();
    made->text = "tunnel name " + name("the name of a tunnel");
    return made;
  }
  StmtPtr made = stateful();
  if (made != nullptr || failed_) return made;
  return match_statement();
}

// A comparison, a verdict map, or a change: "tcp dport 22", "tcp dport vmap @m", "mark set 1".
StmtPtr Parser::match_statement() {
  const Token& first = peek();
  ExprPtr left = concat(Side::Left);
  if (left == nullptr || failed_) return nullptr;
  StmtPtr made = make(StmtKind::Match, first.at);
  if (take_word("map")) {
    ExprPtr map = make(ExprKind::Map, left->at);
    map->args.push_back(std::move(left));
    map->args.push_back(map_data());
    left = std::move(map);
  }
  made->args.push_back(std::move(left));
  if (take_word("vmap")) {
    made->kind = StmtKind::Vmap;
    made->args.push_back(map_data());
    return made;
  }
  if (take_word("set")) {
    made->kind = StmtKind::Set;
    made->args.push_back(statement_expr());
    return made;
  }
  for (const Comparison& one : kComparisons) {
    if (!peek().punct(one.sign) && !peek().is(one.word)) continue;
    take();
    made->op = one.sign;
    break;
  }
  if (made->op.empty() && (peek().punct("!") || peek().is("not"))) {
    take();
    made->op = "!";
  }
  ExprPtr right = right_side();
  if (take_punct("/")) {
    // "tcp flags syn / syn,ack" is tcp flags & (syn | ack) == syn.
    ExprPtr mask = ast::joined_bits(right_side());
    if (mask == nullptr) return nullptr;
    ExprPtr masked = make(ExprKind::Binary, made->args[0]->at, "&");
    masked->args.push_back(std::move(made->args[0]));
    masked->args.push_back(std::move(mask));
    made->args[0] = std::move(masked);
    right = ast::joined_bits(std::move(right));
    if (made->op.empty()) made->op = "==";
  }
  const bool set =
      right != nullptr && (right->kind == ExprKind::Set || right->kind == ExprKind::SetRef);
  if (set && made->op == "==") made->op.clear();  // to be in a set means the same
  if (made->args[0]->kind == ExprKind::Binary) right = ast::joined_bits(std::move(right));
  made->args.push_back(std::move(right));
  return made;
}

ExprPtr Parser::verdict(bool braces) {
  const Token& word = take();
  ExprPtr made = make(ExprKind::Verdict, word.at, std::string(word.text));
  if (word.text != "jump" && word.text != "goto") return made;
  if (!braces || !peek().punct("{")) {
    made->text2 = name("the name of a chain");
    return made;
  }
  // A chain without a name of its own; the kernel calls such chains the same.
  ast::Chain chain;
  chain.at = peek().at;
  chain.name = fmt::format("__chain{}", hidden_chains_++);
  chain.hidden = true;
  made->text2 = chain.name;
  made->number = 1;
  block("the chain", [this, &chain] { chain_item(chain); });
  hidden_.push_back(std::move(chain));
  return made;
}

StmtPtr Parser::verdict_statement() {
  StmtPtr made = make(StmtKind::Verdict, peek().at);
  made->args.push_back(verdict(true));
  return made;
}

// "counter name x": the object's name or a map that gives it.
StmtPtr Parser::named(StmtPtr stmt) {
  stmt->args.push_back(statement_expr());
  return stmt;
}

StmtPtr Parser::stateful() {
  const Token& first = peek();
  if (first.is("counter")) return counter();
  if (first.is("limit")) return limit();
  if (first.is("quota")) return quota();
  if (first.is("last")) return last();
  if (!first.is("ct") || !peek(1).is("count")) return nullptr;
  StmtPtr made = make(StmtKind::CtCount, take().at);
  take();
  made->over = take_word("over");
  made->number = number("a number of connections");
  return made;
}

StmtPtr Parser::counter() {
  StmtPtr made = make(StmtKind::Counter, take().at);
  if (take_word("name")) return named(std::move(made));
  while (peek().is("packets") || peek().is("bytes")) {
    const bool packets = take().is("packets");
    (packets ? made->number : made->number2) = number("a number");
    made->flag = true;
  }
  return made;
}

StmtPtr Parser::limit() {
  StmtPtr made = make(StmtKind::Limit, take().at);
  if (take_word("name")) return named(std::move(made));
  expect_word("rate");
  limit_rate(*made);
  return made;
}

// "over 10 mbytes/second burst 5 mbytes"
void Parser::limit_rate(ast::Stmt& limit) {
  if (take_word("over")) {
    limit.over = true;
  } else {
    take_word("until");
  }
  limit.number = number("a rate");
  limit.text2 = "packets";
  std::string per;
  if (take_punct("/")) {
    per = name("a unit of time");
  } else {
    // "mbytes/second" is one word, unless there are blanks.
    std::string unit = name("\"/\" or a unit of bytes");
    if (const std::size_t slash = unit.find('/'); slash != std::string::npos) {
      per = unit.substr(slash + 1);
      unit.resize(slash);
      if (per.empty()) per = name("a unit of time");
    } else if (expect_punct("/")) {
      per = name("a unit of time");
    }
    limit.text2 = unit;
  }
  limit.text = per;
  static constexpr std::array<std::string_view, 5> kTimes = {"second", "minute", "hour", "day",
                                                             "week"};
  static constexpr std::array<std::string_view, 4> kUnits = {"packets", "bytes", "kbytes",
                                                             "mbytes"};
  if (!words::contains(kTimes, limit.text)) fail(previous(), "second, minute, hour, day or week");
  if (!words::contains(kUnits, limit.text2)) fail(previous(), "packets, bytes, kbytes or mbytes");
  if (!take_word("burst")) return;
  limit.burst = number("a burst");
  limit.text3 = words::contains(kUnits, peek().text) ? std::string(take().text) : limit.text2;
}

StmtPtr Parser::quota() {
  StmtPtr made = make(StmtKind::Quota, take().at);
  if (take_word("name")) return named(std::move(made));
  quota_size(*made);
  return made;
}

void Parser::quota_size(ast::Stmt& quota) {
  if (take_word("over")) {
    quota.over = true;
  } else {
    take_word("until");
  }
  quota.number = number("a number of bytes");
  quota.text = name("bytes, kbytes or mbytes");
  if (!take_word("used")) return;
  quota.number2 = number("a number of bytes");
  quota.text2 = name("bytes, kbytes or mbytes");
}

StmtPtr Parser::last() {
  StmtPtr made = make(StmtKind::Last, take().at);
  made->flag = true;
  if (!take_word("used")) return made;
  if (take_word("never")) return made;
  made->flag = false;
  made->number = time_ms("never or a time");
  return made;
}

StmtPtr Parser::ct_statement() {
  const Token& kind = peek(1);
  const bool object = kind.is("helper") || kind.is("timeout") || kind.is("expectation");
  if (object && peek(2).is("set")) {
    StmtPtr made = make(StmtKind::CtObject, take().at);
    made->text = take().text;
    take();
    made->args.push_back(statement_expr());
    return made;
  }
  if (kind.is("count")) return stateful();
  return match_statement();
}

StmtPtr Parser::meta_statement() {
  if (!peek(1).is("secmark") || !peek(2).is("set")) return match_statement();
  const bool from_ct = peek(3).is("ct");
  if (from_ct) return match_statement();
  StmtPtr made = make(StmtKind::Secmark, take().at);
  take();
  take();
  made->args.push_back(statement_expr());
  return made;
}

// "@s { ip saddr timeout 1h : 5 }", behind add, update or delete.
StmtPtr Parser::set_update(const std::string& op) {
  StmtPtr made = make(StmtKind::SetUpdate, peek().at, op);
  ExprPtr set = set_reference();
  if (set == nullptr) return nullptr;
  made->text2 = set->text;
  expect_punct("{");
  skip_newlines();
  ExprPtr key = element(false);
  if (key == nullptr) return nullptr;
  // The statements go to every new element of the set.
  made->stateful = std::move(key->stateful);
  key->stateful.clear();
  made->args.push_back(std::move(key));
  if (take_punct(":")) made->args.push_back(statement_expr());
  skip_newlines();
  expect_punct("}");
  return made;
}

// "set add ip saddr @s": how it was written before nft 0.9.
StmtPtr Parser::old_set_update() {
  StmtPtr made = make(StmtKind::SetUpdate, take().at);
  if (!peek().is("add") && !peek().is("update") && !peek().is("delete"))
    fail(peek(), "add, update or delete");
  made->text = take().text;
  ExprPtr key = element(false);
  ExprPtr set = set_reference();
  if (key == nullptr || set == nullptr) return nullptr;
  made->text2 = set->text;
  made->args.push_back(std::move(key));
  return made;
}

// "meter m size 65535 { ip saddr limit rate 10/second }", "flow table m { ... }"
StmtPtr Parser::meter() {
  StmtPtr made = make(StmtKind::Meter, previous().at);
  if (peek().is("meter")) take();
  if (!peek().punct("{")) made->text2 = name("the name of a meter");
  if (take_word("size")) made->number = number("a size");
  expect_punct("{");
  skip_newlines();
  ExprPtr key = element(false);
  if (key == nullptr) return nullptr;
  made->stateful = std::move(key->stateful);
  key->stateful.clear();
  made->args.push_back(std::move(key));
  skip_newlines();
  expect_punct("}");
  return made;
}

StmtPtr Parser::flow() {
  const At at = take().at;
  if (take_word("table")) return meter();
  if (!take_word("add") && !take_word("offload")) {
    fail(peek(), "add, offload or table");
    return nullptr;
  }
  StmtPtr made = make(StmtKind::Flow, at);
  expect_punct("@");
  made->text2 = name("the name of a flowtable");
  return made;
}

}  // namespace pktwalk::nft
