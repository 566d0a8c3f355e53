// SPDX-License-Identifier: MIT
// The text that decides at this step, as the user wrote it, with line numbers: rules, routes,
// policy rules, sysctls.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <string>

#include "model/core/printable.h"
#include "model/netfilter/xtables/table.h"
#include "tracer/explain.h"
#include "ui/browser.h"

namespace pktwalk {
namespace {

SourceLine line_of(const Host& host, const StepDetail& detail) {
  if (const auto* s = std::get_if<RuleStep>(&detail)) return s->rule->at;
  if (const auto* s = std::get_if<PolicyStep>(&detail)) return s->chain->at;
  if (const auto* s = std::get_if<FibRuleStep>(&detail)) return s->rule->at;
  if (const auto* s = std::get_if<RouteStep>(&detail))
    return s->route != nullptr ? s->route->at : SourceLine{};
  if (const auto* s = std::get_if<SocketStep>(&detail))
    return s->socket != nullptr ? s->socket->at : SourceLine{};
  if (const auto* s = std::get_if<NeighStep>(&detail))
    return s->neigh != nullptr ? s->neigh->at : SourceLine{};
  if (const auto* s = std::get_if<CheckStep>(&detail)) {
    return host.sysctl_texts.where(sysctl_name(host, *s));
  }
  return {};
}

// The line of this step, or of the last one in the hop that has a line.
SourceLine current_line(Browser& browser) {
  if (browser.stops().empty()) return {};
  const Stop& stop = browser.stop();
  const Host& host = browser.timeline().host();
  const Hop& hop = stop.at();
  for (std::int64_t s = stop.step; s >= static_cast<std::int64_t>(hop.first_step); --s) {
    const SourceLine at = line_of(host, stop.trace->steps[static_cast<std::size_t>(s)].detail);
    if (at.known()) return at;
  }
  return {};
}

struct Mark {
  const char* glyph;
  Role role;
};

// What happened at each line of the file, up to this step of the hop.
std::map<std::uint32_t, Mark> marks(Browser& browser, std::uint32_t file) {
  std::map<std::uint32_t, Mark> found;
  const Glyphs& g = glyphs(browser.ascii());
  const Host& host = browser.timeline().host();
  const Stop& stop = browser.stop();
  const Hop& hop = stop.at();
  for (std::int64_t s = hop.first_step; s <= stop.step; ++s) {
    const StepDetail& detail = stop.trace->steps[static_cast<std::size_t>(s)].detail;
    const SourceLine at = line_of(host, detail);
    if (!at.known() || at.file != file) continue;
    if (const auto* rule = std::get_if<RuleStep>(&detail)) {
      const bool jumped = rule->verdict == Verdict::Jump || rule->verdict == Verdict::Goto;
      if (rule->outcome == Outcome::NoMatch)
        found[at.line] = {g.no, Role::NoMatch};
      else if (rule->outcome == Outcome::Unknown)
        found[at.line] = {g.unknown, Role::Unknown};
      else
        found[at.line] = {jumped ? g.caller : g.done, Role::Match};
    } else if (const auto* fib = std::get_if<FibRuleStep>(&detail)) {
      found[at.line] = fib->matched ? Mark{g.done, Role::Match} : Mark{g.no, Role::NoMatch};
    } else {
      found[at.line] = {g.done, Role::Match};
    }
  }
  return found;
}

}  // namespace

std::string rules_title(Browser& browser) {
  const SourceLine at = current_line(browser);
  if (!at.known()) return "rules";
  return "rules " + printable(browser.timeline().host().sources.file(at.file).name);
}

void draw_rules_pane(Browser& browser, Surface& surface, const Rect& area) {
  if (browser.stops().empty()) return;
  const SourceLine here = current_line(browser);
  if (!here.known()) {
    surface.put(area.x, area.y, "no line of the dumps decides here", Role::Dim, area.width);
    return;
  }
  const SourceFile& file = browser.timeline().host().sources.file(here.file);
  const std::map<std::uint32_t, Mark> seen = marks(browser, here.file);
  const int total = static_cast<int>(file.line_count());
  const int wanted = static_cast<int>(here.line) - area.height / 2 + browser.scroll_y(Pane::Rules);
  const int top = std::clamp(wanted, 1, std::max(1, total - area.height + 1));
  const Glyphs& g = glyphs(browser.ascii());
  for (int row = 0; row < area.height && top + row <= total; ++row) {
    const auto number = static_cast<std::uint32_t>(top + row);
    const bool now = number == here.line;
    const auto found = seen.find(number);
    const bool marked = found != seen.end();
    const Role role = now ? Role::Current : marked ? found->second.role : Role::Normal;
    const int y = area.y + row;
    if (now) surface.fill({area.x, y, area.width, 1}, U' ', Role::Current);
    surface.put(area.x, y, now ? g.now : " ", role);
    surface.put(area.x + 1, y, marked ? found->second.glyph : " ", role);
    surface.put(area.x + 2, y, fmt::format("{:>4} ", number), now ? role : Role::Dim);
    const std::string text = printable(file.line(number));
    const auto skip =
        std::min<std::size_t>(static_cast<std::size_t>(browser.scroll_x(Pane::Rules)), text.size());
    surface.put(area.x + 7, y, std::string_view(text).substr(skip), role, area.width - 7);
  }
}

}  // namespace pktwalk
