// SPDX-License-Identifier: MIT
#include "model/netfilter/nft/datatype.h"

#include <doctest/doctest.h>

namespace pktwalk::nft {
namespace {

struct Row {
  const char* type;
  unsigned bits;
  const char* text;
  std::uint64_t number;  // of the last eight bytes
  const char* printed;
};

TEST_CASE("nft types: words and numbers, read and written") {
  const Row rows[] = {
      {"inet_service", 16, "ssh", 22, "22"},
      {"inet_service", 16, "0x1f90", 8080, "8080"},
      {"inet_proto", 8, "tcp", 6, "tcp"},
      {"inet_proto", 8, "icmpv6", 58, "ipv6-icmp"},
      {"inet_proto", 8, "200", 200, "200"},
      {"ipv4_addr", 32, "10.0.0.1", 0x0a000001, "10.0.0.1"},
      {"ether_addr", 48, "02:00:00:00:00:01", 0x020000000001, "02:00:00:00:00:01"},
      {"ether_type", 16, "arp", 0x0806, "arp"},
      {"mark", 32, "0x2a", 42, "0x0000002a"},
      {"mark", 32, "010", 8, "0x00000008"},
      {"ct_state", 32, "established", 2, "established"},
      {"tcp_flag", 8, "0x12", 0x12, "syn,ack"},
      {"icmp_type", 8, "echo-request", 8, "echo-request"},
      {"icmp_type", 8, "40", 40, "40"},
      {"dscp", 6, "ef", 0x2e, "ef"},
      {"classid", 32, "1:20", 0x10020, "1:20"},
      {"time", 64, "1h30m5s250ms", 5405250, "1h30m5s250ms"},
      {"time", 64, "90", 90000, "1m30s"},
      {"hour", 32, "17:30", 63000, "\"17:30\""},
      {"day", 8, "Saturday", 6, "Saturday"},
      {"pkt_type", 8, "unicast", 0, "host"},
      {"fib_addrtype", 32, "local", 2, "local"},
      {"boolean", 8, "missing", 0, "missing"},
      {"uid", 32, "root", 0, "root"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.type);
    CAPTURE(row.text);
    const Datatype* const type = find_datatype(row.type);
    REQUIRE(type != nullptr);
    const Result<Data> data = parse_data(*type, row.text, row.bits);
    REQUIRE(data.has_value());
    CHECK(data->size() == bytes_of(row.bits));
    CHECK(data->number() == row.number);
    CHECK(print_data(*type, *data) == row.printed);
  }
}

TEST_CASE("nft types: dates, labels and names") {
  const Result<Data> date = parse_data(types::kTimeOfDay, "2024-02-29 12:00:01", 64);
  REQUIRE(date.has_value());
  CHECK(date->number() == 1709208001ull * 1'000'000'000);
  CHECK(print_data(types::kTimeOfDay, *date) == "\"2024-02-29 12:00:01\"");
  const Result<Data> seconds = parse_data(types::kTimeOfDay, "1704110400", 64);
  REQUIRE(seconds.has_value());
  CHECK(print_data(types::kTimeOfDay, *seconds) == "\"2024-01-01 12:00:00\"");
  const Result<Data> label = parse_data(types::kCtLabel, "127", 128);
  REQUIRE(label.has_value());
  CHECK(label->bytes()[0] == 0x80);
  CHECK(print_data(types::kCtLabel, *label) == "127");
  const Result<Data> name = parse_data(types::kIfName, "eth0", 128);
  REQUIRE(name.has_value());
  CHECK(name->size() == 16);
  CHECK(print_data(types::kIfName, *name) == "\"eth0\"");
}

TEST_CASE("nft types: what cannot be a value is told") {
  const auto error = [](const char* type, const char* text, unsigned bits) {
    const Result<Data> data = parse_data(*find_datatype(type), text, bits);
    REQUIRE_FALSE(data.has_value());
    return data.error().what;
  };
  CHECK(error("inet_service", "70000", 16) == "70000 is too large for a port or service");
  CHECK(error("inet_service", "no-such", 16) == "\"no-such\" is no port or service");
  CHECK(error("integer", "18446744073709551616", 64) == "\"18446744073709551616\" is no number");
  CHECK(error("integer", "0x112233445566778899", 128) == "\"0x112233445566778899\" is no number");
  CHECK(error("hour", "17:00:99", 32).starts_with("\"17:00:99\" is no time of day"));
  CHECK(error("ipv4_addr", "10.0.0", 32) == "\"10.0.0\" is no IPv4 address");
  CHECK(error("ct_state", "old", 32) == "\"old\" is no connection state");
  CHECK(error("time", "1x", 64) == "\"1x\" is no time (for example 1h30m)");
}

}  // namespace
}  // namespace pktwalk::nft
