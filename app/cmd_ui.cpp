// SPDX-License-Identifier: MIT
// pktwalk ui: step through a capture on the terminal.
#include <fmt/format.h>

#include <filesystem>
#include <memory>

#include "app/command.h"
#include "tracer/timeline.h"
#include "ui/screen.h"

namespace pktwalk {
namespace {

struct UiOptions {
  std::vector<std::string> hosts;
  std::string capture, in_device;
};

int show(const UiOptions& options) {
  std::optional<Host> host = load_host_or_say(options.hosts, false);
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
  Result<std::unique_ptr<Timeline>> timeline =
      Timeline::load(*host, std::move(*source), options.in_device);
  if (!timeline) {
    print_error(timeline.error());
    return kExitInput;
  }
  const auto name = [](const std::string& path) {
    std::filesystem::path p(path);
    if (!p.has_filename()) p = p.parent_path();
    return p.filename().string();
  };
  const std::string title =
      fmt::format("{} + {}", name(options.capture), name(options.hosts.front()));
  const Status shown = run_screen(**timeline, title);
  if (!shown) {
    print_error(shown.error());
    return kExitInput;
  }
  return kExitOk;
}

}  // namespace

void add_ui(CLI::App& app, Action& action) {
  const auto options = std::make_shared<UiOptions>();
  CLI::App* const command = app.add_subcommand("ui", "Step through a capture on the terminal");
  command
      ->add_option("--host", options->hosts,
                   "Folder, file or archive with the host's dumps; repeatable")
      ->required()
      ->allow_extra_args(false)
      ->type_name("PATH");
  command->add_option("capture", options->capture, "pcap or pcapng, plain or compressed")
      ->required()
      ->type_name("CAPTURE");
  command->add_option("--in", options->in_device, "Arrival device when the capture does not tell")
      ->type_name("DEV");
  command->callback([options, &action] { action = [options] { return show(*options); }; });
}

}  // namespace pktwalk
