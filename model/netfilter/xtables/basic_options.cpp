// SPDX-License-Identifier: MIT
// The fixed options of a rule as iptables reads them.
//
// Kernel: struct ipt_ip of include/uapi/linux/netfilter_ipv4/ip_tables.h holds them.
// Differs: no host or network names as addresses; the old place of ! is taken, with a warning.
#include "model/netfilter/xtables/basic_options.h"

#include <fmt/format.h>

#include "model/netfilter/option_reader.h"

namespace pktwalk::xt {
namespace {

using Args = OptionSpec::Args;

constexpr OptionSpec kBasicOptions[] = {
    {.name = "--source", .invertible = true, .alias = "-s", .alias2 = "--src"},
    {.name = "--destination", .invertible = true, .alias = "-d", .alias2 = "--dst"},
    {.name = "--in-interface", .invertible = true, .alias = "-i"},
    {.name = "--out-interface", .invertible = true, .alias = "-o"},
    {.name = "--protocol", .invertible = true, .alias = "-p"},
    {.name = "--fragments", .args = Args::None, .invertible = true, .alias = "-f"},
    {.name = "--jump", .alias = "-j"},
    {.name = "--goto", .alias = "-g"},
    {.name = "--match", .alias = "-m"},
    {.name = "--set-counters", .alias = "-c"},
    {.name = "--table", .alias = "-t"},
    {.name = "--ipv4", .args = Args::None, .alias = "-4"},
    {.name = "--ipv6", .args = Args::None, .alias = "-6"},
    {.name = "--wait", .args = Args::Optional, .alias = "-w"},
    {.name = "--wait-interval", .args = Args::Optional, .alias = "-W"},
    {.name = "--verbose", .args = Args::None, .alias = "-v"},
    {.name = "--numeric", .args = Args::None, .alias = "-n"},
    {.name = "--exact", .args = Args::None, .alias = "-x"},
    {.name = "--line-numbers", .args = Args::None},
    {.name = "--modprobe"},
};

constexpr std::size_t kIfNameMax = 15;  // IFNAMSIZ - 1

std::string_view nth_part(std::string_view list, std::size_t n) {
  for (; n > 0; --n) list.remove_prefix(list.find(',') + 1);
  return list.substr(0, list.find(','));
}

bool is_all(const IpAddr& mask) { return mask.is_unspecified(); }

}  // namespace

std::span<const OptionSpec> basic_option_specs() { return kBasicOptions; }

bool BasicReader::handles(std::string_view name) {
  return name == "--source" || name == "--destination" || name == "--in-interface" ||
         name == "--out-interface" || name == "--protocol" || name == "--fragments";
}

std::size_t BasicReader::count(const GivenOption& option) {
  if (option.name() != "--source" && option.name() != "--destination") return 1;
  std::size_t commas = 0;
  for (const char c : option.arg()) commas += c == ',' ? 1 : 0;
  return commas + 1;
}

Status BasicReader::read(const GivenOption& option, std::size_t pick) {
  if (option.name() == "--source" || option.name() == "--destination") {
    return read_address(option, pick);
  }
  if (option.name() == "--protocol") return read_protocol_option(option);
  if (option.name() == "--fragments") return read_fragment(option);
  return read_interface(option);
}

Error BasicReader::fail(const GivenOption& option, std::string what, std::string hint) const {
  return rule_error(context_, option.column, std::move(what), std::move(hint));
}

std::int8_t BasicReader::add_term(const GivenOption& option, std::string_view short_name) {
  Term term = Options::term(option);
  term.option = short_name;
  basic_.terms.push_back(std::move(term));
  return static_cast<std::int8_t>(basic_.terms.size() - 1);
}

Status BasicReader::read_address(const GivenOption& option, std::size_t pick) {
  const bool source = option.name() == "--source";
  std::int8_t& term = source ? basic_.src_term : basic_.dst_term;
  if (term >= 0) return fail(option, fmt::format("{} is given more than once", option.name()));
  if (option.negated && count(option) > 1) {
    return fail(option, "! does not go with several addresses");
  }
  const std::string_view text = nth_part(option.arg(), pick);
  const std::optional<AddrMask> net = read_addr_mask(text, context_.family);
  if (!net) {
    const bool v4 = context_.family == Family::Ipv4;
    const bool other = read_addr_mask(text, v4 ? Family::Ipv6 : Family::Ipv4).has_value();
    return fail(option,
                fmt::format("\"{}\" is no {} address or network", text, v4 ? "IPv4" : "IPv6"),
                other ? fmt::format("it is of the other family; this was read as a dump of {}",
                                    v4 ? "iptables" : "ip6tables")
                      : "host names cannot be looked up here: write the address");
  }
  (source ? basic_.src : basic_.dst) = *net;
  (source ? basic_.src_invert : basic_.dst_invert) = option.negated;
  (source ? basic_.src_any : basic_.dst_any) = is_all(net->mask) && !option.negated;
  term = add_term(option, source ? "-s" : "-d");
  basic_.terms.back().wanted = text;
  return Ok{};
}

Status BasicReader::read_interface(const GivenOption& option) {
  const bool in = option.name() == "--in-interface";
  std::int8_t& term = in ? basic_.in_term : basic_.out_term;
  if (term >= 0) return fail(option, fmt::format("{} is given more than once", option.name()));
  const std::string& name = option.arg();
  if (name.empty()) return fail(option, "the interface's name is empty");
  if (name.size() > kIfNameMax) {
    return fail(option, fmt::format("\"{}\" is too long for an interface's name", name),
                "Linux has names of up to 15 characters");
  }
  const std::string_view chain = context_.chain;
  const bool no_such_device =
      in ? chain == "OUTPUT" || chain == "POSTROUTING" : chain == "PREROUTING" || chain == "INPUT";
  if (no_such_device) {
    return fail(
        option,
        fmt::format("{} has no {} device in {}", in ? "-i" : "-o", in ? "input" : "output", chain),
        "iptables refuses this rule");
  }
  if (name.find(':') != std::string::npos) {
    context_.warn(option.column,
                  fmt::format("\"{}\" never matches: no device has such a name", name),
                  "addresses with a label like eth0:1 belong to eth0");
  }
  const bool prefix = name.back() == '+';
  IfaceMatch& iface = in ? basic_.in : basic_.out;
  iface.name = name.substr(0, prefix ? name.size() - 1 : name.size());
  iface.prefix = prefix;
  iface.invert = option.negated;
  term = add_term(option, in ? "-i" : "-o");
  return Ok{};
}

Status BasicReader::read_protocol_option(const GivenOption& option) {
  if (basic_.proto_term >= 0) return fail(option, "-p is given more than once");
  const std::optional<std::uint8_t> protocol = read_protocol(option.arg());
  if (!protocol) {
    return fail(option, fmt::format("\"{}\" is no IP protocol", option.arg()),
                "write its number, 0 to 255");
  }
  if (*protocol == 0 && option.negated) return fail(option, "! -p all would never match");
  basic_.protocol = *protocol;
  basic_.protocol_invert = option.negated;
  if (*protocol != 0) basic_.proto_term = add_term(option, "-p");
  context_.protocol = *protocol;
  context_.protocol_negated = option.negated;
  return Ok{};
}

Status BasicReader::read_fragment(const GivenOption& option) {
  if (context_.family != Family::Ipv4) {
    return fail(option, "-f is an option of iptables only", "ip6tables has -m frag");
  }
  if (basic_.fragment) return fail(option, "-f is given more than once");
  basic_.fragment = true;
  basic_.fragment_invert = option.negated;
  basic_.frag_term = add_term(option, "-f");
  return Ok{};
}

}  // namespace pktwalk::xt
