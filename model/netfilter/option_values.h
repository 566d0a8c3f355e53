// SPDX-License-Identifier: MIT
// Values of options with their error messages, for the parse functions of matches and targets.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

#include "model/netfilter/evaluation.h"
#include "model/netfilter/options.h"

namespace pktwalk {

// A number within [min, max]. Error: names the option, the value and the limits.
Result<std::uint32_t> number_value(const Options& in, const GivenOption& option, std::uint32_t min,
                                   std::uint32_t max);
// "value/mask"; the mask is all ones when not given.
Result<MaskedValue> masked_value(const Options& in, const GivenOption& option);
// "low:high" as iptables reads it for most matches: "9:5" is accepted and holds nothing.
Result<NumberRange> range_value(const Options& in, const GivenOption& option, std::uint32_t max);

// An error unless at most (exactly) one of these options was given.
Status at_most_one(const Options& in, std::initializer_list<std::string_view> names);
Status exactly_one(const Options& in, std::initializer_list<std::string_view> names);
// The option, which must be there.
Result<const GivenOption*> required(const Options& in, std::string_view name);
// An error unless the rule says -p PROTOCOL, not negated: the kernel refuses it otherwise.
Status needs_protocol(const Options& in, std::uint8_t protocol);

std::string range_text(const NumberRange& range);   // "5", "5:9"
std::string masked_text(const MaskedValue& value);  // "0x1/0xff"; without a mask of all ones: "0x1"
bool same_word(std::string_view a, std::string_view b);               // upper and lower case alike
bool begins_word(std::string_view word, std::string_view beginning);  // the same for a beginning

// --sport and --dport.
struct PortOption {
  NumberRange ports{0, 65535};
  bool invert = false;
  std::int8_t term = kNoTerm;  // index in Match::terms; kNoTerm: not given
  bool hit(std::uint16_t port) const { return (port >= ports.low && port <= ports.high) != invert; }
  bool all_ports() const { return ports.low == 0 && ports.high == 65535; }
};
// Reads the option when it was given and adds its term. `ordered`: refuses "9:5".
Status read_port_option(const Options& in, std::string_view name, bool ordered, Match& match,
                        PortOption& into);
void print_port_option(OptionPrinter& out, std::string_view name, const PortOption& option);

}  // namespace pktwalk
