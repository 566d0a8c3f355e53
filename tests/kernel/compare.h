// SPDX-License-Identifier: MIT
// Holds what pktwalk said about a recorded case against what the Linux kernel did.
//
// Per packet must agree: the frames that left (device and bytes), the drop reason, the delivery to
// a socket, and the rules of nftables that it hit, where they were traced.  At the end: the
// counters of all iptables rules and policies and of nftables, and the conntrack table.  What the
// kernel draws at random or reads off the wall clock is masked on both sides; compare.cpp says what
// that is.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace pktwalk::kernel_cases {

// What a run of `pktwalk trace --jsonl --counters --conntrack` gave: the text of its three outputs.
struct Answer {
  std::string trace;
  std::string counters;
  std::string conntrack;
};

// One disagreement.  `packet` is the number in the capture, 0 for what is compared at the end;
// `field` is one of frames, reason, delivered, missing, rules, counters, conntrack; `note` is the
// packet in words.
struct Mismatch {
  int packet = 0;
  std::string field;
  std::string model;
  std::string kernel;
  std::string note;
};

struct Comparison {
  int packets = 0;              // compared
  std::vector<Mismatch> found;  // in the order of the packets, the end of the run last
  std::string unreadable;       // why nothing could be compared, or empty
};

// `expected` is the text of the case's expected.json.
Comparison compare(const std::string& expected, const Answer& answer);

// A line of expected_failures.txt: "case packet field fidelity-id", where packet is 0 for the end
// of the run.
struct ExpectedFailure {
  std::string kase;
  int packet = 0;
  std::string field;
  std::string fidelity_id;
  int line = 0;
};

// Reads the list; a line that does not read as one is put into `errors` as a sentence.
std::vector<ExpectedFailure> read_expected_failures(std::string_view text,
                                                    std::vector<std::string>& errors);

}  // namespace pktwalk::kernel_cases
