// SPDX-License-Identifier: MIT
#include "tracer/render_text.h"

#include <fmt/format.h>

#include <algorithm>

#include "model/core/printable.h"
#include "model/netfilter/rule.h"
#include "model/netfilter/term.h"
#include "tracer/explain.h"
#include "tracer/packet_text.h"

namespace pktwalk {
namespace {

constexpr std::size_t kStageWidth = 20;

class Renderer {
 public:
  Renderer(const Host& host, TextLevel level)
      : host_(host), detailed_(level == TextLevel::Detailed) {}

  std::string text;

  void hops(const Trace& trace, std::size_t indent) {
    for (const Hop& hop : trace.hops) this->hop(trace, hop, indent);
  }

  void ending(const Trace& trace, std::size_t indent) {
    const WalkResult& r = trace.result;
    std::string line = fmt::format("{:>{}}=> {}", "", indent, to_string(r.disposition));
    if (r.disposition == Disposition::Forwarded || r.disposition == Disposition::TransmittedCopy) {
      const std::string reason = r.why != nullptr ? r.why : "";
      text += reason.empty() ? line + "\n" : fmt::format("{}: {}\n", line, reason);
      return;
    }
    if (r.disposition == Disposition::Dropped)
      line += fmt::format(" in {}: {}", result_stage(r), to_string(r.reason));
    if (r.disposition == Disposition::Unknown || r.disposition == Disposition::Absorbed) {
      line += fmt::format(" in {}", result_stage(r));
    }
    const std::string because = why(host_, trace);
    if (!because.empty())
      line += fmt::format("{} {}", r.disposition == Disposition::Dropped ? "," : ":", because);
    text += line + "\n";
    if (r.rule != nullptr) quote(r.rule->at, r.rule->text, indent + 3);
    if (r.policy != nullptr) quote(r.policy->at, {}, indent + 3);
    const std::vector<NearMiss> misses = near_misses(trace);
    if (misses.empty()) return;
    text += fmt::format("{:>{}}nearly accepted by\n", "", indent + 3);
    for (const NearMiss& miss : misses) {
      quote(miss.rule->rule->at, miss.rule->rule->text, indent + 5);
      text += fmt::format("{:>{}}but for {}: {} is {}\n", "", indent + 7,
                          printable(miss.missed->term->text()), to_string(miss.missed->field),
                          to_string(miss.missed->seen));
    }
  }

 private:
  void quote(const SourceLine& at, std::string_view fallback, std::size_t indent) {
    const std::string_view line = host_.sources.text(at);
    const std::string where = place(host_, at);
    const std::string words = printable(fallback.empty() ? line : fallback);
    if (where.empty() && words.empty()) return;
    text += fmt::format("{:>{}}{}{}{}\n", "", indent, where, where.empty() ? "" : ": ", words);
  }

  void hop(const Trace& trace, const Hop& hop, std::size_t indent) {
    const std::size_t before = text.size();
    bool first = true;
    const auto put = [&](const std::string& line) {
      text += fmt::format("{:>{}}{:<{}} {}\n", "", indent, first ? stage_name(hop) : "",
                          kStageWidth, line);
      first = false;
    };
    bool rule_told = true;  // what a rule looked up is told where the rule is
    for (std::uint32_t i = 0; i < hop.step_count; ++i) {
      const StepDetail& detail = trace.steps[hop.first_step + i].detail;
      if (const auto* rule = std::get_if<RuleStep>(&detail)) {
        const std::size_t told = text.size();
        this->rule(trace, *rule, put);
        rule_told = text.size() != told;
      } else if (std::holds_alternative<SetStep>(detail) && !rule_told) {
        continue;
      } else if (const auto* child = std::get_if<ChildStep>(&detail)) {
        const Trace& made = trace.children[child->child];
        put(fmt::format("this host sends {}:", made_packet(made.origin)));
        if (!made.shots.empty()) put("  " + packet_line(made.shots.front().bytes));
        hops(made, indent + 4);
        ending(made, indent + 4);
        first = false;
      } else if (const auto* emit = std::get_if<EmitStep>(&detail)) {
        put(fmt::format("frame {} leaves", emit->emitted + 1) +
            (hop.out == IfIndex::None
                 ? std::string()
                 : fmt::format(" on {}", printable(host_.link_name(hop.out)))));
      } else if (wanted(detail)) {
        put(describe(host_, detail));
      }
    }
    if (detailed_ && text.size() == before) put(to_string(hop.verdict));
  }

  static const char* made_packet(Origin origin) {
    switch (origin) {
      case Origin::IcmpError:
        return "an ICMP error";
      case Origin::IcmpReply:
        return "an ICMP reply";
      case Origin::Redirect:
        return "an ICMP redirect";
      case Origin::TcpReset:
        return "a TCP reset";
      case Origin::Clone:
        return "a copy of the packet";
      case Origin::Arp:
        return "ARP";
      case Origin::Local:
        return "a segment of its own TCP";
      case Origin::Fragment:
        return "a fragment";
      case Origin::Received:
      case Origin::Forwarded:
        break;
    }
    return "a packet";
  }

  // Whether a step is told at this level.
  bool wanted(const StepDetail& detail) const {
    if (detailed_) return true;
    if (const auto* check = std::get_if<CheckStep>(&detail)) return !check->passed;
    if (const auto* fib = std::get_if<FibRuleStep>(&detail))
      return fib->matched && fib->rule->priority != 0 && fib->rule->priority < 32766;
    if (const auto* ct = std::get_if<CtStep>(&detail))
      return ct->kind != CtStep::Kind::Confirmed && ct->kind != CtStep::Kind::Untouched;
    if (const auto* nat = std::get_if<NatStep>(&detail))
      return nat->kind != NatStep::Kind::NullBinding && nat->kind != NatStep::Kind::AlreadySet;
    if (std::holds_alternative<ReturnStep>(detail)) return false;
    if (std::holds_alternative<NeighStep>(detail)) return false;
    return true;
  }

  template <typename Put>
  void rule(const Trace& trace, const RuleStep& step, Put&& put) {
    if (step.outcome == Outcome::NoMatch && !detailed_) return;
    const std::string nest(2 * step.depth, ' ');
    const std::string where = place(host_, step.rule->at);
    std::string line = fmt::format("{}{} {}", nest, mark(step.outcome), printable(step.rule->text));
    if (!where.empty()) line += fmt::format("   ({})", where);
    put(line);
    if (step.unknown != nullptr) put(fmt::format("{}    cannot know: {}", nest, step.unknown));
    if (!detailed_) return;
    for (const TermStep& t : terms_of(trace, step)) {
      put(fmt::format("{}    {} {:<28} {} is {}{}", nest, mark(t.outcome),
                      printable(t.term->text()), to_string(t.field), to_string(t.seen),
                      t.probed ? "  (not looked at by the kernel)" : ""));
    }
  }

  static const char* mark(Outcome outcome) {
    switch (outcome) {
      case Outcome::Match:
        return "+";
      case Outcome::NoMatch:
        return "-";
      case Outcome::Hotdrop:
        return "!";
      case Outcome::Unknown:
        return "?";
    }
    return " ";
  }

  const Host& host_;
  bool detailed_;
};

std::string headline(const Host& host, const WalkedPacket& packet) {
  const PacketHeader& h = packet.header;
  std::string line = fmt::format("packet {} {}", h.number, printable(host.link_name(h.dev)));
  const std::string what = packet_line(packet.captured_l3);
  line += fmt::format(" {} ({} bytes", what, h.wire_length);
  if (h.captured < h.wire_length) line += fmt::format(", {} captured", h.captured);
  return line + ")";
}

std::string minimal(const Host& host, const WalkedPacket& packet) {
  const WalkResult& r = packet.trace.result;
  std::string line = headline(host, packet) + "  " + to_string(r.disposition);
  for (const Emitted& e : packet.result.emitted) {
    line += fmt::format(" {} on {}", to_string(e.origin), printable(host.link_name(e.dev)));
  }
  if (r.disposition == Disposition::Dropped)
    line += fmt::format(" {} in {}", to_string(r.reason), result_stage(r));
  if (r.rule != nullptr) {
    line += fmt::format(" rule {}", r.rule->number);
    if (const std::string where = place(host, r.rule->at); !where.empty())
      line += fmt::format(" {}", where);
  } else if (r.policy != nullptr) {
    line += " policy";
    if (const std::string where = place(host, r.policy->at); !where.empty())
      line += fmt::format(" {}", where);
  } else if (r.why != nullptr) {
    line += fmt::format(": {}", r.why);
  }
  return line + "\n";
}

// Names, rules and comments come from outside: none of them may talk to the terminal.
std::string lines_printable(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    out += printable(text.substr(0, end));
    if (end < text.size()) out += '\n';
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

}  // namespace

std::string render_text(const Host& host, const WalkedPacket& packet, TextLevel level) {
  if (level == TextLevel::Minimal) return lines_printable(minimal(host, packet));
  Renderer renderer(host, level);
  renderer.text = headline(host, packet) + "\n";
  if (!packet.header.comment.empty())
    renderer.text += fmt::format("  # {}\n", printable(packet.header.comment));
  renderer.hops(packet.trace, 2);
  renderer.ending(packet.trace, 2);
  return lines_printable(renderer.text);
}

}  // namespace pktwalk
