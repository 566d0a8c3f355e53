// SPDX-License-Identifier: MIT
#include "tests/support/xt_fixture.h"

#include <fmt/format.h>

#include "model/netfilter/xtables/table.h"
#include "model/trace/recorder.h"

namespace pktwalk::testing {
namespace {

Link make_link(std::uint32_t index, const char* name, const char* mac) {
  Link link;
  link.index = IfIndex{index};
  link.name = name;
  link.mac = *MacAddr::parse(mac);
  return link;
}

IfAddr make_addr(std::uint32_t dev, const char* net) {
  IfAddr addr;
  addr.dev = IfIndex{dev};
  addr.net = *Prefix::parse(net);
  return addr;
}

std::size_t transport_offset(const Skb& skb, std::uint8_t& protocol, std::uint16_t& frag_offset) {
  const std::uint8_t* const ip = skb.data.data() + skb.network;
  if (skb.family == Family::Ipv6) {
    protocol = ip[6];
    return skb.network + 40;
  }
  const Ipv4View view(ip);
  protocol = view.protocol();
  frag_offset = static_cast<std::uint16_t>(view.fragment_offset());
  return skb.network + view.header_length();
}

}  // namespace

std::string MatchAnswer::text() const {
  if (!error.empty()) return "error: " + error;
  std::string out = to_string(outcome);
  if (!unknown.empty()) out += " (" + unknown + ")";
  for (const SeenTerm& term : terms) {
    out += fmt::format("; {}: {}, {} is {}{}", term.term, to_string(term.outcome), term.field,
                       term.seen, term.probed ? " (probed)" : "");
  }
  return out;
}

XtFixture::XtFixture() {
  host.links = {make_link(1, "lo", "00:00:00:00:00:00"), make_link(2, "eth0", "02:00:00:00:00:10"),
                make_link(3, "eth1", "02:00:00:00:01:10")};
  host.links[0].loopback = true;
  host.links[0].mtu = 65536;
  host.addresses = {make_addr(1, "127.0.0.1/8"), make_addr(2, "10.0.0.1/24"),
                    make_addr(3, "192.0.2.1/24")};
  host.addresses[0].scope = kScopeHost;
  host.has_links = host.has_addresses = true;
  host.iptables = std::make_unique<xt::Ruleset>();
  host.iptables->family = Family::Ipv4;
  host.initial = std::make_unique<State>();
  for (const Link& link : host.links) {
    host.by_index[static_cast<std::uint32_t>(link.index)] = &link;
    host.by_name[link.name] = &link;
  }
}

const Link* XtFixture::link(const std::string& name) const {
  return name.empty() ? nullptr : host.link(std::string_view(name));
}

std::string XtFixture::prepare(std::string& text, ParseContext& context) {
  context.family = family;
  context.table = table;
  context.chain = chain;
  context.hooks = hook_bit(hook);
  context.host = &host;
  context.shared = &shared_;
  const bool negated = text.starts_with("! -p ");
  if (!negated && !text.starts_with("-p ")) return {};
  const std::size_t begin = negated ? 5 : 3;
  const std::size_t end = text.find(' ', begin);
  const std::string name = text.substr(begin, end - begin);
  context.protocol = read_protocol(name).value_or(0);
  context.protocol_negated = negated;
  const std::string prefix = (negated ? "! -p " : "-p ") + protocol_name(context.protocol);
  text = end == std::string::npos ? "" : text.substr(end + 1);
  return prefix;
}

Result<MatchPtr> XtFixture::parse(const std::string& text) {
  ParseContext context;
  std::string rest = text;
  prepare(rest, context);
  Result<MatchPtr> match = parse_match(rest, context);
  state.slots = host.initial->slots;
  return match;
}

Result<TargetPtr> XtFixture::parse_jump(const std::string& text) {
  ParseContext context;
  std::string rest = text;
  prepare(rest, context);
  Result<TargetPtr> target = parse_target(rest, context);
  state.slots = host.initial->slots;
  return target;
}

MatchAnswer XtFixture::match(const std::string& text, const Skb& skb) {
  const Result<MatchPtr> parsed = parse(text);
  if (!parsed) return {.error = to_string(parsed.error())};
  return match(**parsed, skb);
}

MatchAnswer XtFixture::match(const Match& match, const Skb& skb) {
  Trace trace;
  Recorder recorder(trace);
  recorder.begin_hop("filter", hook, skb, IfIndex::None, IfIndex::None);
  recorder.begin_terms();
  MatchContext ctx{.skb = skb, .host = host, .state = state, .now = now};
  ctx.hook = hook;
  ctx.in = link(in);
  ctx.out = link(out);
  ctx.transport = transport_offset(skb, ctx.protocol, ctx.frag_offset);
  ctx.recorder = record ? &recorder : nullptr;
  ctx.probe = probe;
  MatchAnswer answer;
  answer.outcome = match.evaluate(ctx);
  if (answer.outcome == Outcome::Unknown && ctx.unknown != nullptr) answer.unknown = ctx.unknown;
  for (const TermStep& step : trace.terms) {
    answer.terms.push_back({step.term->text(), to_string(step.field), to_string(step.seen),
                            step.outcome, step.probed});
  }
  return answer;
}

std::string XtFixture::print_of(const std::string& text) {
  ParseContext context;
  std::string rest = text;
  std::string prefix = prepare(rest, context);
  if (!prefix.empty()) prefix += ' ';
  const Result<std::vector<Word>> words = split_words(rest);
  if (!words || words->size() < 2) return "error: not a match or target: " + text;
  const std::string& name = (*words)[1].text;
  if (rest.starts_with("-j")) {
    const Result<TargetPtr> target = parse_jump(text);
    if (!target) return "error: " + to_string(target.error());
    return prefix + print_target(*find_target(name, family), **target);
  }
  const Result<MatchPtr> match = parse(text);
  if (!match) return "error: " + to_string(match.error());
  return prefix + print_match(*find_match(name, family), **match);
}

void check_syntax(std::span<const SyntaxRow> rows, Family family, const std::string& table) {
  XtFixture fixture;
  fixture.family = family;
  fixture.table = table;
  for (const SyntaxRow& row : rows) {
    CAPTURE(row.input);
    const std::string printed = fixture.print_of(row.input);
    if (row.failure != nullptr) {
      CAPTURE(printed);
      CHECK(printed.starts_with("error: "));
      CHECK(printed.find(row.failure) != std::string::npos);
      continue;
    }
    const std::string wanted = row.canonical == std::string("=") ? row.input : row.canonical;
    CHECK(printed == wanted);
    if (!printed.starts_with("error: ")) CHECK(fixture.print_of(printed) == printed);
  }
}

}  // namespace pktwalk::testing
