// SPDX-License-Identifier: MIT
// The words of nft's grammar that come in families: headers and their fields, keys of meta and ct.
// The readers of text and JSON ask the same lists.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace pktwalk::nft::words {

using List = std::span<const std::string_view>;

bool contains(List list, std::string_view word);

// Fields of a header that is read from the packet ("ip", "tcp", "th", "vxlan"); empty: no such
// header.
List payload_fields(std::string_view header);
// Fields of an IPv6 extension header ("frag", "rt0", "srh"); empty: no such header.
List exthdr_fields(std::string_view header);
List tcp_options();
List tcp_option_fields();
List ip_options();
List ip_option_fields();
List sctp_chunks();
List sctp_chunk_fields();

List meta_keys();
// Keys that stand without the word meta: "iifname", "mark".
List bare_meta_keys();
List ct_keys();
List rt_keys();

List verdicts();
List families();
// Words that begin a statement or join expressions, hence no value of a comparison.
bool is_reserved(std::string_view word);

// nft has several words for some things; the one it prints itself.
std::string_view canonical_field(std::string_view header, std::string_view field);
std::string_view canonical_meta(std::string_view key);
// Also for the numbers of options that have a name: "2" is "maxseg".
std::string_view canonical_tcp_option(std::string_view option);
std::uint64_t tcp_option_kind(std::string_view canonical_option);  // 0: none of a name

}  // namespace pktwalk::nft::words
