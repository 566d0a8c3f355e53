// SPDX-License-Identifier: MIT
// The command line: whatever is wrong gives one clear message and exit status 2, and leaves nothing
// half-written.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <csignal>

#include "tests/program/child.h"
#include "tests/support/temp_folder.h"

using namespace pktwalk::testing;

namespace fs = std::filesystem;

namespace {

const char* const kHost = "captures/hosts/web-masquerade";
const char* const kCapture = "captures/web-masquerade.pcapng";

// "@" stands for --host and a good host, "CAPTURE" for a good capture.
Ran call(const std::vector<std::string>& given) {
  std::vector<std::string> words{pktwalk_program()};
  for (const std::string& word : given) {
    if (word == "@") {
      words.insert(words.end(), {"--host", kHost});
    } else {
      words.push_back(word == "CAPTURE" ? kCapture : word);
    }
  }
  return run_program(words);
}

std::size_t lines_of(const std::string& text) {
  return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}

std::size_t files_in(const TempFolder& folder) {
  std::size_t count = 0;
  for ([[maybe_unused]] const auto& entry : fs::recursive_directory_iterator(folder.path("")))
    ++count;
  return count;
}

}  // namespace

TEST_CASE("command line: what is wrong is said once, with status 2") {
  struct Case {
    std::vector<std::string> words;
    const char* message;  // a part of it
  };
  const Case cases[] = {
      {{}, "command"},
      {{"walk"}, "walk"},
      {{"--nonsense"}, "--nonsense"},
      {{"trace"}, "--host is required"},
      {{"trace", "@"}, "CAPTURE is required"},
      {{"trace", "CAPTURE"}, "--host is required"},
      {{"trace", "--host"}, "--host"},
      {{"trace", "@", "CAPTURE", "--nonsense"}, "--nonsense"},
      {{"trace", "@", "CAPTURE", "second.pcap"}, "second.pcap"},
      {{"trace", "@", "CAPTURE", "--jsonl", "--minimal"}, "--jsonl excludes --minimal"},
      {{"trace", "@", "CAPTURE", "--minimal", "--detailed"}, "excludes"},
      {{"trace", "@", "CAPTURE", "--kernel", "2.2"}, "--kernel 2.2: only \"modern\""},
      {{"trace", "@", "CAPTURE", "--in", "eth7"}, "--in eth7: the host has no such device"},
      {{"trace", "@", "missing.pcap"}, "missing.pcap: cannot be opened: No such file"},
      {{"trace", "@", "captures"}, "captures: "},
      {{"trace", "@", "README.md"}, "README.md: "},
      {{"trace", "--host", "missing", "CAPTURE"}, "missing: no such file or folder"},
      {{"trace", "--host", kCapture, "CAPTURE"}, "web-masquerade.pcapng: "},
      {{"trace", "--host", "LICENSE", "CAPTURE"}, "LICENSE: "},
      {{"trace", "@", "CAPTURE", "--emit", "missing/out.pcapng"},
       "missing/out.pcapng: cannot be written"},
      {{"trace", "@", "CAPTURE", "--counters", "missing/c"}, "missing/c: cannot be written"},
      {{"trace", "@", "CAPTURE", "--conntrack", "captures"}, "captures: is a folder"},
      {{"trace", "@", "CAPTURE", "--ipset", "missing/s"}, "missing/s: cannot be written"},
      {{"packet", "@"}, "WORD is required"},
      {{"packet", "in", "lan0"}, "--host is required"},
      {{"packet", "@", "in"}, "\"in\" needs the arrival device"},
      {{"packet", "@", "sideways", "lan0"}, "sideways"},
      {{"packet", "@", "in", "eth7", "tcp", "10.0.0.1:1", "to", "10.0.0.2:2"}, "eth7"},
      {{"packet", "@", "in", "lan0", "sctpx", "10.0.0.1", "to", "10.0.0.2"}, "sctpx"},
      {{"packet", "@", "in", "lan0", "tcp", "10.0.0.1:1", "syn"}, "syn"},
      {{"packet", "@", "in", "lan0", "tcp", "10.0.0.1:1"}, "the destination is missing (quote the"},
      {{"packet", "@", "in", "lan0", "tcp", "10.0.0.256:1", "to", "10.0.0.2:2"}, "10.0.0.256"},
      {{"packet", "@", "in", "lan0", "tcp", "10.0.0.1:70000", "to", "10.0.0.2:2"}, "70000"},
      {{"packet", "@", "in lan0 udp 10.0.0.1:1 to 10.0.0.2:2 syn"}, "syn"},
      {{"packet", "@", "in lan0 udp 10.0.0.1:1 to 10.0.0.2:2 ttl"}, "ttl"},
      {{"packet", "@", "in lan0 udp 10.0.0.1:1 to 10.0.0.2:2 ttl 300"}, "300"},
      {{"packet", "@", "--repeat", "0", "in lan0 udp 10.0.0.1:1 to 10.0.0.2:2"}, "--repeat"},
      {{"packet", "@", "--repeat", "many", "in lan0 udp 10.0.0.1:1 to 10.0.0.2:2"}, "--repeat"},
      {{"lint"}, "--host is required"},
      {{"lint", "--host", "missing"}, "missing: no such file or folder"},
      {{"lint", "@", "extra"}, "extra"},
      {{"ui", "@"}, "CAPTURE is required"},
      {{"ui", "@", "missing.pcap"}, "missing.pcap: cannot be opened"},
      {{"ui", "@", "CAPTURE", "--keys=s", "--size", "big"}, "--size big: expected WIDTHxHEIGHT"},
      {{"ui", "@", "CAPTURE", "--keys=s", "--size", "0x0"}, "--size 0x0: expected WIDTHxHEIGHT"},
      {{"ui", "@", "CAPTURE", "--keys=s", "--size", "80x24x"}, "--size 80x24x: expected"},
      {{"bench", "@"}, "CAPTURE is required"},
      {{"bench", "@", "missing.pcap"}, "missing.pcap"},
      {{"bench", "@", "README.md"}, "README.md"},
      {{"bench", "@", "CAPTURE", "--rounds", "0"}, "--rounds"},
  };
  for (const Case& c : cases) {
    const std::string line = fmt::format("{}", fmt::join(c.words, " "));
    CAPTURE(line);
    const Ran ran = call(c.words);
    CAPTURE(ran.err);
    CHECK(ran.status == 2);
    CHECK(ran.out == "");
    CHECK(ran.err.starts_with("pktwalk: error: "));
    CHECK(ran.err.find(c.message) != std::string::npos);
    CHECK(lines_of(ran.err) <= 2);  // the second says what to try
  }
}

TEST_CASE("command line: files appear whole or not at all") {
  const TempFolder folder;
  REQUIRE(folder.ok());
  const std::string whole = folder.path("c");
  SUBCASE("all of them after a good run, and nothing beside them") {
    const Ran ran = call({"trace", "@", "CAPTURE", "--minimal", "--counters", whole, "--emit",
                          folder.path("e"), "--conntrack", folder.path("t"), "--ipset",
                          folder.path("s"), "--tc", folder.path("q")});
    CHECK(ran.status == 0);
    CHECK(lines_of(ran.out) == 89);
    CHECK(files_in(folder) == 5);
    CHECK(read_file(whole).find("COMMIT") != std::string::npos);
    CHECK(read_file(folder.path("t")).find("src=192.168.1.10 ") != std::string::npos);
    CHECK(read_file(folder.path("e")).starts_with("\x0a\x0d\x0d\x0a"));
  }
  SUBCASE("none when another one cannot be written, and nothing is walked") {
    const Ran ran =
        call({"trace", "@", "CAPTURE", "--counters", whole, "--emit", folder.path("no/e")});
    CHECK(ran.status == 2);
    CHECK(ran.out == "");
    CHECK(files_in(folder) == 0);
  }
  SUBCASE("what was there stays when the packet's words are wrong") {
    folder.file("c", "before");
    CHECK(call({"packet", "@", "--counters", whole, "in", "lan0", "nonsense"}).status == 2);
    CHECK(read_file(whole) == "before");
    CHECK(files_in(folder) == 1);
  }
  SUBCASE("a broken capture: what was before the break is walked and written") {
    const std::string broken =
        folder.file("broken.pcap", read_file("captures/web-masquerade.pcap").substr(0, 2000));
    const Ran ran = call({"trace", "@", broken, "--minimal", "--counters", whole});
    CAPTURE(ran.err);
    CHECK(ran.status == 2);
    CHECK(lines_of(ran.out) > 5);
    CHECK(lines_of(ran.err) == 1);
    CHECK(ran.err.find("broken.pcap") != std::string::npos);
    CHECK(read_file(whole).find("COMMIT") != std::string::npos);
  }
  SUBCASE("a reader that goes away ends the program quietly and leaves nothing") {
    const Ran ran = run_shell(fmt::format(
        "{{ {} trace --host {} {} --detailed --counters {} --emit {}; echo $? >{}; }} | head -n 1",
        pktwalk_program(), kHost, kCapture, whole, folder.path("e"), folder.path("status")));
    CHECK(lines_of(ran.out) == 1);
    CHECK(ran.err == "");
    CHECK(read_file(folder.path("status")) == fmt::format("{}\n", 128 + SIGPIPE));
    CHECK(files_in(folder) == 1);
  }
  SUBCASE("a full disk is told") {
    const Ran ran = run_shell(
        fmt::format("{} trace --host {} {} >/dev/full", pktwalk_program(), kHost, kCapture));
    CHECK(ran.status == 2);
    CHECK(ran.err == "pktwalk: error: cannot write to standard output: No space left on device\n");
    CHECK(call({"trace", "@", "CAPTURE", "--counters", "/dev/full"}).status == 2);
  }
  SUBCASE("a device is written, not replaced") {
    CHECK(
        call({"trace", "@", "CAPTURE", "--emit", "/dev/null", "--counters", "/dev/null"}).status ==
        0);
    CHECK(fs::is_character_file("/dev/null"));
  }
}

TEST_CASE("command line: help and version go to standard output") {
  for (const char* command : {"", "trace", "packet", "ui", "lint", "bench"}) {
    CAPTURE(command);
    const Ran ran = *command == '\0' ? call({"--help"}) : call({command, "--help"});
    CHECK(ran.status == 0);
    CHECK(ran.err == "");
    CHECK(ran.out.find("Usage: pktwalk") != std::string::npos);
    std::size_t from = 0;
    for (std::size_t end = 0; (end = ran.out.find('\n', from)) != std::string::npos;
         from = end + 1) {
      const std::string line = ran.out.substr(from, end - from);
      CAPTURE(line);
      CHECK(line.size() <= 80);
    }
  }
  CHECK(call({"--version"}).out.starts_with("pktwalk "));
}

TEST_CASE("command line: statuses tell scripts what happened") {
  CHECK(call({"trace", "@", "CAPTURE"}).status == 0);
  CHECK(call({"packet", "@", "in lan0 icmp 192.168.1.10 to 198.51.100.80"}).status == 0);
  CHECK(call({"lint", "@"}).status == 0);
  const TempFolder folder;
  const std::string rules =
      folder.file("iptables-save.txt",
                  "*filter\n:INPUT ACCEPT [0:0]\n-A INPUT -m osf --genre Linux -j DROP\nCOMMIT\n");
  CHECK(call({"lint", "--host", rules}).status == 1);
}
