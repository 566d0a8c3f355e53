// SPDX-License-Identifier: MIT
// What most matches share while they decide.
//
// Kernel: include/linux/skbuff.h:skb_header_pointer(); the openings of xt_tcpudp.c, xt_multiport.c,
//         xt_esp.c and others
// Differs: nothing known
#include "model/netfilter/evaluation.h"

#include "model/core/bytes.h"
#include "model/packet/headers.h"

namespace pktwalk {

std::int8_t add_term(Match& match, const GivenOption* option) {
  if (option == nullptr) return kNoTerm;
  match.terms.push_back(Options::term(*option));
  return static_cast<std::int8_t>(match.terms.size() - 1);
}

void add_name_term(Match& match, std::string_view name) {
  if (match.terms.empty()) match.terms.push_back({.option = "-m " + std::string(name)});
}

Outcome hotdrop(MatchContext& ctx, const Match& match, std::size_t index, Field field) {
  if (ctx.recorder != nullptr) {
    ctx.recorder->term({&match.terms[index], field, Value::none(), Outcome::Hotdrop, ctx.probe});
  }
  return Outcome::Hotdrop;
}

TransportHeader packet_bytes(MatchContext& ctx, const Match& match, std::size_t index, Field field,
                             std::size_t offset, std::size_t length) {
  bool cut = false;
  if (const std::uint8_t* const bytes = ctx.bytes(offset, length, &cut)) return {.bytes = bytes};
  if (cut) return {.answer = ctx.unknown_term(match.terms[index], field, kBeyondCapture)};
  return {.answer = hotdrop(ctx, match, index, field)};
}

TransportHeader transport_header(MatchContext& ctx, const Match& match, std::size_t length,
                                 Field field) {
  if (ctx.frag_offset != 0) {
    ctx.term(match.terms[0], Field::IpFrag, false,
             [&] { return Value::frag(ctx.frag_offset, Ipv4View(ctx.ip()).more_fragments()); });
    return {.answer = Outcome::NoMatch};
  }
  return packet_bytes(ctx, match, 0, field, ctx.transport, length);
}

std::uint8_t traffic_class(const MatchContext& ctx) {
  const std::uint8_t* const ip = ctx.ip();
  if (ctx.skb.family == Family::Ipv6) return static_cast<std::uint8_t>(load_be16(ip) >> 4);
  return ip[1];
}

IpAddr source_address(const MatchContext& ctx) {
  const bool v6 = ctx.skb.family == Family::Ipv6;
  return IpAddr::from_bytes(ctx.skb.family, ctx.ip() + (v6 ? 8 : 12));
}

IpAddr destination_address(const MatchContext& ctx) {
  const bool v6 = ctx.skb.family == Family::Ipv6;
  return IpAddr::from_bytes(ctx.skb.family, ctx.ip() + (v6 ? 24 : 16));
}

}  // namespace pktwalk
