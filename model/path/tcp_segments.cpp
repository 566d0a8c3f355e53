// SPDX-License-Identifier: MIT
// The SYN/ACK of a listener, and ACKs: their bytes, and the way they take.
//
// Kernel: net/ipv4/tcp_output.c:tcp_make_synack(), tcp_synack_options(), __tcp_send_ack(),
//         tcp_select_initial_window(); net/ipv4/tcp_ipv4.c:tcp_v4_send_synack()
// Differs: local-tcp (initial sequence numbers and timestamps are random in the kernel)
#include "model/path/tcp_segments.h"

#include <algorithm>
#include <bit>
#include <vector>

#include "model/packet/mangle.h"
#include "model/packet/tcp.h"
#include "model/path/ip_options.h"
#include "model/path/packets.h"
#include "model/routing/fib.h"

namespace pktwalk {
namespace {

constexpr std::uint32_t kHeaders = 40;  // IPv4 and TCP without options

struct SynOptions {
  bool sack = false, timestamp = false, window_scale = false;
  std::uint32_t tsval = 0;
};

// Of the right length only (tcp_parse_options()).
SynOptions read_syn_options(std::span<const std::uint8_t> bytes) {
  SynOptions options;
  for_each_tcp_option(bytes, [&](std::uint8_t kind, std::span<const std::uint8_t> value) {
    if (kind == kTcpOptionSackPerm && value.empty()) options.sack = true;
    if (kind == kTcpOptionWindow && value.size() == 1) options.window_scale = true;
    if (kind == kTcpOptionTimestamp && value.size() == 8) {
      options.timestamp = true;
      options.tsval = load_be32(value.data());
    }
    return true;
  });
  return options;
}

void append_be32(std::vector<std::uint8_t>& out, std::uint32_t value) {
  for (int shift = 24; shift >= 0; shift -= 8)
    out.push_back(static_cast<std::uint8_t>(value >> shift));
}

void append_timestamp(std::vector<std::uint8_t>& out, const LocalTcp& connection, Time now) {
  append_be32(out, static_cast<std::uint32_t>(now.ns / 1'000'000));
  append_be32(out, connection.ts_recent);
}

// tcp_options_write(): the order and the padding are the kernel's.
void append_syn_ack_options(std::vector<std::uint8_t>& out, const LocalTcp& connection,
                            std::uint32_t mss, Time now) {
  const auto append = [&](std::initializer_list<std::uint8_t> bytes) {
    out.insert(out.end(), bytes);
  };
  append({kTcpOptionMss, 4, static_cast<std::uint8_t>(mss >> 8), static_cast<std::uint8_t>(mss)});
  if (connection.timestamps) {
    if (connection.sack)
      append({kTcpOptionSackPerm, 2, kTcpOptionTimestamp, 10});
    else
      append({kTcpOptionNop, kTcpOptionNop, kTcpOptionTimestamp, 10});
    append_timestamp(out, connection, now);
  } else if (connection.sack) {
    append({kTcpOptionNop, kTcpOptionNop, kTcpOptionSackPerm, 2});
  }
  if (connection.scaled) append({kTcpOptionNop, kTcpOptionWindow, 3, connection.scale});
}

// ipv4_default_advmss(), or the route's own.
std::uint32_t advertised_mss(const Host& host, const Dst& dst) {
  if (dst.advmss != 0) return dst.advmss;
  const std::uint32_t mtu = fib::mtu_of(host, dst);
  const std::uint32_t room = mtu > kHeaders ? mtu - kHeaders : 0;
  return std::min(std::max(room, host.sysctls.route_min_adv_mss), 65535 - kHeaders);
}

void push(Walk& walk, const LocalTcpKey& key, const LocalTcp& connection, const Dst* dst,
          std::uint16_t ip_id, std::vector<std::uint8_t> segment) {
  const auto& [remote, remote_port, local, local_port] = key;
  store_be16(segment.data(), local_port);
  store_be16(segment.data() + 2, remote_port);
  // The kernel keeps the options for the connection's later segments too; those are the
  // application's.
  const bool syn_ack = dst != nullptr;
  const std::span<const std::uint8_t> options =
      syn_ack ? std::span<const std::uint8_t>(connection.options.bytes)
              : std::span<const std::uint8_t>();
  segment[12] = static_cast<std::uint8_t>(segment.size() / 4 << 4);
  Skb skb = make_ipv4({.src = local,
                       .dst = syn_ack ? connection.options.first_hop.value_or(remote) : remote,
                       .protocol = kProtoTcp,
                       .tos = connection.tos,
                       .ttl = walk.host().sysctls.ip_default_ttl,
                       .id = ip_id,
                       .dont_fragment = walk.host().sysctls.ip_no_pmtu_disc == 0,
                       .options = options},
                      segment);
  if (syn_ack) complete_options(skb, connection.options.fields, walk.now());
  fill_transport_checksum(skb);
  skb.known_checksum = true;
  skb.origin = Origin::Local;
  skb.mark = connection.mark;
  skb.random_sequence = !connection.isn_known;
  if (dst != nullptr) skb.dst = *dst;
  walk.send_child(std::move(skb));
}

}  // namespace

LocalTcp open_request(const Walk& walk, const Skb& syn, const TcpView& tcp) {
  const NetSysctls& s = walk.host().sysctls;
  const Ipv4View ip(syn.l3().data());
  LocalTcp out;
  out.rcv_isn = tcp.seq();
  out.rcv_nxt = tcp.seq() + 1;
  const std::size_t header =
      std::min<std::size_t>(tcp.header_length(), syn.l3().size() - ip.header_length());
  const SynOptions asked = read_syn_options(syn.l3()
                                                .subspan(ip.header_length())
                                                .first(header)
                                                .subspan(std::min<std::size_t>(header, 20)));
  out.sack = asked.sack && s.tcp_sack;
  out.timestamps = asked.timestamp && s.tcp_timestamps;
  out.ts_recent = out.timestamps ? asked.tsval : 0;
  out.scaled = asked.window_scale && s.tcp_window_scaling;
  const bool ecn_asked = tcp.has(kTcpEce) && tcp.has(kTcpCwr);
  out.ecn = ecn_asked && s.tcp_ecn != 0 && (ip.tos() & 3) == 0;
  out.tos = s.tcp_reflect_tos ? static_cast<std::uint8_t>(ip.tos() & ~3) : std::uint8_t{0};
  out.options = echo_options(walk.host(), syn).value_or(EchoedOptions{});
  out.mark = s.tcp_fwmark_accept ? syn.mark : 0;
  return out;
}

bool send_syn_ack(Walk& walk, const LocalTcpKey& key, LocalTcp& connection) {
  const auto& [remote, remote_port, local, local_port] = key;
  const NetSysctls& s = walk.host().sysctls;
  fib::Flow flow;
  flow.daddr = connection.options.first_hop.value_or(remote);
  flow.saddr = local;
  flow.mark = connection.mark;
  flow.tos = connection.tos;
  flow.proto = kProtoTcp;
  flow.sport = local_port;
  flow.dport = remote_port;
  Dst dst;
  if (fib::route_output(walk, flow, dst, nullptr) != RouteError::None) return false;

  const std::uint32_t mss = advertised_mss(walk.host(), dst);
  // Half of the buffer is for data; whole segments, of which the first window offers no more than
  // an unscaled field can say.
  const std::uint32_t space = s.tcp_rmem_default / 2;
  const std::uint32_t whole = mss != 0 && space > mss ? space - space % mss : space;
  connection.rcv_wnd = std::min<std::uint32_t>(whole, 65535);
  if (connection.scaled) {
    const std::uint32_t most = std::max({space, s.tcp_rmem_max, s.rmem_max});
    connection.scale = static_cast<std::uint8_t>(
        std::clamp(static_cast<int>(std::bit_width(most)) - 1 - 15, 0, 14));
  }

  std::vector<std::uint8_t> segment(20);
  store_be32(segment.data() + 4, connection.snd_isn);
  store_be32(segment.data() + 8, connection.rcv_isn + 1);
  segment[13] = static_cast<std::uint8_t>(kTcpSyn | kTcpAck | (connection.ecn ? kTcpEce : 0));
  store_be16(segment.data() + 14, static_cast<std::uint16_t>(connection.rcv_wnd));
  append_syn_ack_options(segment, connection, mss, walk.now());
  if (walk.recorder() != nullptr) {
    walk.recorder()->step(
        NoteStep{"the kernel draws the SYN/ACK's sequence number (and timestamp) at random"});
  }
  push(walk, key, connection, &dst, 0, std::move(segment));
  return true;
}

void send_ack(Walk& walk, const LocalTcpKey& key, const LocalTcp& connection) {
  std::vector<std::uint8_t> segment(20);
  store_be32(segment.data() + 4, connection.snd_nxt);
  store_be32(segment.data() + 8, connection.rcv_nxt);
  segment[13] = kTcpAck;
  const std::uint32_t used = connection.rcv_nxt - connection.rcv_isn - 1;
  const std::uint32_t window = connection.rcv_wnd > used ? connection.rcv_wnd - used : 0;
  store_be16(segment.data() + 14,
             static_cast<std::uint16_t>(window >> (connection.scaled ? connection.scale : 0)));
  if (connection.timestamps) {
    segment.insert(segment.end(), {kTcpOptionNop, kTcpOptionNop, kTcpOptionTimestamp, 10});
    append_timestamp(segment, connection, walk.now());
  }
  // Before there is a socket of its own the header's id stays zero.
  const bool request = connection.state == LocalTcp::State::SynRecv;
  push(walk, key, connection, nullptr, request ? std::uint16_t{0} : walk.state().local.next_ip_id++,
       std::move(segment));
}

}  // namespace pktwalk
