// SPDX-License-Identifier: MIT
// Going back in time is exact: over every recorded case and every bundled capture, what a timeline
// says of a place is what a run from the beginning has there, whichever way one came.
#include "tracer/timeline.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "tests/support/recordings.h"
#include "tracer/render_json.h"

using namespace pktwalk;
using namespace pktwalk::testing;

namespace {

// What a forward run, without a timeline, has before each packet and after the last one.
struct ForwardRun {
  std::vector<State> states;          // [k]: after k packets
  std::vector<Disposition> outcomes;  // [k]: of packet k + 1
  std::vector<std::string> stories;   // [k]: of packet k + 1, as JSON
};

ForwardRun run_forward(const Host& host, const Recording& recording, bool record) {
  ForwardRun run;
  Session session(host, open_recording(recording), "");
  run.states.push_back(session.state());
  WalkedPacket packet;
  for (;;) {
    const Result<bool> more = session.next(packet, record);
    if (!more || !*more) break;
    run.states.push_back(session.state());
    run.outcomes.push_back(packet.result.disposition);
    if (record) run.stories.push_back(render_json(host, packet));
  }
  return run;
}

std::unique_ptr<Timeline> load(const Host& host, const Recording& recording) {
  Result<std::unique_ptr<Timeline>> timeline = Timeline::load(host, open_recording(recording), "");
  REQUIRE(timeline);
  return std::move(*timeline);
}

// The packets of a run in an order that goes forth and back and jumps.
std::vector<std::uint64_t> wild_order(std::uint64_t packets) {
  std::vector<std::uint64_t> order;
  for (std::uint64_t k = packets; k >= 1; --k) order.push_back(k);
  for (std::uint64_t k = 1; k <= packets; ++k) order.push_back(1 + (k * 7) % packets);
  for (std::uint64_t k = 1; k <= packets; ++k) order.push_back(k);
  return order;
}

// All states inside some packets: forward through every step, then back through every step.
void check_steps(Timeline& timeline, const ForwardRun& run, std::uint64_t packet) {
  const std::uint64_t steps = timeline.step_count(packet);
  std::vector<State> forward;
  for (std::uint64_t step = 0; step <= steps; ++step)
    forward.push_back(timeline.state_at({packet, step}));
  CHECK(forward.front() == run.states[packet - 1]);
  CHECK(forward.back() == run.states[packet]);
  for (std::uint64_t step = steps; step > 0; --step) {
    CAPTURE(step);
    REQUIRE(timeline.state_at({packet, step}) == forward[step]);
  }
  // Across the border to the packet before, and on again.
  if (packet > 1) CHECK(timeline.state_at({packet - 1, 0}) == run.states[packet - 2]);
  CHECK(timeline.state_at({packet, 0}) == run.states[packet - 1]);
}

}  // namespace

TEST_CASE("timeline: seeking a packet is running to it, and its story is the same each time") {
  for (const Recording& recording : all_recordings()) {
    CAPTURE(recording.name);
    const Host host = load_recording(recording);
    const ForwardRun run = run_forward(host, recording, true);
    const std::unique_ptr<Timeline> timeline = load(host, recording);
    REQUIRE(timeline->packet_count() == run.outcomes.size());
    for (const std::uint64_t k : wild_order(timeline->packet_count())) {
      CAPTURE(k);
      REQUIRE(timeline->state_at({k, 0}) == run.states[k - 1]);
      REQUIRE(timeline->summary(k).disposition == run.outcomes[k - 1]);
      REQUIRE(render_json(host, timeline->packet(k)) == run.stories[k - 1]);
    }
  }
}

TEST_CASE("timeline: recording a packet changes nothing about it") {
  for (const Recording& recording : all_recordings()) {
    CAPTURE(recording.name);
    const Host host = load_recording(recording);
    const ForwardRun silent = run_forward(host, recording, false);
    const ForwardRun recorded = run_forward(host, recording, true);
    REQUIRE(silent.outcomes == recorded.outcomes);
    for (std::size_t k = 0; k < silent.states.size(); ++k) {
      CAPTURE(k);
      REQUIRE(silent.states[k] == recorded.states[k]);
    }
  }
}

TEST_CASE("timeline: as many steps back as forward restore all state") {
  for (const Recording& recording : all_recordings()) {
    CAPTURE(recording.name);
    const Host host = load_recording(recording);
    const ForwardRun run = run_forward(host, recording, false);
    const std::unique_ptr<Timeline> timeline = load(host, recording);
    const std::uint64_t packets = timeline->packet_count();
    // The first packets and some of the later ones: each is walked again for each of its steps.
    const std::uint64_t stride = std::max<std::uint64_t>(1, packets / 6);
    for (std::uint64_t k = 1; k <= packets; k += k < 3 ? 1 : stride) {
      CAPTURE(k);
      check_steps(*timeline, run, k);
    }
  }
}

TEST_CASE("timeline: beyond the checkpoints that are kept, seeking is exact still") {
  // 64 packets lie between checkpoints at first, 64 checkpoints are kept: repeat a capture until
  // they have been thinned out.
  const Recording recording = recording_named("web-masquerade");
  const Host host = load_recording(recording);
  const ForwardRun once = run_forward(host, recording, false);
  const std::uint64_t copies = 6000 / once.outcomes.size() + 1;
  std::unique_ptr<PacketSource> source = repeat_recording(recording, copies);
  Result<std::unique_ptr<Timeline>> timeline = Timeline::load(host, std::move(source), "");
  REQUIRE(timeline);
  Session session(host, repeat_recording(recording, copies), "");
  const std::uint64_t packets = (*timeline)->packet_count();
  REQUIRE(packets == copies * once.outcomes.size());
  std::vector<std::pair<std::uint64_t, State>> places;
  WalkedPacket packet;
  for (std::uint64_t k = 1; k <= packets; ++k) {
    if (k % 487 == 1) places.emplace_back(k, session.state());
    REQUIRE(session.next(packet, false));
  }
  std::reverse(places.begin(), places.end());
  for (const std::pair<std::uint64_t, State>& place : places) {
    CAPTURE(place.first);
    REQUIRE((*timeline)->state_at({place.first, 0}) == place.second);
  }
}

TEST_CASE("timeline: a frame that the host sent itself has no steps and changes nothing") {
  const Recording recording = recording_named("web-masquerade");
  const Host host = load_recording(recording);
  Result<std::unique_ptr<Timeline>> timeline =
      Timeline::load(host, sent_by_the_host(recording, 2), "");
  REQUIRE(timeline);
  Timeline& t = **timeline;
  REQUIRE(t.packet(2).result.disposition == Disposition::TransmittedCopy);
  CHECK(t.step_count(2) == 0);
  const State before = t.state_at({2, 0});
  // Whatever was asked of the packet before it: there is one state only.
  CHECK(t.state_at({1, 1}) != before);
  CHECK(t.state_at({2, 1}) == before);
  CHECK(t.state_at({3, 0}) == before);
  const State inside = t.state_at({3, 3});
  t.state_at({2, 1});
  CHECK(t.packet(3).result.disposition == Disposition::Forwarded);
  CHECK(t.state_at({3, 3}) == inside);
}
