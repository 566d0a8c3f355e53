// SPDX-License-Identifier: MIT
#include "tracer/explain.h"

#include <fmt/format.h>

#include "model/conntrack/entry.h"
#include "model/core/printable.h"
#include "model/netfilter/rule.h"

namespace pktwalk {
namespace {

std::string joined_terms(const Trace& trace, const RuleStep& rule) {
  std::string text;
  for (const TermStep& t : terms_of(trace, rule)) {
    if (t.outcome != Outcome::Match || t.probed) continue;
    text += text.empty() ? "" : ", ";
    text += fmt::format("{} is {}", to_string(t.field), to_string(t.seen));
  }
  return text.empty() ? "it has no conditions" : text;
}

const RuleStep* step_of(const Trace& trace, const Rule* rule) {
  for (const Step& s : trace.steps) {
    const auto* r = std::get_if<RuleStep>(&s.detail);
    if (r != nullptr && r->rule == rule && r->outcome != Outcome::NoMatch) return r;
  }
  return nullptr;
}

const CheckStep* failed_check(const Trace& trace) {
  const CheckStep* found = nullptr;
  for (const Step& s : trace.steps) {
    const auto* c = std::get_if<CheckStep>(&s.detail);
    if (c != nullptr && !c->passed) found = c;
  }
  return found;
}

std::string device(const Host& host, IfIndex dev) { return printable(host.link_name(dev)); }

std::string route_text(const Host& host, const RouteStep& s) {
  std::string text;
  switch (s.kind) {
    case RouteStep::Kind::Found:
      break;
    case RouteStep::Kind::NoRoute:
      text = "no route";
      break;
    case RouteStep::Kind::Skipped:
      text = "passed over";
      break;
    case RouteStep::Kind::Reverse:
      text = "way back";
      break;
    case RouteStep::Kind::SourceChosen:
      text = "source address";
      break;
    case RouteStep::Kind::Cached:
      text = "route kept";
      break;
  }
  const auto add = [&](const std::string& part) {
    if (part.empty()) return;
    if (!text.empty()) text += ' ';
    text += part;
  };
  if (s.key.kind != ValueKind::None) add("for " + to_string(s.key) + ":");
  if (s.route != nullptr) {
    const std::string_view line = host.sources.text(s.route->at);
    add(line.empty() ? fmt::format("{} {}", to_string(s.route->type), to_string(s.route->to))
                     : printable(line));
    if (const std::string at = place(host, s.route->at); !at.empty()) add("(" + at + ")");
  } else {
    if (s.gateway.family() != Family::Unspec) add("via " + to_string(s.gateway));
    if (s.dev != IfIndex::None) add("dev " + device(host, s.dev));
  }
  if (s.why != nullptr) add(fmt::format("[{}]", s.why));
  return text;
}

std::string ct_kind(CtStep::Kind kind) {
  switch (kind) {
    case CtStep::Kind::Found:
      return "known connection";
    case CtStep::Kind::New:
      return "new connection";
    case CtStep::Kind::Invalid:
      return "INVALID";
    case CtStep::Kind::Untracked:
      return "UNTRACKED";
    case CtStep::Kind::Related:
      return "RELATED";
    case CtStep::Kind::Expected:
      return "expected connection";
    case CtStep::Kind::Skipped:
      return "not tracked";
    case CtStep::Kind::Confirmed:
      return "connection confirmed";
    case CtStep::Kind::Removed:
      return "connection removed";
    case CtStep::Kind::TableFull:
      return "table full";
    case CtStep::Kind::ClashDrop:
      return "clash";
    case CtStep::Kind::Untouched:
      return "unchanged";
  }
  return "";
}

std::string ct_info(CtInfo info) {
  switch (info) {
    case CtInfo::Established:
      return "ESTABLISHED, original direction";
    case CtInfo::Related:
      return "RELATED";
    case CtInfo::New:
      return "NEW";
    case CtInfo::EstablishedReply:
      return "ESTABLISHED, reply direction";
    case CtInfo::RelatedReply:
      return "RELATED, reply direction";
    case CtInfo::Untracked:
    case CtInfo::None:
      return "";
  }
  return "";
}

std::string ct_text(const CtStep& s) {
  const std::string info = ct_info(s.info);
  // conntrack leaves alone what has its connection already.
  const bool kept = s.kind == CtStep::Kind::Skipped && !info.empty();
  std::string text = kept ? "kept" : ct_kind(s.kind);
  if (!info.empty() && s.kind != CtStep::Kind::Related && s.kind != CtStep::Kind::Confirmed)
    text += ": " + info;
  if (s.src.kind != ValueKind::None) {
    text += fmt::format(" {} {} > {}", to_string(Value::proto(s.proto)), to_string(s.src),
                        to_string(s.dst));
  }
  if (s.state_after != 0) {
    if (s.state_before != s.state_after && s.state_before != 0) {
      text += fmt::format(" {} -> {}", to_string(Value::tcp_state(s.state_before)),
                          to_string(Value::tcp_state(s.state_after)));
    } else {
      text += " " + to_string(Value::tcp_state(s.state_after));
    }
  }
  if (s.why != nullptr) text += fmt::format(" ({})", s.why);
  return text;
}

std::string nat_text(const NatStep& s) {
  const char* const side = s.source ? "source" : "destination";
  std::string text;
  switch (s.kind) {
    case NatStep::Kind::NullBinding:
      text = fmt::format("no rule translates the {}: it stays as it is", side);
      break;
    case NatStep::Kind::Setup:
      text = fmt::format("{} mapping made", side);
      break;
    case NatStep::Kind::Apply:
      text = fmt::format("the connection's {} mapping is applied", side);
      break;
    case NatStep::Kind::AlreadySet:
      text = fmt::format("the connection has its {} mapping already: no rule is asked", side);
      break;
    case NatStep::Kind::Failed:
      text = "no mapping is possible";
      break;
    case NatStep::Kind::IcmpInner:
      text = "the packet quoted in the ICMP error is translated";
      break;
  }
  if (s.from.kind != ValueKind::None)
    text += fmt::format(": {} -> {}", to_string(s.from), to_string(s.to));
  if (s.random) text += " (the kernel draws this port at random)";
  if (s.why != nullptr) text += fmt::format(" ({})", s.why);
  return text;
}

// What a test saw, and the sysctl that it asked: ", seen 10.0.1.50 [net.ipv4.conf.eth1.rp_filter]".
std::string check_facts(const Host& host, const CheckStep& s) {
  // A test of a switch says all in its own words.
  const auto tells = [](const Value& v) {
    return v.kind != ValueKind::None && v.kind != ValueKind::Bool;
  };
  std::string text;
  if (tells(s.seen)) text += fmt::format(", seen {}", to_string(s.seen));
  if (tells(s.wanted)) text += fmt::format(", wanted {}", to_string(s.wanted));
  const std::string sysctl = sysctl_name(host, s);
  if (!s.passed && !sysctl.empty()) text += fmt::format(" [{}]", printable(sysctl));
  return text;
}

std::string check_text(const Host& host, const CheckStep& s) {
  return fmt::format("{}: {}{}", s.passed ? "yes" : "NO", info(s.check).what, check_facts(host, s));
}

struct Describe {
  const Host& host;

  std::string operator()(const NoteStep& s) const {
    std::string text = s.text;
    if (s.value.kind != ValueKind::None) text += ": " + to_string(s.value);
    if (s.value2.kind != ValueKind::None) text += ", " + to_string(s.value2);
    return text;
  }
  std::string operator()(const RuleStep& s) const {
    std::string text = fmt::format("rule {} {}", s.rule->number, to_string(s.outcome));
    if (s.outcome == Outcome::Match) text += fmt::format(": {}", to_string(s.verdict));
    if (s.unknown != nullptr) text += fmt::format(" ({})", s.unknown);
    return text;
  }
  std::string operator()(const ReturnStep& s) const {
    return fmt::format("back from {} to {}", s.from->name, s.to->name);
  }
  std::string operator()(const PolicyStep& s) const {
    return fmt::format("policy {}", s.chain->policy_word());
  }
  std::string operator()(const ChangeStep& s) const {
    return fmt::format("{} {} -> {}", to_string(s.field), to_string(s.from), to_string(s.to));
  }
  std::string operator()(const CheckStep& s) const { return check_text(host, s); }
  std::string operator()(const CtStep& s) const { return ct_text(s); }
  std::string operator()(const NatStep& s) const { return nat_text(s); }
  std::string operator()(const FibRuleStep& s) const {
    std::string text = s.matched ? "rule matches: " : "rule does not match: ";
    const std::string_view line = host.sources.text(s.rule->at);
    text += line.empty() ? fmt::format("{}: lookup {}", s.rule->priority, s.rule->table)
                         : printable(line);
    if (s.why != nullptr) {
      text += fmt::format(" [{}", s.why);
      if (s.seen.kind != ValueKind::None) text += ": " + to_string(s.seen);
      text += "]";
    }
    return text;
  }
  std::string operator()(const RouteStep& s) const { return route_text(host, s); }
  std::string operator()(const SocketStep& s) const {
    std::string text;
    if (s.socket != nullptr) {
      text = fmt::format("socket {}", printable(host.sources.text(s.socket->at)));
    } else {
      text = fmt::format("no socket at {}", to_string(s.key));
    }
    if (s.why != nullptr) text = fmt::format("{}: {}", to_string(s.key), s.why);
    return text;
  }
  std::string operator()(const NeighStep& s) const {
    if (s.mac.is_zero() && s.neigh == nullptr)
      return fmt::format("{} is not resolved on {}", to_string(s.key), device(host, s.dev));
    return fmt::format("{} is at {} on {}", to_string(s.key), to_string(s.mac),
                       device(host, s.dev));
  }
  std::string operator()(const SetStep& s) const {
    std::string text = fmt::format("set {}: {}", printable(s.set),
                                   s.what != nullptr ? s.what : to_string(s.outcome));
    if (!s.element.empty()) text += fmt::format(" ({})", printable(s.element));
    return text;
  }
  std::string operator()(const EmitStep&) const { return "a frame leaves"; }
  std::string operator()(const ChildStep&) const { return "the router makes a packet of its own"; }
};

}  // namespace

std::span<const TermStep> terms_of(const Trace& trace, const RuleStep& rule) {
  return std::span(trace.terms).subspan(rule.first_term, rule.term_count);
}

std::string place(const Host& host, const SourceLine& at) {
  if (!at.known() || at.file >= host.sources.size()) return {};
  return fmt::format("{}:{}", printable(host.sources.file(at.file).name), at.line);
}

std::string result_stage(const WalkResult& result) {
  return stage_name(result.stage, result.has_hook, result.hook);
}

std::string sysctl_name(const Host& host, const CheckStep& check) {
  std::string name = info(check.check).sysctl;
  if (const std::size_t star = name.find('*'); star != std::string::npos)
    name.replace(star, 1, check.dev == IfIndex::None ? "all" : host.link_name(check.dev));
  return name;
}

std::string describe(const Host& host, const StepDetail& step) {
  return std::visit(Describe{host}, step);
}

std::string why(const Host& host, const Trace& trace) {
  const WalkResult& result = trace.result;
  if (result.rule != nullptr) {
    // The chain that the rule stands in, which need not be the one that the hook called.
    const RuleStep* const step = step_of(trace, result.rule);
    const std::string place = step != nullptr && step->chain != nullptr
                                  ? fmt::format("{}/{}", step->table->title, step->chain->name)
                                  : result_stage(result);
    const std::string name = fmt::format("rule {} of {}", result.rule->number, place);
    if (result.disposition == Disposition::Unknown) {
      return fmt::format("{}: {}", name, result.why != nullptr ? result.why : "not modelled");
    }
    if (step == nullptr) return fmt::format("{} matched", name);
    return fmt::format("{} matched: {}", name, joined_terms(trace, *step));
  }
  if (result.policy != nullptr) {
    return fmt::format("no rule decided: policy {} of {}", result.policy->policy_word(),
                       result_stage(result));
  }
  std::string text = result.why != nullptr ? result.why : "";
  if (result.disposition == Disposition::Dropped) {
    if (const CheckStep* const check = failed_check(trace)) {
      text += text.empty() ? check_text(host, *check) : check_facts(host, *check);
      if (info(check->check).hint[0] != '\0')
        text += fmt::format("; to change it: {}", info(check->check).hint);
    }
  }
  return text;
}

std::vector<NearMiss> near_misses(const Trace& trace, std::size_t limit) {
  std::vector<NearMiss> found;
  if (trace.result.disposition != Disposition::Dropped) return found;
  if (trace.result.rule == nullptr && trace.result.policy == nullptr) return found;
  for (const Hop& hop : trace.hops) {
    if (std::string_view(hop.stage) != trace.result.stage || hop.hook != trace.result.hook)
      continue;
    for (std::uint32_t i = 0; i < hop.step_count; ++i) {
      const auto* rule = std::get_if<RuleStep>(&trace.steps[hop.first_step + i].detail);
      if (rule == nullptr || rule->outcome != Outcome::NoMatch ||
          rule->rule->verdict != Verdict::Accept)
        continue;
      const TermStep* missed = nullptr;
      std::size_t misses = 0;
      for (const TermStep& t : terms_of(trace, *rule)) {
        if (t.outcome == Outcome::Match) continue;
        missed = &t;
        ++misses;
      }
      if (misses == 1) found.push_back({rule, missed});
      if (found.size() == limit) return found;
    }
  }
  return found;
}

}  // namespace pktwalk
