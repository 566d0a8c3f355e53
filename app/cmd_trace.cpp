// SPDX-License-Identifier: MIT
// pktwalk trace: a capture walks, and each packet's story is printed as text or JSON.
#include <fmt/format.h>

#include <cstdio>
#include <memory>

#include "app/command.h"
#include "app/outputs.h"
#include "tracer/render_json.h"
#include "tracer/render_text.h"
#include "tracer/session.h"
#include "tracer/source/packet_source.h"

namespace pktwalk {
namespace {

struct TraceOptions {
  std::vector<std::string> hosts;
  std::string capture;
  std::string in_device;
  std::string kernel = "modern";
  bool jsonl = false, minimal = false, detailed = false, verbose = false;
  OutputFiles files;
};

int trace(const TraceOptions& options) {
  if (options.kernel != "modern") {
    print_error(
        {.what = fmt::format("--kernel {}: only \"modern\" is modelled yet", options.kernel),
         .where = {},
         .hint = {}});
    return kExitInput;
  }
  std::optional<Host> host = load_host_or_say(options.hosts, options.verbose);
  if (!host) return kExitInput;
  if (!options.in_device.empty() && host->link(options.in_device) == nullptr) {
    print_error({.what = fmt::format("--in {}: the host has no such device", options.in_device),
                 .where = {},
                 .hint = {}});
    return kExitInput;
  }
  Result<std::unique_ptr<PacketSource>> source = open_capture(options.capture);
  if (!source) {
    print_error(source.error());
    return kExitInput;
  }
  Result<Outputs> outputs = Outputs::open(options.files, *host);
  if (!outputs) {
    print_error(outputs.error());
    return kExitInput;
  }
  Session session(*host, std::move(*source), options.in_device);
  const TextLevel level = options.minimal    ? TextLevel::Minimal
                          : options.detailed ? TextLevel::Detailed
                                             : TextLevel::Normal;
  bool unknown = false;
  bool failed = false;
  WalkedPacket packet;
  for (;;) {
    const Result<bool> more = session.next(packet, true);
    if (!more) {
      Error error = more.error();
      if (error.where.file.empty()) error.where.file = options.capture;
      print_error(error);
      failed = true;
      break;
    }
    if (!*more) break;
    unknown |= packet.result.disposition == Disposition::Unknown;
    std::string text =
        options.jsonl ? render_json(*host, packet) + "\n" : render_text(*host, packet, level);
    if (!options.jsonl && !options.minimal) text += '\n';
    std::fwrite(text.data(), 1, text.size(), stdout);
    if (const Status written = outputs->packet(packet); !written) {
      print_error(written.error());
      return kExitInput;
    }
  }
  std::fflush(stdout);
  if (const Status written = outputs->finish(session.state(), session.now()); !written) {
    print_error(written.error());
    return kExitInput;
  }
  return failed ? kExitInput : unknown ? kExitUnknown : kExitOk;
}

}  // namespace

void add_trace(CLI::App& app, Action& action) {
  const auto options = std::make_shared<TraceOptions>();
  CLI::App* const command =
      app.add_subcommand("trace", "Walk a capture and print each packet's path");
  command
      ->add_option("--host", options->hosts,
                   "Folder, file or archive with the host's dumps; repeatable")
      ->required()
      ->allow_extra_args(false)
      ->type_name("PATH");
  command
      ->add_option("capture", options->capture,
                   "pcap or pcapng, plain or compressed; - is standard input")
      ->required()
      ->type_name("CAPTURE");
  command->add_option("--in", options->in_device, "Arrival device when the capture does not tell")
      ->type_name("DEV");
  command->add_option("--kernel", options->kernel, "Profile: modern (default)")
      ->type_name("PROFILE");
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
  command->callback([options, &action] { action = [options] { return trace(*options); }; });
}

}  // namespace pktwalk
