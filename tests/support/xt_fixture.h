// SPDX-License-Identifier: MIT
// A small router for tests of iptables matches and targets: eth0 10.0.0.1/24 02:00:00:00:00:10,
// eth1 192.0.2.1/24 02:00:00:00:01:10, lo. Change host, state, now, hook ... before asking.
//
//   XtFixture f;
//   CHECK(f.match("-m mark --mark 0x1/0xff", make_tcp({})).outcome == Outcome::NoMatch);
#pragma once

#include <span>
#include <string>
#include <utility>
#include <vector>

#include "model/host/host.h"
#include "model/host/state.h"
#include "model/netfilter/extension.h"
#include "model/trace/step.h"
#include "tests/support/packets.h"
#include "tests/support/printers.h"

namespace pktwalk::testing {

// A term as it was recorded, in words.
struct SeenTerm {
  std::string term;   // "! --dport 22"
  std::string field;  // "tcp.dport"
  std::string seen;   // "80"
  Outcome outcome = Outcome::NoMatch;
  bool probed = false;
};

struct MatchAnswer {
  std::string error;  // of parsing; empty when it parsed
  Outcome outcome = Outcome::NoMatch;
  std::vector<SeenTerm> terms;
  std::string unknown;       // why, with Outcome::Unknown
  std::string text() const;  // everything, for INFO()
};

struct TargetAnswer {
  std::string error;
  Verdict verdict = Verdict::Continue;
  Skb skb;                           // after the target
  std::vector<std::string> changes;  // "skb.mark 0x0 -> 0x1"
  std::vector<std::string> notes;    // texts of NoteSteps
  Trace trace;                       // everything, children included
  std::string unknown;
  std::string text() const;
};

class XtFixture {
 public:
  XtFixture();

  Host host;
  State state;
  Time now{1'700'000'000 * kNsPerSecond};
  Hook hook = Hook::Forward;
  std::string in = "eth0";  // empty: the hook has no such device
  std::string out = "eth1";
  Family family = Family::Ipv4;  // of rules that are parsed
  std::string table = "filter";
  std::string chain = "FORWARD";
  bool probe = false;
  bool record = true;  // false: no recorder, as on the fast path

  // Parses "-m name ..." (a "-p proto" or "! -p proto" in front is the rule's protocol). A parse
  // puts the initial values of stateful matches into `state` anew.
  Result<MatchPtr> parse(const std::string& text);
  Result<TargetPtr> parse_jump(const std::string& text);  // "-j NAME ..."
  const std::vector<Diagnostic>& diagnostics() const { return host.diagnostics; }

  // One packet against one match; a string is parsed first. Parse once and ask often for stateful
  // matches.
  MatchAnswer match(const std::string& text, const Skb& skb);
  MatchAnswer match(const Match& match, const Skb& skb);
  TargetAnswer target(const std::string& text, Skb skb);
  TargetAnswer target(const Target& target, Skb skb);

  // The canonical text of "-m ..." or "-j ...", or "error: ...".
  std::string print_of(const std::string& text);

  const Link* link(const std::string& name) const;  // null for ""

 private:
  std::vector<std::pair<std::string, std::uint32_t>> shared_;
  // Takes "-p proto" off the front; "" when there was none.
  std::string prepare(std::string& text, ParseContext& context);
};

// A line of a syntax table: `canonical` is what printing gives, "=" for the input itself. With
// `failure` the input must be refused with a message that contains it.
struct SyntaxRow {
  const char* input;
  const char* canonical = "=";
  const char* failure = nullptr;
};
// Checks every row, and that what was printed reads and prints the same again.
void check_syntax(std::span<const SyntaxRow> rows, Family family = Family::Ipv4,
                  const std::string& table = "filter");

}  // namespace pktwalk::testing
