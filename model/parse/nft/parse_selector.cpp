// SPDX-License-Identifier: MIT
// What a rule looks at: fields of headers, meta, ct, fib and the other sources of values.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "model/parse/nft/parser.h"
#include "model/parse/nft/words.h"

namespace pktwalk::nft {

using ast::ExprKind;
using ast::ExprPtr;
using ast::make;

namespace {

constexpr std::array<std::string_view, 4> kRawBases = {"ll", "nh", "th", "ih"};
constexpr std::array<std::string_view, 4> kTunnels = {"vxlan", "geneve", "gre", "gretap"};
// Each is followed by a word of its own.
constexpr std::array<std::string_view, 11> kOthers = {
    "meta", "ct", "rt", "socket", "fib", "osf", "numgen", "jhash", "symhash", "ipsec", "tunnel"};
constexpr std::array<std::string_view, 5> kFibFlags = {"saddr", "daddr", "mark", "iif", "oif"};

std::string listed(words::List words) {
  std::string text;
  for (const std::string_view word : words) {
    if (!text.empty()) text += ", ";
    text += word;
  }
  return text;
}

}  // namespace

bool Parser::begins_selector(std::size_t ahead) const {
  const Token& word = peek(ahead);
  const Token& next = peek(ahead + 1);
  if (word.punct("@")) {
    return next.kind == TokenKind::Word && words::contains(kRawBases, next.text) &&
           peek(ahead + 2).punct(",");
  }
  if (word.kind != TokenKind::Word) return false;
  if (words::contains(words::bare_meta_keys(), word.text)) return true;
  if (next.kind != TokenKind::Word) return false;
  if (words::contains(kOthers, word.text) || word.text == "exthdr") return true;
  if (words::contains(kTunnels, word.text)) return true;
  if (words::contains(words::payload_fields(word.text), next.text)) return true;
  if (words::contains(words::exthdr_fields(word.text), next.text)) return true;
  if (word.text == "arp") return next.text == "saddr" || next.text == "daddr";
  if (words::canonical_field(word.text, next.text) != next.text) return true;
  return next.text == "option" || next.text == "chunk";
}

ExprPtr Parser::selector() {
  const Token& first = peek();
  if (first.punct("@")) return begins_selector(0) ? raw_payload() : nullptr;
  if (first.kind != TokenKind::Word) return nullptr;
  const std::string_view word = first.text;
  const Token& next = peek(1);
  if (word == "meta") return meta();
  if (word == "ct") return ct();
  if (word == "rt" && next.kind == TokenKind::Word &&
      (words::contains(words::rt_keys(), next.text) || next.is("ip") || next.is("ip6"))) {
    take();
    ExprPtr rt = make(ExprKind::Rt, first.at);
    if (peek().is("ip") || peek().is("ip6")) rt->text3 = take().text;
    if (!words::contains(words::rt_keys(), peek().text)) fail(peek(), listed(words::rt_keys()));
    rt->text = take().text;
    return rt;
  }
  if (word == "fib") return fib();
  if (word == "numgen" || word == "jhash" || word == "symhash") return hash(take());
  if (word == "ipsec") return xfrm(take());
  if (word == "tcp" && next.is("option")) return tcp_option(take());
  if (word == "socket" || word == "osf" || word == "exthdr" || word == "ip" || word == "sctp" ||
      word == "dccp") {
    return exthdr(take());
  }
  if (word == "tunnel" || words::contains(kTunnels, word)) return tunnel(take());
  if (!words::payload_fields(word).empty()) return payload(take());
  if (!words::exthdr_fields(word).empty()) return exthdr(take());
  if (words::contains(words::bare_meta_keys(), word)) {
    take();
    return make(ExprKind::Meta, first.at, std::string(words::canonical_meta(word)));
  }
  return nullptr;
}

ExprPtr Parser::payload(const Token& first) {
  const words::List fields = words::payload_fields(first.text);
  std::string field(words::canonical_field(first.text, peek().text));
  if (first.text == "arp" && (peek(1).is("ether") || peek(1).is("ip")))
    field += " " + std::string(peek(1).text);
  if (peek().kind != TokenKind::Word || !words::contains(fields, field)) {
    fail(peek(), fmt::format("a field of the {} header", first.text), "one of " + listed(fields));
    return nullptr;
  }
  take();
  if (first.text == "arp" && field.find(' ') != std::string::npos) take();
  ExprPtr made = make(ExprKind::Payload, first.at, std::string(first.text));
  made->text2 = field;
  return made;
}

// "@th,16,16"
ExprPtr Parser::raw_payload() {
  ExprPtr made = make(ExprKind::RawPayload, take().at);
  made->text = take().text;
  expect_punct(",");
  made->number = number("an offset in bits");
  expect_punct(",");
  made->number2 = number("a length in bits");
  return made;
}

ExprPtr Parser::tcp_option(const Token& first) {
  take();  // "option"
  ExprPtr made = make(ExprKind::TcpOption, first.at);
  const bool raw = take_punct("@");
  const Token& option = peek();
  const std::string kind(words::canonical_tcp_option(option.text));
  if (option.kind != TokenKind::Number && !words::contains(words::tcp_options(), kind)) {
    fail(option, "an option of tcp", "a number or one of " + listed(words::tcp_options()));
    return nullptr;
  }
  take();
  if (!raw) {
    made->text = kind;
    if (peek().kind == TokenKind::Word && words::contains(words::tcp_option_fields(), peek().text))
      made->text2 = take().text;
    return made;
  }
  made->text = "@";
  made->number = option.kind == TokenKind::Number ? option.value : words::tcp_option_kind(kind);
  expect_punct(",");
  made->number2 = number("an offset in bits");
  expect_punct(",");
  made->number3 = number("a length in bits");
  return made;
}

ExprPtr Parser::meta() {
  const Token& first = take();
  const Token& key = peek();
  if (key.kind != TokenKind::Word || !words::contains(words::meta_keys(), key.text)) {
    fail(key, "a key of meta", "one of " + listed(words::meta_keys()));
    return nullptr;
  }
  if (key.text == "ipsec" && peek(1).kind == TokenKind::Word &&
      (peek(1).is("in") || peek(1).is("out")))
    return xfrm(take());
  take();
  return make(ExprKind::Meta, first.at, std::string(words::canonical_meta(key.text)));
}

ExprPtr Parser::ct() {
  ExprPtr made = make(ExprKind::Ct, take().at);
  if (peek().is("original") || peek().is("reply")) made->text2 = take().text;
  if (peek().is("ip") || peek().is("ip6")) made->text3 = take().text;
  const Token& key = peek();
  if (key.kind != TokenKind::Word || !words::contains(words::ct_keys(), key.text)) {
    fail(key, "a key of ct", "one of " + listed(words::ct_keys()));
    return nullptr;
  }
  made->text = take().text;
  return made;
}

// "fib saddr . iif oif"
ExprPtr Parser::fib() {
  ExprPtr made = make(ExprKind::Fib, take().at);
  do {
    if (!words::contains(kFibFlags, peek().text)) {
      fail(peek(), "saddr, daddr, mark, iif or oif");
      return nullptr;
    }
    if (!made->text.empty()) made->text += " . ";
    made->text += take().text;
  } while (take_punct("."));
  if (!peek().is("oif") && !peek().is("oifname") && !peek().is("type") && !peek().is("check")) {
    fail(peek(), "oif, oifname, type or check");
    return nullptr;
  }
  made->text2 = take().text;
  return made;
}

// numgen, jhash, symhash
ExprPtr Parser::hash(const Token& first) {
  ExprPtr made = make(ExprKind::Symhash, first.at);
  if (first.text == "numgen") {
    made->kind = ExprKind::Numgen;
    if (!peek().is("inc") && !peek().is("random")) fail(peek(), "\"inc\" or \"random\"");
    made->text = take().text;
  } else if (first.text == "jhash") {
    made->kind = ExprKind::Jhash;
    made->args.push_back(concat(Side::Left));
  }
  expect_word("mod");
  made->number = number("a modulus");
  if (first.text == "jhash" && take_word("seed")) made->seed = number("a seed");
  if (take_word("offset")) made->number2 = number("an offset");
  return failed_ ? nullptr : std::move(made);
}

// "ipsec in reqid", "ipsec out ip saddr"; "ipsec exists" is a key of meta.
ExprPtr Parser::xfrm(const Token& first) {
  if (!peek().is("in") && !peek().is("out")) return make(ExprKind::Meta, first.at, "ipsec");
  ExprPtr made = make(ExprKind::Xfrm, first.at);
  made->text2 = take().text;
  if (take_word("spnum")) made->number = number("a number");
  if (peek().is("ip") || peek().is("ip6")) made->text3 = take().text;
  const Token& key = peek();
  const bool address = key.is("saddr") || key.is("daddr");
  if (!(made->text3.empty() ? key.is("spi") || key.is("reqid") : address)) {
    fail(key, "spi, reqid, \"ip saddr\" or \"ip daddr\"");
    return nullptr;
  }
  made->text = take().text;
  return made;
}

// Headers whose second word decides what they are: extension headers, options and chunks, socket
// and osf.
ExprPtr Parser::exthdr(const Token& first) {
  const std::string_view word = first.text;
  const auto one_of = [this](words::List list, std::string_view wanted) -> std::string {
    if (words::contains(list, peek().text)) return std::string(take().text);
    fail(peek(), wanted, "one of " + listed(list));
    return {};
  };
  const auto next_of = [this](words::List list) -> std::string {
    const bool follows = peek().kind == TokenKind::Word && words::contains(list, peek().text);
    return follows ? std::string(take().text) : std::string();
  };
  ExprPtr made = make(ExprKind::Exthdr, first.at, std::string(word));
  if (word == "exthdr") {
    static constexpr std::array<std::string_view, 5> kHeaders = {"hbh", "rt", "frag", "dst", "mh"};
    made->text = one_of(kHeaders, "an extension header");
  } else if (word == "socket") {
    static constexpr std::array<std::string_view, 4> kKeys = {"transparent", "mark", "wildcard",
                                                              "cgroupv2"};
    made->kind = ExprKind::Socket;
    made->text = one_of(kKeys, "a key of socket");
    if (made->text == "cgroupv2" && expect_word("level")) made->number = number("a level");
  } else if (word == "osf") {
    made->kind = ExprKind::Osf;
    if (take_word("ttl")) {
      if (!peek().is("loose") && !peek().is("skip")) fail(peek(), "\"loose\" or \"skip\"");
      made->text2 = take().text;
    }
    if (!peek().is("name") && !peek().is("version")) fail(peek(), "\"name\" or \"version\"");
    made->text = take().text;
  } else if (word == "ip" && take_word("option")) {
    made->kind = ExprKind::IpOption;
    made->text = one_of(words::ip_options(), "an option of ip");
    made->text2 = next_of(words::ip_option_fields());
  } else if (word == "sctp" && take_word("chunk")) {
    made->kind = ExprKind::SctpChunk;
    made->text = one_of(words::sctp_chunks(), "a chunk of sctp");
    made->text2 = next_of(words::sctp_chunk_fields());
  } else if (word == "dccp" && take_word("option")) {
    made->kind = ExprKind::DccpOption;
    made->text.clear();
    made->number = number("the number of an option");
  } else if (!words::payload_fields(word).empty()) {
    return payload(first);
  } else {
    made->text2 = one_of(words::exthdr_fields(word), fmt::format("a field of the {} header", word));
    if (take_punct("[")) {
      made->number = number("which of the addresses, from 1");
      expect_punct("]");
    }
  }
  return failed_ ? nullptr : std::move(made);
}

// "vxlan vni" is a field of a header; "vxlan ip saddr" looks into what the tunnel carries.
ExprPtr Parser::tunnel(const Token& first) {
  ExprPtr made = make(ExprKind::Tunnel, first.at, std::string(first.text));
  if (first.text == "tunnel") {
    if (!peek().is("id") && !peek().is("path")) fail(peek(), "\"id\" or \"path\"");
    made->text2 = take().text;
  } else if (words::contains(words::payload_fields(first.text), peek().text)) {
    return payload(first);
  } else {
    ExprPtr inner = words::contains(kTunnels, peek().text) ? nullptr : selector();
    if (inner == nullptr) {
      fail(peek(), "a header inside of the tunnel");
      return nullptr;
    }
    made->args.push_back(std::move(inner));
  }
  return failed_ ? nullptr : std::move(made);
}

}  // namespace pktwalk::nft
