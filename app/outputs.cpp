// SPDX-License-Identifier: MIT
#include "app/outputs.h"

#include <fmt/format.h>

#include "app/command.h"
#include "model/conntrack/conntrack.h"
#include "model/netfilter/ipset.h"
#include "model/netfilter/xtables/table.h"

namespace pktwalk {

void add_output_options(CLI::App& command, OutputFiles& files) {
  command
      .add_option("--counters", files.counters,
                  "Write the rules with their counters, as iptables-save -c")
      ->type_name("FILE");
  command
      .add_option("--conntrack", files.conntrack,
                  "Write the connections, as conntrack -L -o extended")
      ->type_name("FILE");
  command.add_option("--ipset", files.ipset, "Write the sets, as ipset save")->type_name("FILE");
  command
      .add_option("--tc", files.tc,
                  "Write queue counters (traffic control is not walked yet: empty)")
      ->type_name("FILE");
  command.add_option("--emit", files.emit, "Write the frames that left as pcapng")
      ->type_name("FILE");
}

Result<Outputs> Outputs::open(const OutputFiles& files, const Host& host) {
  Outputs outputs(files, host);
  if (!files.emit.empty()) {
    Result<std::unique_ptr<PcapngWriter>> writer = PcapngWriter::create(files.emit);
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

Status Outputs::packet(const WalkedPacket& packet) {
  if (!writer_) return Ok{};
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
  if (writer_) {
    if (const Status done = writer_->finish(); !done) return done;
  }
  if (!files_.counters.empty()) {
    std::string text = xt::print_ruleset(*host_->iptables, &state.counters);
    text += xt::print_ruleset(*host_->ip6tables, &state.counters);
    if (const Status done = write_file(files_.counters, text); !done) return done;
  }
  if (!files_.conntrack.empty()) {
    if (const Status done =
            write_file(files_.conntrack, ct::print_table(state.conntrack, now, *host_));
        !done)
      return done;
  }
  if (!files_.ipset.empty()) {
    if (const Status done = write_file(files_.ipset, print_ipsets(*host_, state, now)); !done)
      return done;
  }
  if (!files_.tc.empty()) return write_file(files_.tc, "");
  return Ok{};
}

}  // namespace pktwalk
