// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include <utility>
#include <variant>

#include "model/path/walk.h"
#include "tests/support/xt_fixture.h"

namespace pktwalk::testing {

std::string TargetAnswer::text() const {
  if (!error.empty()) return "error: " + error;
  std::string out = to_string(verdict);
  if (!unknown.empty()) out += " (" + unknown + ")";
  for (const std::string& change : changes) out += "; " + change;
  for (const std::string& note : notes) out += "; note: " + note;
  return out;
}

TargetAnswer XtFixture::target(const std::string& text, Skb skb) {
  const Result<TargetPtr> parsed = parse_jump(text);
  if (!parsed) return {.error = to_string(parsed.error())};
  return target(**parsed, std::move(skb));
}

TargetAnswer XtFixture::target(const Target& target, Skb skb) {
  TargetAnswer answer;
  Recorder recorder(answer.trace);
  recorder.begin_hop(table.c_str(), hook, skb, IfIndex::None, IfIndex::None);
  Walk walk(host, state, now, record ? &recorder : nullptr);
  TargetContext ctx{.walk = walk, .skb = skb};
  ctx.hook = hook;
  ctx.in = link(in);
  ctx.out = link(out);
  if (skb.family == Family::Ipv4) {
    const Ipv4View ip(skb.data.data() + skb.network);
    ctx.protocol = ip.protocol();
    ctx.frag_offset = static_cast<std::uint16_t>(ip.fragment_offset());
    ctx.transport = skb.network + ip.header_length();
  } else {
    ctx.protocol = skb.data[skb.network + 6];
    ctx.transport = skb.network + 40;
  }
  answer.verdict = target.act(ctx);
  if (answer.verdict == Verdict::Unknown && ctx.unknown != nullptr) answer.unknown = ctx.unknown;
  for (const Step& step : answer.trace.steps) {
    if (const auto* change = std::get_if<ChangeStep>(&step.detail)) {
      answer.changes.push_back(fmt::format("{} {} -> {}", to_string(change->field),
                                           to_string(change->from), to_string(change->to)));
    } else if (const auto* note = std::get_if<NoteStep>(&step.detail)) {
      answer.notes.emplace_back(note->text);
    }
  }
  answer.skb = std::move(skb);
  return answer;
}

}  // namespace pktwalk::testing
