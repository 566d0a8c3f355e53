// SPDX-License-Identifier: MIT
// Look-ups.
//
// Kernel:  net/netfilter/nft_lookup.c, nft_lookup_eval(); nf_tables_core.c,
// nft_set_elem_update_expr() Differs: nothing known
#include "model/netfilter/nft/set.h"

#include "model/host/state.h"
#include "model/netfilter/nft/stateful.h"
#include "model/path/walk.h"

namespace pktwalk::nft {
namespace {

bool expired(const Element& element, const EvalContext& ctx) {
  return element.expires && ctx.now() >= ctx.state().first_packet + *element.expires;
}

Hit hit_of(const Element& element) {
  Hit hit{.found = true, .mapped = &element.mapped, .element = &element, .states = std::nullopt};
  if (element.has_states) hit.states = element.states;
  return hit;
}

Hit find_live(const Set& set, const Data& key, const EvalContext& ctx) {
  const SetContents& contents = ctx.state().nft_sets[set.contents];
  const auto found = contents.elements.find(key);
  if (found == contents.elements.end()) return {};
  const LiveElement& live = found->second;
  if (live.timeout != 0 && live.expires <= ctx.now()) return {};
  Hit hit{.found = true, .mapped = &live.mapped, .element = nullptr, .states = std::nullopt};
  if (live.from_dump != ~0u) hit.element = &set.elements[live.from_dump];
  if (live.has_states) hit.states = live.states;
  return hit;
}

}  // namespace

std::size_t Set::key_size() const {
  std::size_t bytes = 0;
  for (const SetField& field : key) bytes += field.padded();
  return bytes;
}

Hit find(const Set& set, const Data& key, const EvalContext& ctx) {
  Data padded = key;
  padded.pad();
  if (set.dynamic) {
    if (const Hit hit = find_live(set, padded, ctx); hit.found) return hit;
  } else if (const std::optional<std::uint32_t> found = set.index.find(padded)) {
    const Element& element = set.elements[*found];
    if (!expired(element, ctx)) return hit_of(element);
  }
  if (set.catch_all) return hit_of(set.elements[*set.catch_all]);
  return {};
}

Flow run_element(EvalContext& ctx, const Set& set, const Hit& hit) {
  if (!hit.states) return Flow::Next;
  const std::vector<std::unique_ptr<Stateful>>& statements =
      hit.element != nullptr && !hit.element->statements.empty() ? hit.element->statements
                                                                 : set.statements;
  for (std::size_t i = 0; i < statements.size(); ++i) {
    const Flow flow = statements[i]->evaluate(ctx, *hit.states + static_cast<std::uint32_t>(i));
    if (flow != Flow::Next) return flow;
  }
  return Flow::Next;
}

void report_lookup(EvalContext& ctx, const Set& set, const Hit& hit) {
  if (ctx.recorder == nullptr || ctx.probe) return;
  // A set in braces stands in the rule itself.
  if (set.anonymous && !set.map) return;
  ctx.recorder->step(SetStep{
      .set = set.text,
      .element = hit.element != nullptr ? std::string_view(hit.element->text) : std::string_view{},
      .outcome = hit.found ? Outcome::Match : Outcome::NoMatch,
      .what = !hit.found               ? "no element holds it"
              : hit.element == nullptr ? "an element that a packet added"
                                       : "element"});
}

}  // namespace pktwalk::nft
