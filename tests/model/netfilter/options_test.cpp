// SPDX-License-Identifier: MIT
#include "model/netfilter/options.h"

#include <doctest/doctest.h>

#include <optional>
#include <string>

namespace pktwalk {
namespace {

TEST_CASE("options: numbers are read as iptables reads them") {
  struct Case {
    const char* name;
    const char* text;
    std::uint64_t max;
    std::optional<std::uint64_t> want;
  };
  const Case cases[] = {
      {"decimal", "42", 100, 42},
      {"the largest that fits", "100", 100, 100},
      {"one more than fits", "101", 100, std::nullopt},
      {"hexadecimal", "0xFf", 255, 255},
      {"a leading zero makes it octal", "017", 255, 15},
      {"an octal number has no 8", "08", 255, std::nullopt},
      {"zero alone is no octal prefix", "0", 255, 0},
      {"the empty text is no number", "", 255, std::nullopt},
      {"0x alone is no number", "0x", 255, std::nullopt},
      {"no sign", "-1", 255, std::nullopt},
      {"nothing behind the number", "1k", 255, std::nullopt},
      {"64 bits", "18446744073709551615", ~std::uint64_t{0}, ~std::uint64_t{0}},
      {"more than 64 bits", "18446744073709551616", ~std::uint64_t{0}, std::nullopt},
  };
  for (const Case& c : cases) {
    CAPTURE(c.name);
    CHECK(read_number(c.text, c.max) == c.want);
  }
}

TEST_CASE("options: ranges may lack an end, and must not run backwards") {
  struct Case {
    const char* text;
    bool good;
    std::uint32_t low, high;
  };
  const Case cases[] = {
      {"5", true, 5, 5},        {"5:10", true, 5, 10}, {":10", true, 0, 10},
      {"5:", true, 5, 65535},   {":", true, 0, 65535}, {"10:5", false, 0, 0},
      {"", false, 0, 0},        {"5:x", false, 0, 0},  {"65536", false, 0, 0},
      {"5:65536", false, 0, 0},
  };
  for (const Case& c : cases) {
    CAPTURE(c.text);
    const std::optional<NumberRange> range = read_range(c.text, ':', 65535);
    REQUIRE(range.has_value() == c.good);
    if (!range) continue;
    CHECK(range->low == c.low);
    CHECK(range->high == c.high);
  }
  CHECK(read_range("5-10", '-', 65535)->high == 10);
}

TEST_CASE("options: ports have names, whatever the machine's /etc/services says") {
  CHECK(read_port("http") == 80);
  CHECK(read_port("domain") == 53);
  CHECK(read_port("65535") == 65535);
  CHECK_FALSE(read_port("65536").has_value());
  CHECK_FALSE(read_port("no-such-service").has_value());
  const std::optional<NumberRange> range = read_port_range("ssh:http");
  REQUIRE(range.has_value());
  CHECK(range->low == 22);
  CHECK(range->high == 80);
}

TEST_CASE("options: protocols") {
  struct Case {
    const char* text;
    std::optional<std::uint8_t> number;
    const char* printed;
  };
  const Case cases[] = {
      {"tcp", std::uint8_t{6}, "tcp"},
      {"TCP", std::uint8_t{6}, "tcp"},
      {"6", std::uint8_t{6}, "tcp"},
      {"all", std::uint8_t{0}, "all"},
      {"icmpv6", std::uint8_t{58}, "ipv6-icmp"},
      {"4", std::uint8_t{4}, "ipencap"},
      {"253", std::uint8_t{253}, "253"},
      {"256", std::nullopt, ""},
      {"tcpp", std::nullopt, ""},
  };
  for (const Case& c : cases) {
    CAPTURE(c.text);
    const std::optional<std::uint8_t> number = read_protocol(c.text);
    REQUIRE(number == c.number);
    if (number) CHECK(protocol_name(*number) == c.printed);
  }
}

TEST_CASE("options: a value under a mask has all bits when no mask is given") {
  CHECK(read_masked("0x1/0xff") == MaskedValue{0x1, 0xff});
  CHECK(read_masked("10") == MaskedValue{10, 0xffffffff});
  CHECK_FALSE(read_masked("4294967296").has_value());
  CHECK_FALSE(read_masked("1/").has_value());
  CHECK_FALSE(read_masked("/1").has_value());
}

TEST_CASE("options: networks") {
  struct Case {
    const char* name;
    const char* text;
    Family family;
    const char* printed;  // null: refused
  };
  const Case cases[] = {
      {"an address is a network of one", "10.0.0.1", Family::Ipv4, "10.0.0.1/32"},
      {"host bits are cleared", "10.1.2.3/8", Family::Ipv4, "10.0.0.0/8"},
      {"a dotted mask", "10.1.2.3/255.255.0.0", Family::Ipv4, "10.1.0.0/16"},
      {"a mask with gaps stays dotted", "1.2.3.4/0.255.0.255", Family::Ipv4, "0.2.0.4/0.255.0.255"},
      {"missing parts are zero", "10/8", Family::Ipv4, "10.0.0.0/8"},
      {"everything", "0.0.0.0/0", Family::Ipv4, "0.0.0.0/0"},
      {"length 33", "10.0.0.0/33", Family::Ipv4, nullptr},
      {"no mask behind the slash", "10.0.0.0/", Family::Ipv4, nullptr},
      {"five parts", "10.0.0.0.0", Family::Ipv4, nullptr},
      {"a number above 255", "10.0.0.256", Family::Ipv4, nullptr},
      {"a host name", "www.example.org", Family::Ipv4, nullptr},
      {"IPv6 for IPv4", "2001:db8::1", Family::Ipv4, nullptr},
      {"IPv6", "2001:db8::1/32", Family::Ipv6, "2001:db8::/32"},
      {"IPv6 mask with gaps", "fe80::1/ffff::ff00", Family::Ipv6, "fe80::/ffff::ff00"},
      {"IPv6 length 129", "::/129", Family::Ipv6, nullptr},
      {"IPv4 for IPv6", "10.0.0.1", Family::Ipv6, nullptr},
  };
  for (const Case& c : cases) {
    CAPTURE(c.name);
    const std::optional<AddrMask> net = read_addr_mask(c.text, c.family);
    REQUIRE(net.has_value() == (c.printed != nullptr));
    if (net) CHECK(to_string(*net) == c.printed);
  }
}

TEST_CASE("options: text is quoted as iptables-save quotes it") {
  struct Case {
    const char* value;
    const char* printed;
  };
  const Case cases[] = {
      {"plain-word_1", "--log-prefix plain-word_1"},
      {"two words", "--log-prefix \"two words\""},
      {"", "--log-prefix \"\""},
      {"a \"b\" c\\d 'e'", "--log-prefix \"a \\\"b\\\" c\\\\d \\'e\\'\""},
  };
  for (const Case& c : cases) {
    OptionPrinter out;
    out.quoted("--log-prefix", c.value);
    CHECK(out.text() == c.printed);
  }
  OptionPrinter out;
  out.option("--dport", "22", true);
  out.option("--syn");
  out.raw("as it is");
  CHECK(out.text() == "! --dport 22 --syn as it is");
}

}  // namespace
}  // namespace pktwalk
