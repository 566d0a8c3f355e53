// SPDX-License-Identifier: MIT
// What the NAT targets have in common: ranges of addresses and ports as text.
//
// Kernel: none; the syntax is that of extensions/libxt_NAT.c of iptables 1.8.9
// Differs: several ranges are read (with a warning), as iptables did for kernels before 2.6.11
#include "model/netfilter/nat_options.h"

#include <fmt/format.h>

#include "model/packet/headers.h"

namespace pktwalk {
namespace {

constexpr std::uint64_t kMaxPort = 65535;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool has_ports(std::uint8_t protocol) {
  return protocol == kProtoTcp || protocol == kProtoUdp || protocol == kProtoSctp ||
         protocol == kProtoDccp || protocol == kProtoIcmp;
}

// "80", "http", "1000-2000", "1000-2000/3000"
class PortReader {
 public:
  PortReader(const Options& options, const GivenOption& given) : options_(options), given_(given) {}

  Status read(std::string_view text, bool shift_allowed, ct::NatRange& range) {
    if (!has_ports(options_.context().protocol)) {
      return options_.error(given_, "ports need a protocol that has them",
                            "add -p tcp, -p udp, -p sctp or -p dccp to the rule");
    }
    range.proto_specified = true;
    const std::size_t dash =
        text.empty() || !is_digit(text[0]) ? std::string_view::npos : text.find('-');
    const std::optional<std::uint16_t> low = read_port(text.substr(0, dash));
    if (!low) return bad_port(text.substr(0, dash));
    range.min_port = range.max_port = *low;
    if (dash == std::string_view::npos) return Ok{};
    std::string_view rest = text.substr(dash + 1);
    const std::size_t slash = rest.find('/');
    // The end of a range is a number: no service name there.
    const std::optional<std::uint64_t> high = read_number(rest.substr(0, slash), kMaxPort);
    if (!high) return bad_port(rest.substr(0, slash));
    if (*high < *low) {
      return options_.error(given_,
                            fmt::format("port range {}-{} ends before it begins", *low, *high));
    }
    range.max_port = static_cast<std::uint16_t>(*high);
    if (slash == std::string_view::npos) return Ok{};
    return read_base(rest.substr(slash + 1), shift_allowed, range);
  }

 private:
  Error bad_port(std::string_view text) const {
    return options_.error(given_, fmt::format("\"{}\" is no port (0 to 65535)", text));
  }
  Status read_base(std::string_view text, bool shift_allowed, ct::NatRange& range) {
    if (!shift_allowed) {
      return options_.error(given_, "only DNAT can shift ports by a base (\"/3000\")");
    }
    const std::optional<std::uint16_t> base = read_port(text);
    if (!base || *base == 0) return bad_port(text);
    range.proto_offset = true;
    range.base_port = *base;
    return Ok{};
  }

  const Options& options_;
  const GivenOption& given_;
};

struct Parts {
  std::string_view addresses;
  std::optional<std::string_view> ports;
};

// "a-b:ports", "[a-b]:ports" (IPv6), ":ports"; a single colon is the ports', several are an
// IPv6 address. Nothing: a bracket is not closed, or stands in an IPv4 range.
std::optional<Parts> split(std::string_view text, Family family) {
  Parts parts{text, std::nullopt};
  std::size_t colon = text.find(':');
  if (text.starts_with('[')) {
    const std::size_t end = text.find(']');
    if (end == std::string_view::npos || family == Family::Ipv4) return std::nullopt;
    parts.addresses = text.substr(1, end - 1);
    colon = text.find(':', end);
  } else if (colon != std::string_view::npos) {
    if (text.find(':', colon + 1) != std::string_view::npos) colon = std::string_view::npos;
    parts.addresses = text.substr(0, colon);
  }
  if (colon != std::string_view::npos) parts.ports = text.substr(colon + 1);
  return parts;
}

Status read_addresses(const Options& options, const GivenOption& given, std::string_view text,
                      ct::NatRange& range) {
  const Family family = options.context().family;
  const auto read = [&](std::string_view one) -> std::optional<IpAddr> {
    const std::optional<IpAddr> addr = IpAddr::parse(one);
    if (!addr || addr->family() != family) return std::nullopt;
    return addr;
  };
  const std::size_t dash = text.find('-');
  const std::string_view last =
      dash == std::string_view::npos ? text.substr(0, dash) : text.substr(dash + 1);
  const std::optional<IpAddr> min = read(text.substr(0, dash));
  const std::optional<IpAddr> max = read(last);
  if (!min || !max) {
    return options.error(given,
                         fmt::format("\"{}\" is no {} address", min ? last : text.substr(0, dash),
                                     family == Family::Ipv4 ? "IPv4" : "IPv6"));
  }
  range.map_ips = true;
  range.min_addr = *min;
  range.max_addr = *max;
  return Ok{};
}

}  // namespace

Status read_nat_range(const Options& options, const GivenOption& given, NatValue kind,
                      ct::NatRange& range) {
  PortReader ports(options, given);
  if (kind == NatValue::Ports) return ports.read(given.arg(), false, range);
  const std::optional<Parts> parts = split(given.arg(), options.context().family);
  if (!parts) return options.error(given, fmt::format("\"{}\" is no address", given.arg()));
  if (parts->ports) {
    const Status status =
        ports.read(*parts->ports, kind == NatValue::AddressesAndShiftedPorts, range);
    if (!status || parts->addresses.empty()) return status;
  }
  return read_addresses(options, given, parts->addresses, range);
}

std::string nat_range_text(const ct::NatRange& range, Family family) {
  std::string text;
  if (range.map_ips) {
    text = to_string(range.min_addr);
    if (range.max_addr != range.min_addr) text += "-" + to_string(range.max_addr);
    if (family == Family::Ipv6 && range.proto_specified) text = "[" + text + "]";
  }
  if (!range.proto_specified) return text;
  text += fmt::format(":{}", range.min_port);
  if (range.max_port != range.min_port) text += fmt::format("-{}", range.max_port);
  if (range.proto_offset) text += fmt::format("/{}", range.base_port);
  return text;
}

Status NatTargetOptions::read(const Options& options, std::string_view name, NatValue kind) {
  family = options.context().family;
  bool first = true;
  for (const GivenOption& given : options.all()) {
    if (given.name() != name) continue;
    ct::NatRange one;
    if (Status status = read_nat_range(options, given, kind, one); !status) return status;
    if (first) {
      range = one;
    } else {
      more.push_back(one);
      options.context().warn(given.column,
                             fmt::format("{} is given more than once: kernels since 2.6.11 refuse "
                                         "such a rule",
                                         name));
    }
    first = false;
  }
  range.random = options.has("--random");
  range.random_fully = options.has("--random-fully");
  range.persistent = options.has("--persistent");
  return Ok{};
}

void NatTargetOptions::print(OptionPrinter& out, std::string_view name) const {
  const auto print_range = [&](const ct::NatRange& one) {
    std::string text = nat_range_text(one, family);
    if (text.empty()) return;
    if (name == "--to-ports") text.erase(0, 1);
    out.option(name, text);
  };
  print_range(range);
  for (const ct::NatRange& one : more) print_range(one);
  if (range.random) out.option("--random");
  if (range.random_fully) out.option("--random-fully");
  if (range.persistent) out.option("--persistent");
}

const char* NatTargetOptions::unmodelled() const {
  if (family != Family::Ipv4) return "IPv6 is not walked";
  if (!more.empty()) return "several address ranges in one NAT rule";
  return nullptr;
}

}  // namespace pktwalk
