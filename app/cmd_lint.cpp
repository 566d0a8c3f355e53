// SPDX-License-Identifier: MIT
// pktwalk lint: what was recognised of the dumps, what was not, and how much of the rules is
// modelled.
#include <fmt/format.h>

#include <map>
#include <memory>

#include "app/command.h"
#include "app/inputs.h"
#include "model/core/printable.h"
#include "model/netfilter/nft/print.h"
#include "model/netfilter/xtables/coverage.h"
#include "model/netfilter/xtables/table.h"
#include "tracer/host_loader.h"

namespace pktwalk {
namespace {

struct LintOptions {
  HostOptions host;
  bool print = false;
};

// Whether all rules are modelled.
bool show_coverage(const Host& host, const xt::Ruleset& ruleset, const char* name,
                   const char* note) {
  const xt::Coverage c = xt::coverage(ruleset);
  if (c.rules == 0) return true;
  fmt::print("{}: {} rules, {} fully modelled ({:.1f} %){}\n", name, c.rules, c.modelled,
             c.percent(), note);
  for (const xt::CoverageGap& gap : c.gaps) {
    fmt::print("  not modelled: {} in {} rule{}, first at {}:{}\n", printable(gap.reason),
               gap.rules, gap.rules == 1 ? "" : "s",
               printable(host.sources.file(gap.first.file).name), gap.first.line);
  }
  return c.modelled == c.rules;
}

bool show_coverage(const Host& host, const nft::Ruleset& ruleset) {
  struct Gap {
    std::size_t rules = 0;
    SourceLine first;
  };
  std::map<std::string, Gap> gaps;
  std::size_t rules = 0, modelled = 0;
  for (const std::unique_ptr<nft::Table>& table : ruleset.tables) {
    for (const std::unique_ptr<nft::Chain>& chain : table->chains) {
      for (const nft::Rule& rule : chain->rules) {
        ++rules;
        if (rule.unmodelled.empty()) {
          ++modelled;
          continue;
        }
        Gap& gap = gaps[rule.unmodelled];
        if (gap.rules++ == 0) gap.first = rule.at;
      }
    }
  }
  if (rules == 0) return true;
  fmt::print("nftables: {} rules, {} fully modelled ({:.1f} %)\n", rules, modelled,
             100.0 * static_cast<double>(modelled) / static_cast<double>(rules));
  for (const auto& [reason, gap] : gaps) {
    fmt::print("  not modelled: {} in {} rule{}, first at {}:{}\n", printable(reason), gap.rules,
               gap.rules == 1 ? "" : "s", printable(host.sources.file(gap.first.file).name),
               gap.first.line);
  }
  return modelled == rules;
}

Result<int> lint(const LintOptions& options) {
  const Result<Host> host = load_host_paths(options.host.paths);
  if (!host) return host.error();
  if (options.print) {
    fmt::print("{}{}{}", xt::print_ruleset(*host->iptables, nullptr),
               xt::print_ruleset(*host->ip6tables, nullptr), nft::print(*host->nftables));
    return kExitOk;
  }
  for (std::uint32_t i = 0; i < host->sources.size(); ++i) {
    const SourceFile& file = host->sources.file(i);
    fmt::print("{}: {}, {} lines\n", printable(file.name),
               file.kind.empty() ? "not recognised" : file.kind, file.line_count());
  }
  fmt::print(
      "{} devices, {} addresses, {} routes, {} policy rules, {} neighbours, {} sockets, {} sets, "
      "{} connections\n",
      host->links.size(), host->addresses.size(), host->routes.size(), host->rules.size(),
      host->neighbours.size(), host->sockets.size(), host->ipsets.size(), host->connections.size());
  bool complete = show_coverage(*host, *host->iptables, "iptables", "");
  complete &= show_coverage(*host, *host->ip6tables, "ip6tables", ", not walked yet");
  complete &= show_coverage(*host, *host->nftables);
  int status = complete ? kExitOk : kExitNo;
  for (const Diagnostic& d : host->diagnostics) {
    fmt::print("{}\n", to_string(d, host->sources));
    if (d.severity == Severity::Error) status = kExitInput;
    if (d.severity == Severity::Warning && status == kExitOk) status = kExitNo;
  }
  return status;
}

}  // namespace

void add_lint(CLI::App& app, Action& action) {
  const auto options = std::make_shared<LintOptions>();
  CLI::App* const command = app.add_subcommand("lint", "Say what was understood of a host's dumps");
  add_host_options(*command, options->host);
  command->add_flag("--print", options->print,
                    "Print the iptables rules again, as iptables-save does");
  command->footer("Exit status: 0 all understood and modelled; 1 not all; 2 wrong usage or input.");
  command->callback([options, &action] { action = [options] { return lint(*options); }; });
}

}  // namespace pktwalk
