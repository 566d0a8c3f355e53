// SPDX-License-Identifier: MIT
// Links as `ip link` and `ip addr` both show them.
#pragma once

#include <string_view>
#include <vector>

#include "model/host/host.h"
#include "model/parse/dump_text.h"
#include "model/parse/json.h"

namespace pktwalk::dump {

// Collects the links of one dump. A link that an earlier dump brought already is completed, not
// doubled: `ip addr` without -d knows less of it than `ip -d link`.
class LinkReader {
 public:
  explicit LinkReader(Host& host) : host_(host) {}

  // "2: eth0@if3: <BROADCAST,UP> mtu 1500 ..." begins a link.
  static bool is_header(std::string_view line);
  // Reads the header and, with `ip -o`, what follows on its line. False: no header.
  bool header(Reader& in);
  // "    link/ether 02:.. brd ff:.." and the lines of -d and -s below it. False: not one of them.
  bool detail(Reader& in);
  void object(const json::Value& value, SourceLine at);
  IfIndex current() const { return current_.index; }
  // Hands over the link that was read last, and resolves names of lower and master devices. To be
  // called once at the end.
  void finish();

 private:
  void flags(std::string_view list);
  void attributes(const std::vector<Word>& words, std::size_t from);
  void link_layer(const std::vector<Word>& words, std::size_t from);
  void flush();

  struct Pending {
    IfIndex index = IfIndex::None;
    std::string lower;
    std::string master;
  };
  Host& host_;
  Link current_;
  bool open_ = false;
  bool statistics_ = false;
  std::string lower_, master_;
  std::vector<Pending> pending_;
};

}  // namespace pktwalk::dump
