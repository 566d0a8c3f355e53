// SPDX-License-Identifier: MIT
// pktwalk_kernel_cases PKTWALK FOLDER [CASE...]
//
// Replays recorded cases (FOLDER/<case>/{host/,in.pcapng,expected.json}) through the program
// PKTWALK and compares its answers with the kernel's.  Without CASE: every case of the folder.
// FOLDER/expected_failures.txt lists what is known to differ; a listed difference that is none any
// more is a failure too, so the list only shrinks.  Ends with the line "N passed, N failed" that
// counts cases; exit status 0 when none failed, 2 when nothing could be run.
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <string>
#include <vector>

#include "tests/kernel/compare.h"
#include "tests/program/child.h"
#include "tests/support/temp_folder.h"

namespace {

namespace fs = std::filesystem;
using pktwalk::kernel_cases::Answer;
using pktwalk::kernel_cases::Comparison;
using pktwalk::kernel_cases::ExpectedFailure;
using pktwalk::kernel_cases::Mismatch;
using pktwalk::testing::Ran;
using pktwalk::testing::read_file;
using pktwalk::testing::run_program;
using pktwalk::testing::TempFolder;

constexpr int kTraced = 0;
constexpr int kTracedSomeUnknown = 3;

bool is_the_same(const ExpectedFailure& listed, const Mismatch& found) {
  return listed.packet == found.packet && listed.field == found.field;
}

std::string place(const std::string& kase, int packet) {
  return packet == 0 ? fmt::format("{}: at the end", kase)
                     : fmt::format("{}: packet {}", kase, packet);
}

// Prints every disagreement that the list does not hold, and every line of the list that does not
// hold. Returns whether the case passed.
bool judge(const std::string& kase, const Comparison& result,
           const std::vector<ExpectedFailure>& listed) {
  int failures = 0;
  for (const Mismatch& found : result.found) {
    const bool known = std::any_of(listed.begin(), listed.end(), [&](const ExpectedFailure& line) {
      return line.kase == kase && is_the_same(line, found);
    });
    if (known) continue;
    ++failures;
    fmt::print("{}: {} differs{}\n    model   {}\n    kernel  {}\n", place(kase, found.packet),
               found.field, found.note.empty() ? "" : " (" + found.note + ")", found.model,
               found.kernel);
  }
  for (const ExpectedFailure& line : listed) {
    if (line.kase != kase) continue;
    const bool differs =
        std::any_of(result.found.begin(), result.found.end(),
                    [&](const Mismatch& found) { return is_the_same(line, found); });
    if (differs) continue;
    ++failures;
    fmt::print("{}: {} agrees now: take line {} ({}) out of expected_failures.txt\n",
               place(kase, line.packet), line.field, line.line, line.fidelity_id);
  }
  return failures == 0;
}

bool run_case(const std::string& pktwalk, const fs::path& folder,
              const std::vector<ExpectedFailure>& listed) {
  const std::string kase = folder.filename().string();
  const TempFolder temporary;
  const Ran ran =
      run_program({pktwalk, "trace", "--host", (folder / "host").string(),
                   (folder / "in.pcapng").string(), "--jsonl", "--counters",
                   temporary.path("counters"), "--conntrack", temporary.path("conntrack")});
  if (ran.status != kTraced && ran.status != kTracedSomeUnknown) {
    fmt::print("{}: pktwalk ended with status {}\n{}\n", kase, ran.status,
               ran.err.substr(0, std::min<std::size_t>(ran.err.size(), 4000)));
    return false;
  }
  const Comparison result =
      pktwalk::kernel_cases::compare(read_file(folder / "expected.json"),
                                     Answer{.trace = ran.out,
                                            .counters = read_file(temporary.path("counters")),
                                            .conntrack = read_file(temporary.path("conntrack"))});
  if (!result.unreadable.empty()) {
    fmt::print("{}: {}\n", kase, result.unreadable);
    return false;
  }
  const bool passed = judge(kase, result, listed);
  fmt::print("{}: {}, {} packets\n", kase, passed ? "ok" : "FAILED", result.packets);
  return passed;
}

std::vector<std::string> cases_in(const fs::path& folder) {
  std::vector<std::string> names;
  std::error_code error;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder, error)) {
    if (fs::exists(entry.path() / "expected.json"))
      names.push_back(entry.path().filename().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) {
    fmt::print(stderr, "usage: pktwalk_kernel_cases PKTWALK FOLDER [CASE...]\n");
    return 2;
  }
  const fs::path folder = argv[2];
  std::vector<std::string> errors;
  const auto listed = pktwalk::kernel_cases::read_expected_failures(
      read_file(folder / "expected_failures.txt"), errors);
  const std::vector<std::string> all = cases_in(folder);
  for (const ExpectedFailure& line : listed) {
    if (std::find(all.begin(), all.end(), line.kase) == all.end()) {
      errors.push_back(
          fmt::format("expected_failures.txt:{}: there is no case \"{}\"", line.line, line.kase));
    }
  }
  const std::vector<std::string> chosen =
      argc > 3 ? std::vector<std::string>(argv + 3, argv + argc) : all;
  if (chosen.empty()) {
    fmt::print("{} holds no case\n", folder.string());
    return 2;
  }
  for (const std::string& error : errors) fmt::print("{}\n", error);
  std::size_t failed = errors.size();
  std::size_t passed = 0;
  for (const std::string& name : chosen)
    ++(run_case(argv[1], folder / name, listed) ? passed : failed);
  fmt::print("{} passed, {} failed\n", passed, failed);
  return failed == 0 ? 0 : 1;
}
