// SPDX-License-Identifier: MIT
// Why the step came out as it did, term by term, and the packet as captured and now.
#include <fmt/format.h>

#include <algorithm>

#include "model/core/printable.h"
#include "model/netfilter/rule.h"
#include "model/netfilter/term.h"
#include "model/packet/headers.h"
#include "tracer/explain.h"
#include "tracer/packet_text.h"
#include "ui/browser.h"

namespace pktwalk {
namespace {

struct Line {
  std::string text;
  Role role = Role::Normal;
};

// Breaks a sentence at blanks.
void wrap(std::vector<Line>& lines, std::string_view text, Role role, int width,
          std::string_view indent = "") {
  std::string line;
  while (!text.empty()) {
    const std::size_t blank = text.find(' ');
    std::string_view word = text.substr(0, blank);
    text = blank == std::string_view::npos ? std::string_view{} : text.substr(blank + 1);
    if (!line.empty() && text_width(line) + 1 + text_width(word) > width) {
      lines.push_back({line, role});
      line = indent;
    }
    if (!line.empty() && line != indent) line += ' ';
    line += word;
  }
  lines.push_back({line, role});
}

void rule_lines(std::vector<Line>& lines, Browser& browser, const RuleStep& rule, int width) {
  const Glyphs& g = glyphs(browser.ascii());
  for (const TermStep& t : terms_of(*browser.stop().trace, rule)) {
    const char* const mark = t.outcome == Outcome::Match     ? g.done
                             : t.outcome == Outcome::Unknown ? g.unknown
                                                             : g.no;
    const Role role = t.probed                        ? Role::Dim
                      : t.outcome == Outcome::Match   ? Role::Match
                      : t.outcome == Outcome::Unknown ? Role::Unknown
                                                      : Role::NoMatch;
    wrap(lines,
         fmt::format("{} {}  {} is {}", mark, printable(t.term->text()), to_string(t.field),
                     to_string(t.seen)),
         role, width, "  ");
  }
  std::string verdict;
  switch (rule.outcome) {
    case Outcome::NoMatch:
      verdict = "= no match: the next rule is tried";
      break;
    case Outcome::Hotdrop:
      verdict = "= malformed for this match: dropped at once";
      break;
    case Outcome::Unknown:
      verdict = fmt::format("= cannot know: {}", rule.unknown != nullptr ? rule.unknown : "");
      break;
    case Outcome::Match:
      verdict = rule.rule->action.empty()
                    ? "= match: counted, no target"
                    : fmt::format("= match: {}", printable(rule.rule->action));
      break;
  }
  wrap(lines, verdict, rule.outcome == Outcome::Match ? Role::Match : Role::Normal, width, "  ");
}

void ending_lines(std::vector<Line>& lines, Browser& browser, int width) {
  const Trace& trace = *browser.stop().trace;
  const WalkResult& r = trace.result;
  const bool drop = r.disposition == Disposition::Dropped;
  std::string text = fmt::format("=> {}", to_string(r.disposition));
  if (drop) text += fmt::format(" {}", to_string(r.reason));
  const std::string because = why(browser.timeline().host(), trace);
  if (!because.empty()) text += ": " + because;
  wrap(lines, text, drop ? Role::Drop : Role::Accept, width, "   ");
  for (const NearMiss& miss : near_misses(trace, 3)) {
    wrap(lines,
         fmt::format("   nearly: rule {} but for {} ({} is {})", miss.rule->rule->number,
                     printable(miss.missed->term->text()), to_string(miss.missed->field),
                     to_string(miss.missed->seen)),
         Role::Normal, width, "   ");
  }
}

struct FieldText {
  const char* name;
  std::string before, now;
};

std::vector<FieldText> fields(std::span<const std::uint8_t> before,
                              std::span<const std::uint8_t> now) {
  std::vector<FieldText> out;
  const auto ip = [](std::span<const std::uint8_t> l3) { return Ipv4View::at(l3); };
  const auto add = [&](const char* name, auto&& get) {
    out.push_back(
        {name, ip(before) ? get(before, *ip(before)) : "", ip(now) ? get(now, *ip(now)) : ""});
  };
  using Bytes = std::span<const std::uint8_t>;
  add("from", [](Bytes l3, const Ipv4View&) { return packet_columns(l3).source; });
  add("to", [](Bytes l3, const Ipv4View&) { return packet_columns(l3).destination; });
  add("proto", [](Bytes l3, const Ipv4View&) {
    const PacketColumns c = packet_columns(l3);
    return c.info.empty() ? c.protocol : c.protocol + " " + c.info;
  });
  add("ttl", [](Bytes, const Ipv4View& v) { return std::to_string(v.ttl()); });
  add("tos", [](Bytes, const Ipv4View& v) { return fmt::format("{:#04x}", v.tos()); });
  add("length", [](Bytes, const Ipv4View& v) { return std::to_string(v.total_length()); });
  add("id", [](Bytes, const Ipv4View& v) { return std::to_string(v.id()); });
  add("df", [](Bytes, const Ipv4View& v) { return std::string(v.dont_fragment() ? "set" : "-"); });
  return out;
}

const char* ct_word(CtInfo info) {
  switch (info) {
    case CtInfo::Established:
      return "ESTABLISHED";
    case CtInfo::Related:
      return "RELATED";
    case CtInfo::New:
      return "NEW";
    case CtInfo::EstablishedReply:
      return "ESTABLISHED (reply)";
    case CtInfo::RelatedReply:
      return "RELATED (reply)";
    case CtInfo::Untracked:
      return "UNTRACKED";
    case CtInfo::None:
      return "-";
  }
  return "-";
}

void packet_lines(std::vector<Line>& lines, Browser& browser, int width) {
  const Stop& stop = browser.stop();
  const Trace& trace = *stop.trace;
  if (trace.shots.empty()) return;
  const std::uint32_t shot_index =
      stop.step < 0 ? stop.at().shot : trace.steps[static_cast<std::size_t>(stop.step)].shot;
  const Shot& first = trace.shots.front();
  const Shot& now = trace.shots[shot_index];
  lines.push_back(
      {browser.ascii() ? "-- packet: at first > now" : "── packet: at first > now", Role::Dim});
  const char* const star = glyphs(browser.ascii()).changed;
  for (const FieldText& f : fields(first.bytes, now.bytes)) {
    const bool changed = f.before != f.now;
    const bool essential = std::string_view(f.name) == "from" || std::string_view(f.name) == "to" ||
                           std::string_view(f.name) == "proto" || std::string_view(f.name) == "ttl";
    if (!changed && !essential && !browser.all_fields()) continue;
    const std::string text = changed ? fmt::format("{:<6}{} > {} {}", f.name, f.before, f.now, star)
                                     : fmt::format("{:<6}{}", f.name, f.now);
    wrap(lines, text, changed ? Role::Changed : Role::Normal, width, "      ");
  }
  const Host& host = browser.timeline().host();
  std::string skb = fmt::format("mark {:#x}  ct {}", now.mark, ct_word(now.ctinfo));
  if (now.ct_mark != 0) skb += fmt::format("  ctmark {:#x}", now.ct_mark);
  lines.push_back({skb, now.mark != first.mark ? Role::Changed : Role::Normal});
  const Hop& hop = stop.at();
  const std::string in = hop.in == IfIndex::None ? "-" : printable(host.link_name(hop.in));
  const std::string out = hop.out == IfIndex::None ? "-" : printable(host.link_name(hop.out));
  lines.push_back({fmt::format("in {}  out {}", in, out), Role::Normal});
}

}  // namespace

void draw_why_pane(Browser& browser, Surface& surface, const Rect& area) {
  std::vector<Line> lines;
  if (browser.stops().empty()) {
    wrap(lines,
         "The host itself sent this frame: the capture was taken on the host. It is shown, not "
         "walked.",
         Role::Dim, area.width);
  } else {
    const Stop& stop = browser.stop();
    const StepDetail* const detail = stop.detail();
    if (detail == nullptr) {
      const bool passes = stop.at().verdict == HopVerdict::Accept;
      wrap(lines,
           fmt::format(
               "{}: {}", stage_name(stop.at()),
               passes ? "nothing to decide, the packet goes on" : to_string(stop.at().verdict)),
           Role::Normal, area.width);
    } else if (const auto* rule = std::get_if<RuleStep>(detail)) {
      rule_lines(lines, browser, *rule, area.width);
    } else {
      wrap(lines, describe(browser.timeline().host(), *detail), Role::Normal, area.width, "  ");
    }
    const bool last = browser.stop_index() + 1 == browser.stops().size();
    const bool last_of_trace =
        last || browser.stops()[browser.stop_index() + 1].trace != stop.trace;
    if (last_of_trace && (detail == nullptr || !std::holds_alternative<ChildStep>(*detail))) {
      ending_lines(lines, browser, area.width);
    }
    packet_lines(lines, browser, area.width);
  }
  const int hidden = std::max(0, static_cast<int>(lines.size()) - area.height);
  const int skip = std::clamp(browser.scroll_y(Pane::Why), 0, hidden);
  for (int row = 0; row < area.height && skip + row < static_cast<int>(lines.size()); ++row) {
    const Line& line = lines[static_cast<std::size_t>(skip + row)];
    surface.put(area.x, area.y + row, line.text, line.role, area.width);
  }
}

}  // namespace pktwalk
