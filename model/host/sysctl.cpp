// SPDX-License-Identifier: MIT
// The sysctls of net.* as typed values: what the dump says, else what a booting kernel would have.
//
// Kernel:  net/ipv4/devinet.c (ipv4_devconf, ipv4_devconf_dflt, inet_forward_change()),
//          net/netfilter/nf_conntrack_{standalone,proto_tcp,proto_udp,proto_sctp,proto_gre,proto_icmp,
//          proto_generic}.c
// Differs: nf_conntrack_max is that of a machine with more than 4 GB; smaller ones have less
#include <algorithm>
#include <charconv>
#include <limits>
#include <utility>

#include "model/host/host.h"

namespace pktwalk {
namespace {

// The first number of a text, "0x" allowed; nothing when there is none.
std::optional<std::int64_t> first_number(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  const bool negative = text.starts_with('-');
  if (negative) text.remove_prefix(1);
  int base = 10;
  if (text.starts_with("0x")) {
    text.remove_prefix(2);
    base = 16;
  }
  std::int64_t value = 0;
  const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (error != std::errc{}) return std::nullopt;
  return negative ? -value : value;
}

// The settings of one name below net.ipv4.conf, each falling back to another set.
class ConfReader {
 public:
  ConfReader(const Sysctls& texts, std::string_view device) : texts_(texts) {
    prefix_ = "net.ipv4.conf.";
    // sysctl writes a dot inside a device's name as a slash.
    for (const char c : device) prefix_ += c == '.' ? '/' : c;
    prefix_ += '.';
    plain_prefix_ = "net.ipv4.conf." + std::string(device) + ".";
  }

  std::int64_t get(std::string_view key, std::int64_t otherwise) const {
    const std::int64_t plain = texts_.get(plain_prefix_ + std::string(key), otherwise);
    return texts_.get(prefix_ + std::string(key), plain);
  }
  bool flag(std::string_view key, bool otherwise) const { return get(key, otherwise) != 0; }

 private:
  const Sysctls& texts_;
  std::string prefix_;        // of procps: "net.ipv4.conf.eth0/5."
  std::string plain_prefix_;  // of busybox: "net.ipv4.conf.eth0.5."
};

Ipv4Conf read_conf(const Sysctls& texts, std::string_view device, const Ipv4Conf& otherwise) {
  const ConfReader in(texts, device);
  Ipv4Conf conf;
  conf.forwarding = in.flag("forwarding", otherwise.forwarding);
  conf.bc_forwarding = in.flag("bc_forwarding", otherwise.bc_forwarding);
  conf.accept_local = in.flag("accept_local", otherwise.accept_local);
  conf.accept_source_route = in.flag("accept_source_route", otherwise.accept_source_route);
  conf.send_redirects = in.flag("send_redirects", otherwise.send_redirects);
  conf.src_valid_mark = in.flag("src_valid_mark", otherwise.src_valid_mark);
  conf.route_localnet = in.flag("route_localnet", otherwise.route_localnet);
  conf.log_martians = in.flag("log_martians", otherwise.log_martians);
  conf.shared_media = in.flag("shared_media", otherwise.shared_media);
  conf.proxy_arp = in.flag("proxy_arp", otherwise.proxy_arp);
  conf.drop_unicast_in_l2_multicast =
      in.flag("drop_unicast_in_l2_multicast", otherwise.drop_unicast_in_l2_multicast);
  conf.mc_forwarding = in.flag("mc_forwarding", otherwise.mc_forwarding);
  conf.ignore_routes_with_linkdown =
      in.flag("ignore_routes_with_linkdown", otherwise.ignore_routes_with_linkdown);
  conf.disable_policy = in.flag("disable_policy", otherwise.disable_policy);
  const std::int64_t rp_filter = in.get("rp_filter", otherwise.rp_filter);
  conf.rp_filter = static_cast<std::uint8_t>(std::clamp<std::int64_t>(rp_filter, 0, 2));
  return conf;
}

// Reads numbers into fields of any integer type, clamped to what the field holds.
class Reader {
 public:
  explicit Reader(const Sysctls& texts) : texts_(texts) {}

  template <typename T>
  void into(T& field, std::string_view name) const {
    constexpr auto kLowest = static_cast<std::int64_t>(std::numeric_limits<T>::min());
    constexpr auto kHighest = static_cast<std::int64_t>(std::numeric_limits<T>::max());
    const std::int64_t value = texts_.get(name, static_cast<std::int64_t>(field));
    field = static_cast<T>(std::clamp(value, kLowest, kHighest));
  }
  void into(bool& field, std::string_view name) const { field = texts_.get(name, field) != 0; }

 private:
  const Sysctls& texts_;
};

// "4096\t131072\t6291456": least, default, most bytes of a receive buffer.
void read_tcp_rmem(const Sysctls& texts, NetSysctls& out) {
  std::string_view rest = texts.text("net.ipv4.tcp_rmem").value_or("");
  std::array<std::uint32_t, 3> values{0, out.tcp_rmem_default, out.tcp_rmem_max};
  for (std::uint32_t& value : values) {
    const std::size_t start = rest.find_first_not_of(" \t");
    if (start == std::string_view::npos) return;
    rest.remove_prefix(start);
    const auto number = first_number(rest);
    if (!number || *number <= 0 || *number > 0x7fffffff) return;
    value = static_cast<std::uint32_t>(*number);
    rest.remove_prefix(std::min(rest.find_first_of(" \t"), rest.size()));
  }
  out.tcp_rmem_default = values[1];
  out.tcp_rmem_max = values[2];
}

void read_ip(const Sysctls& texts, NetSysctls& out) {
  const Reader in(texts);
  in.into(out.ip_forward_update_priority, "net.ipv4.ip_forward_update_priority");
  in.into(out.ip_forward_use_pmtu, "net.ipv4.ip_forward_use_pmtu");
  in.into(out.ip_nonlocal_bind, "net.ipv4.ip_nonlocal_bind");
  in.into(out.ip_default_ttl, "net.ipv4.ip_default_ttl");
  in.into(out.ip_no_pmtu_disc, "net.ipv4.ip_no_pmtu_disc");
  in.into(out.fwmark_reflect, "net.ipv4.fwmark_reflect");
  in.into(out.tcp_sack, "net.ipv4.tcp_sack");
  in.into(out.tcp_timestamps, "net.ipv4.tcp_timestamps");
  in.into(out.tcp_window_scaling, "net.ipv4.tcp_window_scaling");
  in.into(out.tcp_reflect_tos, "net.ipv4.tcp_reflect_tos");
  in.into(out.tcp_fwmark_accept, "net.ipv4.tcp_fwmark_accept");
  in.into(out.tcp_ecn, "net.ipv4.tcp_ecn");
  in.into(out.tcp_invalid_ratelimit, "net.ipv4.tcp_invalid_ratelimit");
  in.into(out.rmem_max, "net.core.rmem_max");
  in.into(out.route_min_adv_mss, "net.ipv4.route.min_adv_mss");
  read_tcp_rmem(texts, out);
  in.into(out.icmp_echo_ignore_all, "net.ipv4.icmp_echo_ignore_all");
  in.into(out.icmp_echo_ignore_broadcasts, "net.ipv4.icmp_echo_ignore_broadcasts");
  in.into(out.icmp_errors_use_inbound_ifaddr, "net.ipv4.icmp_errors_use_inbound_ifaddr");
  in.into(out.icmp_ratelimit, "net.ipv4.icmp_ratelimit");
  in.into(out.icmp_ratemask, "net.ipv4.icmp_ratemask");
  in.into(out.icmp_msgs_per_sec, "net.ipv4.icmp_msgs_per_sec");
  in.into(out.icmp_msgs_burst, "net.ipv4.icmp_msgs_burst");
  in.into(out.fib_multipath_hash_policy, "net.ipv4.fib_multipath_hash_policy");
  in.into(out.fib_multipath_hash_fields, "net.ipv4.fib_multipath_hash_fields");
  in.into(out.fib_multipath_hash_seed, "net.ipv4.fib_multipath_hash_seed");
  in.into(out.fib_multipath_use_neigh, "net.ipv4.fib_multipath_use_neigh");
  if (const auto range = texts.text("net.ipv4.ip_local_port_range")) {
    const std::size_t blank = range->find_first_of(" \t");
    const auto low = first_number(*range);
    const auto high =
        blank == std::string_view::npos ? std::nullopt : first_number(range->substr(blank));
    if (low && high && *low > 0 && *low <= *high && *high <= 65535) {
      out.local_port_low = static_cast<std::uint16_t>(*low);
      out.local_port_high = static_cast<std::uint16_t>(*high);
    }
  }
}

// Indexed by the kernel's state numbers: a name's place is its state, empty ones have no sysctl.
constexpr std::string_view kTcpStates[] = {"",         "syn_sent",   "syn_recv", "established",
                                           "fin_wait", "close_wait", "last_ack", "time_wait",
                                           "close",    "",           "",         ""};
constexpr std::uint32_t kTcpDefaults[] = {0, 120, 60, 432000, 120, 60, 30, 120, 10, 120, 0, 0};
constexpr std::string_view kSctpStates[] = {"",
                                            "closed",
                                            "cookie_wait",
                                            "cookie_echoed",
                                            "established",
                                            "shutdown_sent",
                                            "shutdown_recd",
                                            "shutdown_ack_sent",
                                            "heartbeat_sent",
                                            ""};
constexpr std::uint32_t kSctpDefaults[] = {0, 10, 3, 3, 210, 3, 3, 3, 30, 0};

void read_conntrack(const Sysctls& texts, NetSysctls& out) {
  const Reader in(texts);
  const std::string prefix = "net.netfilter.nf_conntrack_";
  in.into(out.ct_acct, prefix + "acct");
  in.into(out.ct_checksum, prefix + "checksum");
  in.into(out.ct_max, "net.nf_conntrack_max");
  in.into(out.ct_max, prefix + "max");
  in.into(out.tcp_loose, prefix + "tcp_loose");
  in.into(out.tcp_be_liberal, prefix + "tcp_be_liberal");
  in.into(out.tcp_ignore_invalid_rst, prefix + "tcp_ignore_invalid_rst");
  in.into(out.tcp_max_retrans, prefix + "tcp_max_retrans");
  in.into(out.udp_timeout, prefix + "udp_timeout");
  in.into(out.udp_timeout_stream, prefix + "udp_timeout_stream");
  in.into(out.icmp_timeout, prefix + "icmp_timeout");
  in.into(out.generic_timeout, prefix + "generic_timeout");
  in.into(out.gre_timeout, prefix + "gre_timeout");
  in.into(out.gre_timeout_stream, prefix + "gre_timeout_stream");
  in.into(out.tcp_timeout_max_retrans, prefix + "tcp_timeout_max_retrans");
  in.into(out.tcp_timeout_unacknowledged, prefix + "tcp_timeout_unacknowledged");
  for (std::size_t i = 0; i < out.tcp_timeouts.size(); ++i) {
    out.tcp_timeouts[i] = kTcpDefaults[i];
    if (!kTcpStates[i].empty()) {
      in.into(out.tcp_timeouts[i], prefix + "tcp_timeout_" + std::string(kTcpStates[i]));
    }
  }
  for (std::size_t i = 0; i < out.sctp_timeouts.size(); ++i) {
    out.sctp_timeouts[i] = kSctpDefaults[i];
    if (!kSctpStates[i].empty()) {
      in.into(out.sctp_timeouts[i], prefix + "sctp_timeout_" + std::string(kSctpStates[i]));
    }
  }
}

}  // namespace

void Sysctls::set(std::string name, std::string value, SourceLine at) {
  values_.insert_or_assign(std::move(name), Entry{std::move(value), at});
}

std::int64_t Sysctls::get(std::string_view name, std::int64_t otherwise) const {
  const auto found = values_.find(name);
  if (found == values_.end()) return otherwise;
  return first_number(found->second.value).value_or(otherwise);
}

std::optional<std::string_view> Sysctls::text(std::string_view name) const {
  const auto found = values_.find(name);
  if (found == values_.end()) return std::nullopt;
  return found->second.value;
}

SourceLine Sysctls::where(std::string_view name) const {
  const auto found = values_.find(name);
  return found == values_.end() ? SourceLine{} : found->second.at;
}

const Ipv4Conf& NetSysctls::conf(IfIndex dev_index) const {
  const auto found = dev.find(static_cast<std::uint32_t>(dev_index));
  return found == dev.end() ? defaults : found->second;
}

NetSysctls resolve_sysctls(const Sysctls& texts, const std::vector<Link>& links) {
  NetSysctls out;
  // Writing ip_forward writes `forwarding` of `all`, `default` and every device.
  Ipv4Conf kernel_all;
  kernel_all.accept_source_route = false;
  kernel_all.forwarding = texts.get("net.ipv4.ip_forward", 0) != 0;
  out.all = read_conf(texts, "all", kernel_all);
  Ipv4Conf kernel_default;
  kernel_default.forwarding = out.all.forwarding;
  out.defaults = read_conf(texts, "default", kernel_default);
  for (const Link& link : links) {
    out.dev[static_cast<std::uint32_t>(link.index)] = read_conf(texts, link.name, out.defaults);
  }
  read_ip(texts, out);
  read_conntrack(texts, out);
  return out;
}

}  // namespace pktwalk
