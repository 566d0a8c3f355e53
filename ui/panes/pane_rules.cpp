// SPDX-License-Identifier: MIT
// The text that decides at this step, as the user wrote it, with line numbers: rules, routes,
// policy rules, sysctls.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <string>

#include "model/core/printable.h"
#include "model/netfilter/rule.h"
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

constexpr int kTextAt = 7;  // behind the marks and the line number

// The line without the counters that iptables-save -c puts in front of a rule.
std::string_view without_counters(std::string_view line) {
  const std::size_t end = line.find("] -");
  if (!line.starts_with('[') || end == std::string_view::npos) return line;
  return line.find_first_not_of("[0123456789:") == end ? line.substr(end + 2) : line;
}

// Draws a line of the file; the one that decides here goes on in the next rows when it is long.
// Returns the rows used.
int draw_line(Browser& browser, Surface& surface, const Rect& area, std::string_view text,
              Role role) {
  const auto width = static_cast<std::size_t>(std::max(1, area.width - kTextAt));
  text =
      text.substr(std::min(static_cast<std::size_t>(browser.scroll_x(Pane::Rules)), text.size()));
  int row = 0;
  do {
    if (role == Role::Current)
      surface.fill({area.x, area.y + row, area.width, 1}, U' ', Role::Current);
    // Cut at a blank where there is one in the second half of the row.
    std::size_t length = std::min(width, text.size());
    const std::size_t blank = text.substr(0, length).rfind(' ');
    if (length < text.size() && blank != std::string_view::npos && blank > width / 2)
      length = blank + 1;
    if (role != Role::Current) length = text.size();
    surface.put(area.x + kTextAt, area.y + row, text.substr(0, length), role, area.width - kTextAt);
    text.remove_prefix(length);
    ++row;
  } while (role == Role::Current && !text.empty() && row < area.height);
  return row;
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
  int row = 0;
  for (int line = top; row < area.height && line <= total; ++line) {
    const auto number = static_cast<std::uint32_t>(line);
    const bool now = number == here.line;
    const auto found = seen.find(number);
    const bool marked = found != seen.end();
    const Role role = now ? Role::Current : marked ? found->second.role : Role::Normal;
    const int y = area.y + row;
    const std::string text = printable(file.line(number));
    row += draw_line(browser, surface, {area.x, y, area.width, area.height - row},
                     without_counters(text), role);
    surface.put(area.x, y, now ? g.now : " ", role);
    surface.put(area.x + 1, y, marked ? found->second.glyph : " ", role);
    surface.put(area.x + 2, y, fmt::format("{:>4} ", number), now ? role : Role::Dim);
  }
}

}  // namespace pktwalk
