// SPDX-License-Identifier: MIT
// pktwalk trace: a capture walks, and each packet's story is printed as text or JSON.
#include <memory>

#include "app/command.h"
#include "app/inputs.h"
#include "app/outputs.h"
#include "tracer/session.h"

namespace pktwalk {
namespace {

struct TraceOptions {
  HostOptions host;
  CaptureOptions capture;
  OutputOptions outputs;
};

Result<int> trace(const TraceOptions& options) {
  Result<Host> host = load_host(options.host);
  if (!host) return host.error();
  Result<std::unique_ptr<PacketSource>> source = open_capture(options.capture, *host);
  if (!source) return source.error();
  Result<Outputs> outputs = Outputs::open(options.outputs, *host);
  if (!outputs) return outputs.error();
  Session session(*host, std::move(*source), options.capture.in_device);
  // A capture that is broken somewhere is walked up to there, and the files tell of what was
  // walked.
  std::optional<Error> broken;
  WalkedPacket packet;
  for (;;) {
    const Result<bool> more = session.next(packet, true);
    if (!more) {
      broken = more.error();
      if (broken->where.file.empty()) broken->where.file = options.capture.path;
      break;
    }
    if (!*more) break;
    if (const Status done = outputs->packet(packet); !done) return done.error();
  }
  if (const Status done = outputs->finish(session.state(), session.now()); !done)
    return done.error();
  if (broken) return *broken;
  return outputs->any_unknown() ? kExitUnknown : kExitOk;
}

}  // namespace

void add_trace(CLI::App& app, Action& action) {
  const auto options = std::make_shared<TraceOptions>();
  CLI::App* const command =
      app.add_subcommand("trace", "Walk a capture and print each packet's path");
  add_host_options(*command, options->host);
  add_capture_options(*command, options->capture,
                      "pcap or pcapng, plain or compressed; - is standard input");
  add_verbose_option(*command, options->host);
  add_output_options(*command, options->outputs);
  command->footer(
      "Exit status: 0 walked; 2 wrong usage or input; 3 walked, some packet is unknown.");
  command->callback([options, &action] { action = [options] { return trace(*options); }; });
}

}  // namespace pktwalk
