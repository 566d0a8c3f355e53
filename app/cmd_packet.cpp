// SPDX-License-Identifier: MIT
// pktwalk packet: one made-up packet walks.
#include <chrono>
#include <memory>
#include <sstream>

#include "app/command.h"
#include "app/inputs.h"
#include "app/outputs.h"
#include "model/path/walk.h"
#include "tracer/craft.h"

namespace pktwalk {
namespace {

struct PacketOptions {
  HostOptions host;
  std::vector<std::string> words;
  std::uint32_t repeat = 1;
  OutputOptions outputs;
};

// One quoted sentence is as good as many words.
std::vector<std::string> split(const std::vector<std::string>& given) {
  std::vector<std::string> words;
  for (const std::string& text : given) {
    std::istringstream stream(text);
    for (std::string word; stream >> word;) words.push_back(word);
  }
  return words;
}

WalkedPacket walk(const Host& host, State& state, Time time, const CraftedPacket& crafted) {
  const Skb& skb = crafted.skb;
  const auto length = static_cast<std::uint32_t>(skb.has_mac ? skb.data.size() : skb.len());
  WalkedPacket walked;
  walked.header.time = time;
  walked.header.dev = skb.dev;
  walked.header.wire_length = walked.header.captured = length;
  walked.captured_l3.assign(skb.l3().begin(), skb.l3().end());
  state.conntrack.expire(time);
  Recorder recorder(walked.trace);
  Walk walk(host, state, time, &recorder);
  walked.result = crafted.outgoing ? walk.send(skb) : walk.receive(skb);
  walked.trace.result = walked.result;
  return walked;
}

Result<int> packet(const PacketOptions& options) {
  Result<Host> host = load_host(options.host);
  if (!host) return host.error();
  const Result<CraftedPacket> crafted = craft(*host, split(options.words));
  if (!crafted) return crafted.error();
  Result<Outputs> outputs = Outputs::open(options.outputs, *host);
  if (!outputs) return outputs.error();
  State state = *host->initial;
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  const Time time{std::chrono::duration_cast<std::chrono::nanoseconds>(now).count()};
  for (std::uint32_t n = 1; n <= options.repeat; ++n) {
    WalkedPacket walked = walk(*host, state, time, *crafted);
    walked.header.number = n;
    if (const Status done = outputs->packet(walked); !done) return done.error();
  }
  if (const Status done = outputs->finish(state, time); !done) return done.error();
  return outputs->any_unknown() ? kExitUnknown : kExitOk;
}

}  // namespace

void add_packet(CLI::App& app, Action& action) {
  const auto options = std::make_shared<PacketOptions>();
  CLI::App* const command = app.add_subcommand("packet", "Walk one made-up packet");
  add_host_options(*command, options->host);
  command->add_option("WORD", options->words, "The packet in words, see below")
      ->required()
      ->option_text("WORD...");
  command->add_option("--repeat", options->repeat, "Send it so many times")
      ->check(CLI::Range(1, 100000))
      ->option_text("N");
  add_verbose_option(*command, options->host);
  add_output_options(*command, options->outputs);
  command->footer(craft_help());
  command->callback([options, &action] { action = [options] { return packet(*options); }; });
}

}  // namespace pktwalk
