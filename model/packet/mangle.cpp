// SPDX-License-Identifier: MIT
// Changing a packet the way the kernel does: the bytes in place, the checksums by the difference.
//
// Kernel: net/netfilter/nf_nat_proto.c (l4proto_manip_pkt(), nf_nat_ipv4_manip_pkt()),
// include/net/dsfield.h,
//         include/net/ip.h:ip_decrease_ttl()
// Differs: nothing known
#include "model/packet/mangle.h"

#include "model/packet/checksum.h"
#include "model/packet/headers.h"

namespace pktwalk {
namespace {

// Where the transport checksum stands, in bytes from the transport header; 0: the protocol has none
// that covers the pseudo header.
std::size_t pseudo_checksum_offset(std::uint8_t protocol) {
  switch (protocol) {
    case kProtoTcp:
      return 16;
    case kProtoUdp:
    case kProtoUdpLite:
      return 6;
    default:
      return 0;
  }
}

struct Transport {
  std::uint8_t protocol = 0;
  std::uint8_t* header = nullptr;  // null: a later fragment, or not there
  std::size_t size = 0;            // captured bytes from the transport header on
};

Transport transport_of(Skb& skb) {
  const std::span<std::uint8_t> l3 = skb.l3();
  const std::optional<Ipv4View> ip = Ipv4View::at(l3);
  if (!ip) return {};
  Transport t{.protocol = ip->protocol()};
  if (ip->fragment_offset() != 0 || l3.size() < ip->header_length()) return t;
  t.header = l3.data() + ip->header_length();
  t.size = l3.size() - ip->header_length();
  return t;
}

void update_at(std::uint8_t* p, std::uint32_t from, std::uint32_t to, bool zero_is_none) {
  const std::uint16_t old = load_be16(p);
  if (zero_is_none && old == 0) return;
  std::uint16_t now = update_checksum32(old, from, to);
  if (zero_is_none && now == 0) now = 0xffff;
  store_be16(p, now);
}

void set_address(Skb& skb, std::size_t offset, const IpAddr& addr, Field field,
                 Recorder* recorder) {
  std::uint8_t* const ip = skb.l3().data();
  const std::uint32_t from = load_be32(ip + offset);
  const std::uint32_t to = addr.v4();
  if (from == to) return;
  const Transport t = transport_of(skb);
  store_be32(ip + offset, to);
  store_be16(ip + 10, update_checksum32(load_be16(ip + 10), from, to));
  const std::size_t check = pseudo_checksum_offset(t.protocol);
  if (t.header != nullptr && check != 0 && t.size >= check + 2) {
    update_at(t.header + check, from, to, t.protocol == kProtoUdp);
  }
  if (recorder != nullptr) {
    recorder->step(ChangeStep{field, Value::address(IpAddr::v4(from)), Value::address(addr)}, &skb);
  }
}

// Writes a 16-bit word of the transport header and updates the checksum at `check` (0: none).
void set_word(Transport& t, std::size_t offset, std::uint16_t value, std::size_t check) {
  const std::uint16_t from = load_be16(t.header + offset);
  store_be16(t.header + offset, value);
  if (check == 0 || t.size < check + 2) return;
  const bool udp = t.protocol == kProtoUdp;
  const std::uint16_t old = load_be16(t.header + check);
  if (udp && old == 0) return;
  std::uint16_t now = update_checksum(old, from, value);
  if (udp && now == 0) now = 0xffff;
  store_be16(t.header + check, now);
}

void set_port(Skb& skb, bool source, std::uint16_t value, Recorder* recorder) {
  Transport t = transport_of(skb);
  if (t.header == nullptr) return;
  Field field = source ? Field::L4Sport : Field::L4Dport;
  std::size_t offset = source ? 0 : 2;
  std::size_t check = pseudo_checksum_offset(t.protocol);
  switch (t.protocol) {
    case kProtoTcp:
      field = source ? Field::TcpSport : Field::TcpDport;
      break;
    case kProtoUdp:
      field = source ? Field::UdpSport : Field::UdpDport;
      break;
    case kProtoUdpLite:
    case kProtoSctp:
      break;
    case kProtoIcmp: {
      // Only messages with an identifier have one to change.
      if (t.size < 1) return;
      const std::uint8_t type = t.header[0];
      if (type != 0 && type != 8 && type != 13 && type != 14 && type != 15 && type != 16 &&
          type != 17 && type != 18) {
        return;
      }
      field = Field::IcmpId;
      offset = 4;
      check = 2;
      break;
    }
    default:
      return;
  }
  if (t.size < offset + 2) return;
  const std::uint16_t from = load_be16(t.header + offset);
  if (from == value) return;
  set_word(t, offset, value, check);
  if (t.protocol == kProtoSctp) fill_transport_checksum(skb);
  if (recorder != nullptr)
    recorder->step(ChangeStep{field, Value::dec(from), Value::dec(value)}, &skb);
}

// CRC-32C of SCTP (RFC 9260), bit by bit: SCTP is rare enough.
std::uint32_t crc32c(std::span<const std::uint8_t> bytes) {
  std::uint32_t crc = ~0u;
  for (const std::uint8_t byte : bytes) {
    crc ^= byte;
    for (int i = 0; i < 8; ++i) crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0x82f63b78u : 0u);
  }
  return ~crc;
}

}  // namespace

void set_ttl(Skb& skb, std::uint8_t ttl, Recorder* recorder) {
  std::uint8_t* const ip = skb.l3().data();
  const std::uint8_t from = ip[8];
  if (from == ttl) return;
  const std::uint16_t old_word = load_be16(ip + 8);
  ip[8] = ttl;
  store_be16(ip + 10, update_checksum(load_be16(ip + 10), old_word, load_be16(ip + 8)));
  if (recorder != nullptr)
    recorder->step(ChangeStep{Field::IpTtl, Value::dec(from), Value::dec(ttl)}, &skb);
}

void set_tos(Skb& skb, std::uint8_t tos, Recorder* recorder) {
  std::uint8_t* const ip = skb.l3().data();
  const std::uint8_t from = ip[1];
  if (from == tos) return;
  const std::uint16_t old_word = load_be16(ip);
  ip[1] = tos;
  store_be16(ip + 10, update_checksum(load_be16(ip + 10), old_word, load_be16(ip)));
  if (recorder != nullptr)
    recorder->step(ChangeStep{Field::IpTos, Value::tos(from), Value::tos(tos)}, &skb);
}

void set_mark(Skb& skb, std::uint32_t mark, Recorder* recorder) {
  const std::uint32_t from = skb.mark;
  if (from == mark) return;
  skb.mark = mark;
  if (recorder != nullptr)
    recorder->step(ChangeStep{Field::SkbMark, Value::hex(from), Value::hex(mark)}, &skb);
}

void set_priority(Skb& skb, std::uint32_t priority, Recorder* recorder) {
  const std::uint32_t from = skb.priority;
  if (from == priority) return;
  skb.priority = priority;
  if (recorder != nullptr) {
    recorder->step(ChangeStep{Field::SkbPriority, Value::hex(from), Value::hex(priority)}, &skb);
  }
}

void set_saddr(Skb& skb, const IpAddr& addr, Recorder* recorder) {
  set_address(skb, 12, addr, Field::IpSaddr, recorder);
}

void set_daddr(Skb& skb, const IpAddr& addr, Recorder* recorder) {
  set_address(skb, 16, addr, Field::IpDaddr, recorder);
}

void set_l4_source(Skb& skb, std::uint16_t value, Recorder* recorder) {
  set_port(skb, true, value, recorder);
}

void set_l4_destination(Skb& skb, std::uint16_t value, Recorder* recorder) {
  set_port(skb, false, value, recorder);
}

void set_tcp_word(Skb& skb, std::size_t offset, std::uint16_t value, Field field,
                  Recorder* recorder) {
  Transport t = transport_of(skb);
  if (t.header == nullptr || t.protocol != kProtoTcp || t.size < offset + 2) return;
  const std::uint16_t from = load_be16(t.header + offset);
  if (from == value) return;
  // A word at an odd offset straddles two words of the checksum: its bytes count swapped.
  if (offset % 2 == 0) {
    set_word(t, offset, value, 16);
  } else {
    store_be16(t.header + offset, value);
    const auto swapped = [](std::uint16_t v) {
      return static_cast<std::uint16_t>(v << 8 | v >> 8);
    };
    if (t.size >= 18) {
      store_be16(t.header + 16,
                 update_checksum(load_be16(t.header + 16), swapped(from), swapped(value)));
    }
  }
  if (recorder != nullptr)
    recorder->step(ChangeStep{field, Value::dec(from), Value::dec(value)}, &skb);
}

void fill_ip_checksum(Skb& skb) {
  const std::span<std::uint8_t> l3 = skb.l3();
  const std::size_t length = Ipv4View(l3.data()).header_length();
  store_be16(l3.data() + 10, 0);
  store_be16(l3.data() + 10, checksum(l3.first(length)));
}

void fill_transport_checksum(Skb& skb) {
  if (skb.missing != 0) return;
  const Transport t = transport_of(skb);
  const Ipv4View ip(skb.l3().data());
  if (t.header == nullptr || ip.more_fragments()) return;
  const std::span<std::uint8_t> bytes(t.header, t.size);
  if (t.protocol == kProtoIcmp && t.size >= 8) {
    store_be16(t.header + 2, 0);
    store_be16(t.header + 2, checksum(bytes));
  } else if (t.protocol == kProtoSctp && t.size >= 12) {
    store_be32(t.header + 8, 0);
    const std::uint32_t crc = crc32c(bytes);
    for (std::size_t i = 0; i < 4; ++i) t.header[8 + i] = static_cast<std::uint8_t>(crc >> (8 * i));
  } else if (const std::size_t check = pseudo_checksum_offset(t.protocol);
             check != 0 && t.size >= check + 2) {
    store_be16(t.header + check, 0);
    std::uint16_t sum = finish_sum(sum_bytes(
        bytes, pseudo_sum(ip.saddr(), ip.daddr(), t.protocol, static_cast<std::uint32_t>(t.size))));
    if (sum == 0 && t.protocol == kProtoUdp) sum = 0xffff;
    store_be16(t.header + check, sum);
  }
}

ChecksumState verify_transport_checksum(const Skb& skb) {
  if (skb.known_checksum) return ChecksumState::Right;
  const std::span<const std::uint8_t> l3 = skb.l3();
  const std::optional<Ipv4View> ip = Ipv4View::at(l3);
  if (!ip || l3.size() < ip->header_length()) return ChecksumState::Unknown;
  const std::span<const std::uint8_t> bytes = l3.subspan(ip->header_length());
  std::uint64_t start = 0;
  switch (ip->protocol()) {
    case kProtoIcmp:
      break;
    case kProtoUdp:
      if (bytes.size() >= 8 && load_be16(bytes.data() + 6) == 0) return ChecksumState::Absent;
      [[fallthrough]];
    case kProtoTcp:
    case kProtoUdpLite:
    case kProtoDccp:
      start = pseudo_sum(ip->saddr(), ip->daddr(), ip->protocol(),
                         static_cast<std::uint32_t>(bytes.size()));
      break;
    default:
      return ChecksumState::Absent;
  }
  if (skb.missing != 0) return ChecksumState::Unknown;
  return finish_sum(sum_bytes(bytes, start)) == 0 ? ChecksumState::Right : ChecksumState::Wrong;
}

}  // namespace pktwalk
