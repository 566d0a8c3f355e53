// SPDX-License-Identifier: MIT
// pktwalk packet: one made-up packet walks.
#include <fmt/format.h>

#include <chrono>
#include <memory>
#include <sstream>

#include "app/command.h"
#include "app/outputs.h"
#include "model/path/walk.h"
#include "tracer/craft.h"
#include "tracer/render_json.h"
#include "tracer/render_text.h"

namespace pktwalk {
namespace {

struct PacketOptions {
  std::vector<std::string> hosts;
  std::vector<std::string> words;
  std::uint32_t repeat = 1;
  bool jsonl = false, minimal = false, detailed = false, verbose = false;
  OutputFiles files;
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

int packet(const PacketOptions& options) {
  std::optional<Host> host = load_host_or_say(options.hosts, options.verbose);
  if (!host) return kExitInput;
  Result<CraftedPacket> crafted = craft(*host, split(options.words));
  if (!crafted) {
    print_error(crafted.error());
    return kExitInput;
  }
  Result<Outputs> outputs = Outputs::open(options.files, *host);
  if (!outputs) {
    print_error(outputs.error());
    return kExitInput;
  }
  State state = *host->initial;
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  Time time{std::chrono::duration_cast<std::chrono::nanoseconds>(now).count()};
  bool unknown = false;
  for (std::uint32_t n = 1; n <= options.repeat; ++n) {
    const Skb& skb = crafted->skb;
    WalkedPacket walked;
    walked.header = {
        .number = n,
        .time = time,
        .dev = skb.dev,
        .wire_length = static_cast<std::uint32_t>(skb.has_mac ? skb.data.size() : skb.len()),
        .captured = static_cast<std::uint32_t>(skb.has_mac ? skb.data.size() : skb.len()),
        .comment = {}};
    walked.captured_l3.assign(skb.l3().begin(), skb.l3().end());
    Recorder recorder(walked.trace);
    state.conntrack.expire(time);
    Walk walk(*host, state, time, &recorder);
    walked.result = crafted->outgoing ? walk.send(skb) : walk.receive(skb);
    walked.trace.result = walked.result;
    unknown |= walked.result.disposition == Disposition::Unknown;
    const TextLevel level = options.minimal    ? TextLevel::Minimal
                            : options.detailed ? TextLevel::Detailed
                                               : TextLevel::Normal;
    fmt::print("{}", options.jsonl ? render_json(*host, walked) + "\n"
                                   : render_text(*host, walked, level));
    if (const Status written = outputs->packet(walked); !written) {
      print_error(written.error());
      return kExitInput;
    }
  }
  if (const Status written = outputs->finish(state, time); !written) {
    print_error(written.error());
    return kExitInput;
  }
  return unknown ? kExitUnknown : kExitOk;
}

}  // namespace

void add_packet(CLI::App& app, Action& action) {
  const auto options = std::make_shared<PacketOptions>();
  CLI::App* const command = app.add_subcommand("packet", "Walk one made-up packet");
  command
      ->add_option("--host", options->hosts,
                   "Folder, file or archive with the host's dumps; repeatable")
      ->required()
      ->allow_extra_args(false)
      ->type_name("PATH");
  command->add_option("words", options->words, "The packet in words, see below")
      ->required()
      ->type_name("WORD");
  command->add_option("--repeat", options->repeat, "Send it so many times")
      ->check(CLI::Range(1, 100000))
      ->type_name("N");
  CLI::Option* const jsonl =
      command->add_flag("--jsonl", options->jsonl, "One JSON object a packet");
  CLI::Option* const minimal =
      command->add_flag("--minimal", options->minimal, "One line a packet");
  CLI::Option* const detailed =
      command->add_flag("--detailed", options->detailed, "Every rule tried, with each term");
  jsonl->excludes(minimal)->excludes(detailed);
  minimal->excludes(detailed);
  command->add_flag("-v,--verbose", options->verbose, "Show warnings about the dumps");
  add_output_options(*command, options->files);
  command->footer(craft_help());
  command->callback([options, &action] { action = [options] { return packet(*options); }; });
}

}  // namespace pktwalk
