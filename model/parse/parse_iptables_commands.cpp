// SPDX-License-Identifier: MIT
// `iptables -S`, and commands "iptables -A ..." as people type them or keep them in a plain script.
//
// Kernel: none.
// Differs: nothing known.
#include "model/netfilter/xtables/table_loader.h"
#include "model/parse/host_file.h"

namespace pktwalk {
namespace {

int recognise(std::string_view, std::string_view text) { return xt::score_commands(text); }

}  // namespace

extern const HostFileDef parse_iptables_commands;
const HostFileDef parse_iptables_commands{.kind = "commands of iptables",
                                          .order = 120,
                                          .recognise = recognise,
                                          .parse = xt::load_commands};

}  // namespace pktwalk
