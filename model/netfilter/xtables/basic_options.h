// SPDX-License-Identifier: MIT
// The fixed options of a rule: -s -d -i -o -p -f and their kin.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "model/core/result.h"
#include "model/netfilter/options.h"
#include "model/netfilter/xtables/table.h"

namespace pktwalk::xt {

// -s -d -i -o -p -f -j -g -m -c -t -4 -6 and options without influence on a rule (-w -v -n).
std::span<const OptionSpec> basic_option_specs();

// What one basic option wrote; the addresses of a list are counted, `pick` chooses one.
class BasicReader {
 public:
  BasicReader(BasicMatch& basic, ParseContext& context) : basic_(basic), context_(context) {}

  // "--source", "--in-interface" ...: true when it is one of the basic match's own options.
  static bool handles(std::string_view name);
  Status read(const GivenOption& option, std::size_t pick);
  // How many addresses the option lists.
  static std::size_t count(const GivenOption& option);

 private:
  Status read_address(const GivenOption& option, std::size_t pick);
  Status read_interface(const GivenOption& option);
  Status read_protocol_option(const GivenOption& option);
  Status read_fragment(const GivenOption& option);
  Error fail(const GivenOption& option, std::string what, std::string hint = {}) const;
  std::int8_t add_term(const GivenOption& option, std::string_view short_name);

  BasicMatch& basic_;
  ParseContext& context_;
};

}  // namespace pktwalk::xt
