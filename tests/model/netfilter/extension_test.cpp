// SPDX-License-Identifier: MIT
#include "model/netfilter/extension.h"

#include <doctest/doctest.h>

#include "model/netfilter/option_reader.h"
#include "tests/support/printers.h"

namespace pktwalk {
namespace {

std::string joined(std::string_view line) {
  const Result<std::vector<Word>> words = split_words(line);
  if (!words) return "error: " + to_string(words.error());
  std::string out;
  for (const Word& word : *words) {
    if (!out.empty()) out += '|';
    out += word.text + '@' + std::to_string(word.column);
  }
  return out;
}

TEST_CASE("words: a line is split as iptables-restore splits it") {
  CHECK(joined("-A  INPUT\t-j DROP") == "-A@1|INPUT@5|-j@11|DROP@14");
  CHECK(joined("--comment \"two words\" -j X") == "--comment@1|two words@11|-j@23|X@26");
  CHECK(joined(R"(--comment "a \"b\" \\ c")") == "--comment@1|a \"b\" \\ c@11");
  CHECK(joined("--comment \"\" -j X") == "--comment@1|@11|-j@14|X@17");
  CHECK(joined("a\"b c\"d") == "ab c@1|d@7");
  CHECK(joined("trailing blanks  \r") == "trailing@1|blanks@10");
  CHECK(joined("").empty());
  CHECK(joined("--comment 'single ones' -j X") == "--comment@1|single ones@11|-j@25|X@28");
  CHECK(joined("--comment 'it''s' -j X") == "--comment@1|it''s@11|-j@19|X@22");
  CHECK(joined("--comment 'no end -j X") == "--comment@1|'no@11|end@15|-j@19|X@22");
  CHECK(joined("--comment don't -j X") == "--comment@1|don't@11|-j@17|X@20");
  CHECK(joined("--comment \"open").find("not closed") != std::string::npos);
}

constexpr OptionSpec kSpecs[] = {
    {.name = "--source-port", .invertible = true, .alias = "--sport"},
    {.name = "--to-source"},
    {.name = "--to-ports"},
    {.name = "--syn", .args = OptionSpec::Args::None, .invertible = true},
    {.name = "--tcp-flags", .args = OptionSpec::Args::Two, .invertible = true},
    {.name = "--mask", .args = OptionSpec::Args::Optional},
};

TEST_CASE("options: a name is found exactly, by alias, or by an unambiguous beginning") {
  CHECK(find_option(kSpecs, "--sport").exact);
  CHECK(find_option(kSpecs, "--sport").spec == &kSpecs[0]);
  CHECK(find_option(kSpecs, "--source").spec == &kSpecs[0]);
  CHECK_FALSE(find_option(kSpecs, "--source").exact);
  CHECK(find_option(kSpecs, "--to-s").spec == &kSpecs[1]);
  CHECK(find_option(kSpecs, "--to").ambiguous);
  CHECK(find_option(kSpecs, "--to").spec == nullptr);
  CHECK(find_option(kSpecs, "--nothing").spec == nullptr);
  CHECK_FALSE(find_option(kSpecs, "--nothing").ambiguous);
}

struct Read {
  std::string error;
  bool negated = false;
  std::vector<std::string> args;
  std::size_t rest = 0;  // words behind the option
  std::size_t warnings = 0;
};

Read read(const char* line, bool negated = false) {
  const Result<std::vector<Word>> words = split_words(line);
  Host host;
  ParseContext context;
  context.host = &host;
  std::size_t position = 0;
  const OptionMatch found = find_option(kSpecs, split_option((*words)[0].text).name);
  REQUIRE(found.spec != nullptr);
  const Result<GivenOption> given = read_option(*words, position, *found.spec, negated, context);
  if (!given) return {.error = given.error().what};
  return {{}, given->negated, given->args, words->size() - position, host.diagnostics.size()};
}

TEST_CASE("options: arguments") {
  CHECK(read("--sport 22").args == std::vector<std::string>{"22"});
  CHECK(read("--sport=22 -j").args == std::vector<std::string>{"22"});
  CHECK(read("--sport=22 -j").rest == 1);
  CHECK(read("--tcp-flags SYN,ACK SYN -j").args == std::vector<std::string>{"SYN,ACK", "SYN"});
  CHECK(read("--tcp-flags SYN").error == "--tcp-flags needs two arguments");
  CHECK(read("--sport").error == "--source-port needs an argument");
  CHECK(read("--syn=1").error == "--syn takes no argument");
  CHECK(read("--syn x").rest == 1);
  CHECK(read("--mask -j").args.empty());
  CHECK(read("--mask 1.2.3.4 -j").rest == 1);
  CHECK(read("--to-source -1").args == std::vector<std::string>{"-1"});
}

TEST_CASE("options: negation stands before the option; its old place is told") {
  CHECK(read("--sport 22", true).negated);
  CHECK(read("--sport ! 22").negated);
  CHECK(read("--sport ! 22").args == std::vector<std::string>{"22"});
  CHECK(read("--sport ! 22").warnings == 1);
  CHECK(read("--to-source x", true).error == "--to-source cannot be negated with !");
  // An option that cannot be negated takes the ! as its value.
  CHECK(read("--to-source !").args == std::vector<std::string>{"!"});
  // Quoted it is a value as well.
  CHECK_FALSE(read("--sport \"!\"").negated);
}

TEST_CASE("extensions: names that are not known, and options that are not theirs") {
  Host host;
  ParseContext context;
  context.host = &host;
  const auto error = [&](const char* text) {
    const Result<MatchPtr> match = parse_match(text, context);
    return match ? std::string() : match.error().what;
  };
  CHECK(error("-m nosuch --x 1") == "match \"nosuch\" is not modelled");
  CHECK(error("-m comment --commend x") == "unknown option \"--commend\"");
  CHECK(error("-m comment --comment") == "--comment needs an argument");
  CHECK(error("-m comment !") == "nothing follows the !");
  CHECK(error("-m mark --mark 1 --mark 2") == "--mark is given more than once");
  CHECK(error("-m") == "the name of a match is missing");
  CHECK(find_match("icmpv6", Family::Ipv6) == find_match("icmp6", Family::Ipv6));
  CHECK(find_match("icmp6", Family::Ipv4) == nullptr);
  REQUIRE(implied_match(6, Family::Ipv4) != nullptr);
  CHECK(implied_match(6, Family::Ipv4)->name == "tcp");
  CHECK(implied_match(0, Family::Ipv4) == nullptr);
}

}  // namespace
}  // namespace pktwalk
