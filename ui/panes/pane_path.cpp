// SPDX-License-Identifier: MIT
// The path as a strip of stages: those behind, the one where we stand, those ahead.
#include <fmt/format.h>

#include "model/core/printable.h"
#include "model/netfilter/rule.h"
#include "tracer/explain.h"
#include "ui/browser.h"

namespace pktwalk {
namespace {

bool changed_bytes(const Trace& trace, const Hop& hop) {
  for (std::uint32_t i = 0; i < hop.step_count; ++i) {
    if (std::holds_alternative<ChangeStep>(trace.steps[hop.first_step + i].detail)) return true;
  }
  return false;
}

const char* mark(const Hop& hop, bool now, const Glyphs& g) {
  if (now) return g.now;
  switch (hop.verdict) {
    case HopVerdict::Drop:
      return g.no;
    case HopVerdict::Unknown:
      return g.unknown;
    case HopVerdict::Accept:
    case HopVerdict::Queue:
    case HopVerdict::Stolen:
    case HopVerdict::Consumed:
      return g.done;
  }
  return g.done;
}

Role role_of(const Hop& hop, bool now) {
  if (now) return Role::Current;
  if (hop.verdict == HopVerdict::Drop) return Role::Drop;
  return hop.verdict == HopVerdict::Unknown ? Role::Unknown : Role::Normal;
}

// Where exactly: table/chain, rule, file and line.
std::string where(Browser& browser) {
  const Stop& stop = browser.stop();
  const Host& host = browser.timeline().host();
  std::string text;
  if (stop.child_depth != 0)
    text = fmt::format("{} made by the router: ", to_string(stop.trace->origin));
  text += stage_name(stop.at());
  const StepDetail* const detail = stop.detail();
  if (detail == nullptr) return text;
  if (const auto* rule = std::get_if<RuleStep>(detail)) {
    text = fmt::format("{}/{}", printable(rule->table->title), printable(rule->chain->name));
    text += fmt::format("   rule {} of {}", rule->rule->number, rule->chain->rule_count());
    if (const std::string at = place(host, rule->rule->at); !at.empty()) text += "   " + at;
  } else if (const auto* policy = std::get_if<PolicyStep>(detail)) {
    text += "   policy";
    if (const std::string at = place(host, policy->chain->at); !at.empty()) text += "   " + at;
  }
  return text;
}

}  // namespace

void draw_path_pane(Browser& browser, Surface& surface, const Rect& area) {
  if (browser.stops().empty()) {
    surface.put(area.x, area.y, "this frame is not walked: the host itself sent it", Role::Dim,
                area.width);
    return;
  }
  const Glyphs& g = glyphs(browser.ascii());
  const Stop& stop = browser.stop();
  const Trace& trace = *stop.trace;
  struct Box {
    std::string text;
    Role role;
  };
  std::vector<Box> boxes;
  std::size_t now = 0;
  const char* last_hook = nullptr;
  for (std::uint32_t h = 0; h < trace.hops.size(); ++h) {
    const Hop& hop = trace.hops[h];
    std::string name = hop.stage;
    if (hop.has_hook) {
      const char* const hook = to_string(hop.hook);
      if (last_hook != hook) name = fmt::format("{}:{}", hook, hop.stage);
      last_hook = hook;
    } else {
      last_hook = nullptr;
    }
    const bool here = h == stop.hop;
    if (here) now = boxes.size();
    const std::string star = changed_bytes(trace, hop) ? g.changed : "";
    boxes.push_back({fmt::format("{}{}{}", mark(hop, here, g), name, star),
                     h > stop.hop ? Role::Dim : role_of(hop, here)});
  }
  // Enough of the left is left out for the present stage to be seen with what follows it.
  std::size_t first = 0;
  const auto width_from = [&](std::size_t from, std::size_t to) {
    int width = 0;
    for (std::size_t i = from; i <= to && i < boxes.size(); ++i)
      width += text_width(boxes[i].text) + 1;
    return width;
  };
  while (first < now && width_from(first, now + 1) > area.width - 2) ++first;
  int x = area.x;
  if (first != 0) x += surface.put(x, area.y, browser.ascii() ? "< " : "‹ ", Role::Dim);
  for (std::size_t i = first; i < boxes.size() && x < area.x + area.width; ++i) {
    x += surface.put(x, area.y, boxes[i].text, boxes[i].role, area.x + area.width - x) + 1;
  }
  if (area.height > 1) surface.put(area.x, area.y + 1, where(browser), Role::Normal, area.width);
}

}  // namespace pktwalk
