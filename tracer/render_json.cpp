// SPDX-License-Identifier: MIT
#include "tracer/render_json.h"

#include <fmt/format.h>

#include <algorithm>
#include <span>

#include "model/netfilter/rule.h"
#include "model/netfilter/term.h"
#include "tracer/explain.h"
#include "tracer/json_writer.h"

namespace pktwalk {
namespace {

class Renderer {
 public:
  Renderer(const Host& host, JsonWriter& json) : host_(host), json_(json) {}

  void result(const Trace& trace) {
    const WalkResult& r = trace.result;
    json_.field("disposition", to_string(r.disposition));
    if (r.disposition == Disposition::Dropped) {
      json_.key("drop").begin_object();
      json_.field("reason", to_string(r.reason));
      ending(trace);
      json_.end_object();
      return;
    }
    // A packet of the router's own that was dropped: its answer never left, or not all of them.
    if (const Trace* const child = dropped_child(trace)) {
      json_.key("drop").begin_object();
      json_.field("reason", to_string(child->result.reason))
          .field("origin", to_string(child->origin));
      ending(*child);
      json_.end_object();
    }
    if (r.disposition != Disposition::Forwarded) {
      json_.key("end").begin_object();
      ending(trace);
      json_.end_object();
    }
  }

  void emitted(const WalkResult& r) {
    json_.key("emitted").begin_array();
    for (const Emitted& e : r.emitted) {
      json_.begin_object().field("dev", host_.link_name(e.dev));
      json_.key("frame").hex(e.frame.data(), e.frame.size());
      json_.field("origin", to_string(e.origin)).end_object();
    }
    json_.end_array();
  }

  void hops(const Trace& trace) {
    json_.key("hops").begin_array();
    for (const Hop& hop : trace.hops) {
      json_.begin_object().field("stage", stage_name(hop)).field("verdict", to_string(hop.verdict));
      if (hop.in != IfIndex::None) json_.field("in", host_.link_name(hop.in));
      if (hop.out != IfIndex::None) json_.field("out", host_.link_name(hop.out));
      json_.key("steps").begin_array();
      for (std::uint32_t i = 0; i < hop.step_count; ++i)
        step(trace, trace.steps[hop.first_step + i].detail);
      json_.end_array().end_object();
    }
    json_.end_array();
    if (trace.children.empty()) return;
    json_.key("children").begin_array();
    for (const Trace& child : trace.children) {
      json_.begin_object().field("origin", to_string(child.origin));
      result(child);
      hops(child);
      json_.end_object();
    }
    json_.end_array();
  }

 private:
  // How many of the children the timers made: they come first, and are not because of this packet.
  static std::size_t made_by_timers(const Trace& trace) {
    if (trace.hops.empty() || std::string_view(trace.hops.front().stage) != "timers") return 0;
    const Hop& hop = trace.hops.front();
    const auto steps = std::span(trace.steps).subspan(hop.first_step, hop.step_count);
    return static_cast<std::size_t>(std::count_if(steps.begin(), steps.end(), [](const Step& s) {
      return std::holds_alternative<ChildStep>(s.detail);
    }));
  }

  static const Trace* dropped_child(const Trace& trace) {
    for (std::size_t i = made_by_timers(trace); i < trace.children.size(); ++i) {
      const Trace& child = trace.children[i];
      if (child.result.disposition == Disposition::Dropped) return &child;
      if (const Trace* const deeper = dropped_child(child)) return deeper;
    }
    return nullptr;
  }

  void ending(const Trace& trace) {
    const WalkResult& r = trace.result;
    json_.field("stage", result_stage(r));
    if (r.rule != nullptr) {
      const RuleStep* step = nullptr;
      for (const Step& s : trace.steps) {
        const auto* candidate = std::get_if<RuleStep>(&s.detail);
        if (candidate != nullptr && candidate->rule == r.rule) step = candidate;
      }
      json_.key("rule");
      if (step != nullptr) {
        rule(*step->rule, step->table, step->chain);
      } else {
        rule(*r.rule, nullptr, nullptr);
      }
    }
    if (r.policy != nullptr) {
      json_.key("policy").begin_object();
      line(r.policy->at);
      json_.field("chain", r.policy->name).end_object();
    }
    json_.field("why", why(host_, trace));
    const std::vector<NearMiss> misses = near_misses(trace);
    if (misses.empty()) return;
    json_.key("near_misses").begin_array();
    for (const NearMiss& miss : misses) {
      json_.begin_object().key("rule");
      rule(*miss.rule->rule, miss.rule->table, miss.rule->chain);
      json_.key("term");
      term(*miss.missed);
      json_.end_object();
    }
    json_.end_array();
  }

  void line(const SourceLine& at) {
    if (!at.known()) return;
    json_.field("file", host_.sources.file(at.file).name).field("line", std::uint64_t{at.line});
  }

  void rule(const Rule& r, const RuleTable* table, const Chain* chain) {
    json_.begin_object();
    line(r.at);
    json_.field("text", r.text);
    if (table != nullptr) json_.field("table", table->name).field("title", table->title);
    if (chain != nullptr) json_.field("chain", chain->name);
    json_.field("number", std::uint64_t{r.number}).end_object();
  }

  void term(const TermStep& t) {
    json_.begin_object().field("term", t.term->text()).field("field", to_string(t.field));
    json_.field("seen", to_string(t.seen)).field("wanted", t.term->wanted);
    if (t.term->negated) json_.flag("negated", true);
    if (t.outcome == Outcome::Unknown) {
      json_.field("match", "unknown");
    } else {
      json_.flag("match", t.outcome == Outcome::Match);
    }
    if (t.probed) json_.flag("probed", true);
    json_.end_object();
  }

  void step(const Trace& trace, const StepDetail& detail) {
    json_.begin_object();
    if (const auto* r = std::get_if<RuleStep>(&detail)) {
      json_.field("type", "rule").key("rule");
      rule(*r->rule, r->table, r->chain);
      json_.field("outcome", to_string(r->outcome));
      if (r->outcome == Outcome::Match) json_.field("verdict", to_string(r->verdict));
      if (r->depth != 0) json_.field("depth", std::uint64_t{r->depth});
      if (r->unknown != nullptr) json_.field("unknown", r->unknown);
      json_.key("terms").begin_array();
      for (const TermStep& t : terms_of(trace, *r)) term(t);
      json_.end_array();
    } else if (const auto* c = std::get_if<ChangeStep>(&detail)) {
      json_.field("type", "change").field("field", to_string(c->field));
      json_.field("from", to_string(c->from)).field("to", to_string(c->to));
    } else if (const auto* check = std::get_if<CheckStep>(&detail)) {
      const CheckInfo& i = info(check->check);
      json_.field("type", "check").field("check", i.name).flag("passed", check->passed);
      json_.field("what", i.what)
          .field("seen", to_string(check->seen))
          .field("wanted", to_string(check->wanted));
      json_.field("kernel", i.function);
      if (const std::string name = sysctl_name(host_, *check); !name.empty())
        json_.field("sysctl", name);
      if (check->dev != IfIndex::None) json_.field("dev", host_.link_name(check->dev));
    } else if (const auto* p = std::get_if<PolicyStep>(&detail)) {
      json_.field("type", "policy")
          .field("chain", p->chain->name)
          .field("verdict", to_string(p->verdict));
      line(p->chain->at);
    } else {
      json_.field("type", kind(detail));
      if (const auto* route = std::get_if<RouteStep>(&detail);
          route != nullptr && route->route != nullptr) {
        line(route->route->at);
      }
      if (const auto* fib_rule = std::get_if<FibRuleStep>(&detail)) {
        json_.flag("matched", fib_rule->matched);
        line(fib_rule->rule->at);
      }
      if (const auto* emit = std::get_if<EmitStep>(&detail))
        json_.field("emitted", std::uint64_t{emit->emitted});
      if (const auto* child = std::get_if<ChildStep>(&detail))
        json_.field("child", std::uint64_t{child->child});
      json_.field("text", describe(host_, detail));
    }
    json_.end_object();
  }

  static const char* kind(const StepDetail& detail) {
    static constexpr const char* kKinds[] = {"note",   "rule",      "return", "policy",   "change",
                                             "check",  "conntrack", "nat",    "fib-rule", "route",
                                             "socket", "neighbour", "set",    "emit",     "child"};
    static_assert(std::size(kKinds) == std::variant_size_v<StepDetail>);
    return kKinds[detail.index()];
  }

  const Host& host_;
  JsonWriter& json_;
};

}  // namespace

std::string render_json(const Host& host, const WalkedPacket& packet) {
  JsonWriter json;
  Renderer renderer(host, json);
  const PacketHeader& h = packet.header;
  json.begin_object().field("schema", "pktwalk/trace/1").field("packet", h.number);
  json.field("time", fmt::format("{}.{:09}", h.time.ns / kNsPerSecond, h.time.ns % kNsPerSecond));
  json.field("dev", host.link_name(h.dev)).field("length", std::uint64_t{h.wire_length});
  if (h.captured < h.wire_length) json.field("captured", std::uint64_t{h.captured});
  if (!h.comment.empty()) json.field("comment", h.comment);
  renderer.result(packet.trace);
  renderer.emitted(packet.result);
  renderer.hops(packet.trace);
  json.end_object();
  return json.text();
}

}  // namespace pktwalk
