// SPDX-License-Identifier: MIT
#include "tests/support/xt_fixture.h"

namespace pktwalk::testing {

TEST_CASE("match comment: syntax") {
  const SyntaxRow rows[] = {
      {"-m comment --comment foo"},
      {"-m comment --comment \"foo bar\""},
      {"-m comment --comment \"foo\\\"bar\""},
      {"-m comment --comment \"foo'bar\"", "-m comment --comment \"foo\\'bar\""},
      {"-m comment --comment \"\""},
      {"-m comment --comment \"a\\\\b\""},
      {"-m comment --comment \"!\""},
      {"-m comment --comment \"f,b\""},
      {"-m comment --comment /*", "-m comment --comment \"/*\""},
      {"-m comment --comment \"-A\"", "-m comment --comment -A"},
      {"-m comment", "", "comment needs --comment"},
      {"-m comment --comment a --comment b", "", "more than once"},
  };
  check_syntax(rows);
}

TEST_CASE("match comment: a long one is cut to 255 bytes, with a warning") {
  XtFixture f;
  const std::string text = "-m comment --comment ";
  CHECK(f.print_of(text + std::string(255, 'a')) == text + std::string(255, 'a'));
  CHECK(f.diagnostics().empty());
  CHECK(f.print_of(text + std::string(256, 'a')) == text + std::string(255, 'a'));
  CHECK(f.diagnostics().size() == 1);
}

TEST_CASE("match comment: asks nothing of the packet") {
  XtFixture f;
  const MatchAnswer got = f.match("-m comment --comment \"web server\"", make_tcp({}));
  CHECK(got.outcome == Outcome::Match);
  CHECK(got.terms.empty());
}

}  // namespace pktwalk::testing
