// SPDX-License-Identifier: MIT
// What most matches share while they decide: their terms in the kernel's order, and the transport
// header with the kernel's answer when it is not there.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "model/netfilter/match.h"

namespace pktwalk {

// Index of an option's term in Match::terms; kNoTerm: the option was not given.
inline constexpr std::int8_t kNoTerm = -1;

// Why a term cannot be decided when the capture was cut.
inline constexpr const char* kBeyondCapture = "the bytes lie beyond the captured length";

// Appends the term of `option` to match.terms and gives its index; kNoTerm when `option` is null.
std::int8_t add_term(Match& match, const GivenOption* option);
// A match written without options still asks something: its term is "-m name".
void add_name_term(Match& match, std::string_view name);

// The terms of one match, tried in order. term() says whether to go on; in a probe it always does,
// and outcome() remembers the first failure.
class Evaluation {
 public:
  Evaluation(MatchContext& ctx, const Match& match) : ctx_(ctx), match_(match) {}

  template <typename Seen>
  bool term(std::int8_t index, Field field, bool hit, Seen&& seen) {
    if (index == kNoTerm) return true;
    if (!hit) failed_ = true;
    return ctx_.term(match_.terms[static_cast<std::size_t>(index)], field, hit, seen);
  }
  Outcome outcome() const { return failed_ ? Outcome::NoMatch : Outcome::Match; }

 private:
  MatchContext& ctx_;
  const Match& match_;
  bool failed_ = false;
};

// skb_header_pointer() at the transport header.
struct TransportHeader {
  const std::uint8_t* bytes = nullptr;  // null: the match answers `answer`
  Outcome answer = Outcome::NoMatch;    // later fragments: NoMatch; a packet that ends before:
                                        // Hotdrop; a capture that ends before: Unknown
  explicit operator bool() const { return bytes != nullptr; }
};
// `length` bytes of it. When they are not there the first term says so, as `field`.
TransportHeader transport_header(MatchContext& ctx, const Match& match, std::size_t length,
                                 Field field);
// The packet, not the capture, ends before the bytes a match must see: the kernel drops it.
// Reports it for the term at `index`.
Outcome hotdrop(MatchContext& ctx, const Match& match, std::size_t index, Field field);
// `length` bytes from `offset` on for the term at `index`, with the same answers as
// transport_header(), but for fragments.
TransportHeader packet_bytes(MatchContext& ctx, const Match& match, std::size_t index, Field field,
                             std::size_t offset, std::size_t length);

// The byte of the IP header that holds DSCP and ECN (TOS, traffic class).
std::uint8_t traffic_class(const MatchContext& ctx);
IpAddr source_address(const MatchContext& ctx);
IpAddr destination_address(const MatchContext& ctx);

}  // namespace pktwalk
