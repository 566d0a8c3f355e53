// SPDX-License-Identifier: MIT
#include "app/outputs.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>

#include "model/conntrack/conntrack.h"
#include "model/netfilter/ipset.h"
#include "model/netfilter/nft/print.h"
#include "model/netfilter/xtables/table.h"
#include "tracer/render_json.h"
#include "tracer/render_text.h"

namespace pktwalk {
namespace {

void add_file(CLI::App& command, const char* name, std::string& path, const char* what) {
  command.add_option(name, path, what)->option_text("FILE");
}

Status open_file(const std::string& path, std::unique_ptr<NewFile>& file) {
  if (path.empty()) return Ok{};
  Result<std::unique_ptr<NewFile>> opened = NewFile::create(path);
  if (!opened) return opened.error();
  file = std::move(*opened);
  return Ok{};
}

Status print(const std::string& text) {
  if (std::fwrite(text.data(), 1, text.size(), stdout) == text.size()) return Ok{};
  return Error{.what = fmt::format("cannot write to standard output: {}", std::strerror(errno)),
               .where = {},
               .hint = {}};
}

}  // namespace

void add_output_options(CLI::App& command, OutputOptions& options) {
  CLI::Option* const jsonl =
      command.add_flag("--jsonl", options.jsonl, "One JSON object a packet instead of text");
  CLI::Option* const minimal = command.add_flag("--minimal", options.minimal, "One line a packet");
  CLI::Option* const detailed =
      command.add_flag("--detailed", options.detailed, "Every rule that was tried, with each term");
  jsonl->excludes(minimal)->excludes(detailed);
  minimal->excludes(detailed);
  add_file(command, "--counters", options.counters,
           "Write the rules and their counters, as iptables-save -c");
  add_file(command, "--conntrack", options.conntrack,
           "Write the connections, as conntrack -L -o extended");
  add_file(command, "--ipset", options.ipset, "Write the sets, as ipset save");
  add_file(command, "--emit", options.emit, "Write the frames that left, as pcapng");
  add_file(command, "--tc", options.tc, "Write queue counters (none: queues are not walked yet)");
}

Result<Outputs> Outputs::open(const OutputOptions& options, const Host& host) {
  Outputs outputs(options, host);
  const std::pair<const std::string&, std::unique_ptr<NewFile>&> files[] = {
      {options.counters, outputs.counters_},
      {options.conntrack, outputs.conntrack_},
      {options.ipset, outputs.ipset_},
      {options.tc, outputs.tc_}};
  for (const auto& [path, file] : files) {
    if (const Status opened = open_file(path, file); !opened) return opened.error();
  }
  if (!options.emit.empty()) {
    Result<std::unique_ptr<PcapngWriter>> writer = PcapngWriter::create(options.emit);
    if (!writer) return writer.error();
    outputs.writer_ = std::move(*writer);
    for (const Link& link : host.links) {
      if (link.loopback) continue;
      outputs.interfaces_[link.index] = outputs.writer_->add_interface(
          link.name, link.ether ? LinkType::Ethernet : LinkType::Raw);
    }
  }
  return outputs;
}

namespace {

// Whether what became of a packet that the router made is unknown.
bool children_unknown(const Trace& trace) {
  return std::any_of(trace.children.begin(), trace.children.end(), [](const Trace& child) {
    return child.result.disposition == Disposition::Unknown || children_unknown(child);
  });
}

}  // namespace

Status Outputs::packet(const WalkedPacket& packet) {
  any_unknown_ |=
      packet.result.disposition == Disposition::Unknown || children_unknown(packet.trace);
  const TextLevel level = options_.minimal    ? TextLevel::Minimal
                          : options_.detailed ? TextLevel::Detailed
                                              : TextLevel::Normal;
  std::string text =
      options_.jsonl ? render_json(*host_, packet) + "\n" : render_text(*host_, packet, level);
  if (!options_.jsonl && !options_.minimal) text += '\n';
  if (const Status printed = print(text); !printed) return printed;
  return writer_ ? write_frames(packet) : Status(Ok{});
}

Status Outputs::write_frames(const WalkedPacket& packet) {
  for (const Emitted& e : packet.result.emitted) {
    const Status written = writer_->write(
        {.interface_id = interfaces_[e.dev],
         .time_ns = packet.header.time.ns,
         .bytes = e.frame,
         .wire_length = 0,
         .flags = 2,
         .comment = fmt::format("packet {}: {}", packet.header.number, to_string(e.origin))});
    if (!written) return written;
  }
  return Ok{};
}

Status Outputs::finish(const State& state, Time now) {
  std::fflush(stdout);  // a file may be standard output too
  if (counters_) {
    const Status written = counters_->write(xt::print_ruleset(*host_->iptables, &state.counters) +
                                            xt::print_ruleset(*host_->ip6tables, &state.counters) +
                                            nft::print(*host_->nftables, state));
    if (!written) return written;
  }
  if (conntrack_) {
    const Status written = conntrack_->write(ct::print_table(state.conntrack, now, *host_));
    if (!written) return written;
  }
  if (ipset_) {
    const Status written = ipset_->write(print_ipsets(*host_, state, now));
    if (!written) return written;
  }
  // All are complete: from here on they appear.
  if (writer_) {
    if (const Status done = writer_->finish(); !done) return done;
  }
  for (NewFile* const file : {counters_.get(), conntrack_.get(), ipset_.get(), tc_.get()}) {
    if (file == nullptr) continue;
    if (const Status done = file->finish(); !done) return done;
  }
  return Ok{};
}

}  // namespace pktwalk
