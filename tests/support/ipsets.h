// SPDX-License-Identifier: MIT
// Sets for tests of matches and targets.
#pragma once

#include <string>

#include "model/netfilter/ipset.h"
#include "model/parse/host_file.h"
#include "tests/support/xt_fixture.h"

namespace pktwalk {
extern const HostFileDef parse_ipset_save;
}

namespace pktwalk::testing {

// Reads `ipset save` text into the fixture's host and state; its clock starts now.
inline void load_ipsets(XtFixture& fixture, std::string text) {
  const std::uint32_t file = fixture.host.sources.add("ipset-save.txt", std::move(text));
  parse_ipset_save.parse(fixture.host, file);
  fixture.state.ipsets = fixture.host.initial->ipsets;
  start_clock(fixture.state, fixture.now);
}

inline std::string print_ipsets(const XtFixture& fixture) {
  return pktwalk::print_ipsets(fixture.host, fixture.state, fixture.now);
}

}  // namespace pktwalk::testing
