// SPDX-License-Identifier: MIT
#include "ui/stops.h"

#include <doctest/doctest.h>

using namespace pktwalk;

namespace {

Step rule_at(std::uint8_t depth) {
  RuleStep rule;
  rule.depth = depth;
  return {rule, 0};
}

// filter: rule 1, rule 2 jumps into a chain of two rules, rule 3; then a hop without steps; then
// one that makes a packet of the router's own, which has one hop with one step; then one more step.
Trace example() {
  Trace t;
  t.steps = {rule_at(0),
             rule_at(0),
             rule_at(1),
             rule_at(1),
             rule_at(0),
             {ChildStep{0}, 0},
             {NoteStep{"after"}, 0}};
  Hop filter;
  filter.step_count = 5;
  Hop empty;
  empty.first_step = 5;
  Hop maker;
  maker.first_step = 5;
  maker.step_count = 2;
  t.hops = {filter, empty, maker};
  Trace& child = t.children.emplace_back();
  child.steps = {{NoteStep{"child"}, 0}};
  Hop hop;
  hop.step_count = 1;
  child.hops = {hop};
  return t;
}

}  // namespace

TEST_CASE(
    "stops: every step, hops without steps, and the steps of child packets in the order they "
    "happened") {
  const Trace t = example();
  const std::vector<Stop> stops = stops_of(t);
  REQUIRE(stops.size() == 9);
  CHECK(stops[5].step == -1);
  CHECK(stops[5].number == 5);
  CHECK(stops[7].child_depth == 1);
  CHECK(stops[7].number == 6);
  CHECK(stops[8].number == 7);
}

TEST_CASE("stops: motions") {
  const Trace t = example();
  const std::vector<Stop> stops = stops_of(t);
  struct Case {
    const char* name;
    std::size_t (*motion)(const std::vector<Stop>&, std::size_t);
    std::size_t from, to;
  };
  const Case cases[] = {
      {"next goes over a user chain", next_over, 1, 4},
      {"next inside the chain goes to its next rule", next_over, 2, 3},
      {"next goes over a child packet", next_over, 6, 8},
      {"next stays at the end", next_over, 8, 8},
      {"next backward goes over a user chain", previous_over, 4, 1},
      {"next backward goes over a child packet", previous_over, 8, 6},
      {"next backward stays at the beginning", previous_over, 0, 0},
      {"over leaves the stage", next_stage, 1, 5},
      {"over leaves a stage without steps", next_stage, 5, 6},
      {"over backward goes to the stage's first step", previous_stage, 3, 0},
      {"over backward from the first step goes to the stage before", previous_stage, 6, 5},
      {"finish leaves the chain", finish_chain, 2, 4},
      {"finish in the base chain leaves the stage", finish_chain, 0, 5},
      {"finish backward goes to the jump", enter_of_chain, 3, 1},
  };
  for (const Case& c : cases) {
    SUBCASE(c.name) { CHECK(c.motion(stops, c.from) == c.to); }
  }
}
