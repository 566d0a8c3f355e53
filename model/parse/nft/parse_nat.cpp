// SPDX-License-Identifier: MIT
// Statements that change, copy, hand over or report a packet.
#include <algorithm>
#include <array>
#include <utility>

#include "model/parse/nft/parser.h"
#include "model/parse/nft/words.h"

namespace pktwalk::nft {

using ast::ExprKind;
using ast::make;
using ast::StmtKind;
using ast::StmtPtr;

// "random,persistent": false when none of the flags stands here.
bool Parser::flag_list(ast::Stmt& stmt, std::initializer_list<std::string_view> flags) {
  const auto is_flag = [&flags](const Token& token) {
    return token.kind == TokenKind::Word &&
           std::find(flags.begin(), flags.end(), token.text) != flags.end();
  };
  if (!is_flag(peek())) return false;
  do {
    if (!is_flag(peek())) {
      fail(peek(), "a flag");
      break;
    }
    stmt.options.emplace_back(take().text, "");
  } while (take_punct(","));
  return true;
}

StmtPtr Parser::log() {
  StmtPtr made = make(StmtKind::Log, take().at);
  while (!failed_) {
    const Token& option = peek();
    if (option.is("prefix")) {
      take();
      const Token& text = peek();
      if (text.kind == TokenKind::Quoted) {
        take();
        made->options.emplace_back("prefix", with_variables(text));
      } else {
        made->options.emplace_back("prefix", name("a string"));
      }
    } else if (option.is("group") || option.is("snaplen") || option.is("queue-threshold")) {
      take();
      made->options.emplace_back(option.text, std::to_string(number("a number")));
    } else if (option.is("level")) {
      take();
      static constexpr std::array<std::string_view, 10> kLevels = {
          "emerg", "alert", "crit", "err", "warn", "warning", "notice", "info", "debug", "audit"};
      if (!words::contains(kLevels, peek().text)) fail(peek(), "a level, from emerg to debug");
      const std::string level(take().text);
      made->options.emplace_back("level", level == "warning" ? "warn" : level);
    } else if (option.is("flags")) {
      take();
      log_flags(*made);
    } else {
      break;
    }
  }
  return made;
}

void Parser::log_flags(ast::Stmt& log) {
  const auto add = [&log](std::string flag) { log.options.emplace_back("flags", std::move(flag)); };
  if (take_word("tcp")) {
    do {
      if (!peek().is("sequence") && !peek().is("options")) fail(peek(), "sequence or options");
      add("tcp " + std::string(take().text));
    } while (take_punct(","));
  } else if (take_word("ip")) {
    expect_word("options");
    add("ip options");
  } else if (peek().is("skuid") || peek().is("ether") || peek().is("all")) {
    add(std::string(take().text));
  } else {
    fail(peek(), "tcp, ip options, skuid, ether or all");
  }
}

StmtPtr Parser::reject() {
  StmtPtr made = make(StmtKind::Reject, take().at);
  if (!take_word("with")) return made;
  if (take_word("tcp")) {
    expect_word("reset");
    made->options.emplace_back("type", "tcp reset");
    return made;
  }
  if (!peek().is("icmp") && !peek().is("icmpv6") && !peek().is("icmpx")) {
    fail(peek(), "tcp reset, icmp, icmpv6 or icmpx");
    return made;
  }
  made->options.emplace_back("type", take().text);
  take_word("type");
  made->args.push_back(symbol(Side::Right));
  return made;
}

StmtPtr Parser::nat() {
  const Token& first = take();
  StmtPtr made = make(StmtKind::Nat, first.at, std::string(first.text));
  const bool addresses = first.is("snat") || first.is("dnat");
  made->args.resize(2);
  while (!failed_ && flag_list(*made, {"random", "fully-random", "persistent"})) {
  }
  if ((peek().is("ip") || peek().is("ip6")) && !begins_selector(0)) made->text2 = take().text;
  if (peek().is("addr") && peek(1).punct(".")) {
    take();
    take();
    expect_word("port");
    made->options.emplace_back("concat", "");
  }
  if (peek().is("interval") || peek().is("prefix")) made->options.emplace_back(take().text, "");
  const bool to = take_word("to");
  if (at_statement_end() || (!to && !addresses)) return made;
  const bool colon = take_punct(":");
  if (addresses && !colon) {
    made->args[0] = statement_expr();
    if (take_punct(":")) made->args[1] = statement_expr();
  } else {
    made->args[1] = statement_expr();
  }
  while (!failed_ && flag_list(*made, {"random", "fully-random", "persistent"})) {
  }
  return made;
}

StmtPtr Parser::tproxy() {
  StmtPtr made = make(StmtKind::Tproxy, take().at);
  made->args.resize(2);
  if (peek().is("ip") || peek().is("ip6")) made->text2 = take().text;
  expect_word("to");
  if (!take_punct(":")) {
    made->args[0] = statement_expr();
    if (!take_punct(":")) return made;
  }
  made->args[1] = statement_expr();
  return made;
}

StmtPtr Parser::dup() {
  StmtPtr made = make(StmtKind::Dup, take().at);
  made->args.resize(2);
  expect_word("to");
  made->args[0] = statement_expr();
  if (take_word("device")) made->args[1] = statement_expr();
  return made;
}

StmtPtr Parser::fwd() {
  StmtPtr made = make(StmtKind::Fwd, take().at);
  made->args.resize(2);
  if (peek().is("ip") || peek().is("ip6")) made->text2 = take().text;
  expect_word("to");
  made->args[0] = statement_expr();
  if (take_word("device")) made->args[1] = statement_expr();
  return made;
}

// "queue num 1-3 fanout,bypass", "queue flags bypass to 1"
StmtPtr Parser::queue() {
  StmtPtr made = make(StmtKind::Queue, take().at);
  const auto flags = [this, &made] { return flag_list(*made, {"bypass", "fanout"}); };
  while (!failed_) {
    if (take_word("flags")) {
      if (!flags()) fail(peek(), "bypass or fanout");
    } else if (peek().is("num") || peek().is("to")) {
      take();
      made->args.push_back(statement_expr());
    } else if (!flags()) {
      break;
    }
  }
  return made;
}

StmtPtr Parser::synproxy() {
  StmtPtr made = make(StmtKind::Synproxy, take().at);
  if (take_word("name")) return named(std::move(made));
  synproxy_options(*made);
  return made;
}

void Parser::synproxy_options(ast::Stmt& synproxy) {
  while (!failed_) {
    const Token& option = peek();
    if (option.is("mss") || option.is("maxseg") || option.is("wscale")) {
      take();
      synproxy.options.emplace_back(option.is("wscale") ? "wscale" : "mss",
                                    std::to_string(number("a number")));
    } else if (option.is("timestamp")) {
      take();
      synproxy.options.emplace_back("timestamp", "");
    } else if (option.is("sack-perm") || option.is("sack-permitted")) {
      take();
      synproxy.options.emplace_back("sack-perm", "");
    } else {
      break;
    }
  }
}

}  // namespace pktwalk::nft
