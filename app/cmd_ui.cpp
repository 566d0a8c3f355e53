// SPDX-License-Identifier: MIT
// pktwalk ui: step through a capture on the terminal.
#include <fmt/format.h>

#include <cstdio>
#include <filesystem>
#include <memory>

#include "app/command.h"
#include "tracer/timeline.h"
#include "ui/browser.h"
#include "ui/screen.h"

namespace pktwalk {
namespace {

struct UiOptions {
  std::vector<std::string> hosts;
  std::string capture, in_device, keys, size = "80x24";
  bool scripted = false, ascii = false;
};

// The screen as text after these keys: for documents and tests. "\t" is Tab, "\r" Enter.
int print_screen(Timeline& timeline, const std::string& title, const UiOptions& options) {
  int width = 0, height = 0;
  if (std::sscanf(options.size.c_str(), "%dx%d", &width, &height) != 2 || width < 1 || height < 1 ||
      width > 1000 || height > 1000) {
    print_error(
        {.what = fmt::format("--size {}: expected WIDTHxHEIGHT, for example 80x24", options.size),
         .where = {},
         .hint = {}});
    return kExitInput;
  }
  Browser browser(timeline, title, options.ascii);
  Surface surface(width, height);
  browser.draw(surface);
  for (std::size_t i = 0; i < options.keys.size(); ++i) {
    auto key = static_cast<std::uint32_t>(static_cast<unsigned char>(options.keys[i]));
    if (key == '\\' && i + 1 < options.keys.size()) {
      ++i;
      key = options.keys[i] == 't'   ? kKeyTab
            : options.keys[i] == 'r' ? kKeyEnter
                                     : static_cast<std::uint32_t>(options.keys[i]);
    }
    if (!browser.key(key)) break;
    browser.draw(surface);
  }
  fmt::print("{}", surface.text());
  return kExitOk;
}

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
  if (options.scripted) return print_screen(**timeline, title, options);
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
  command
      ->add_option("--keys", options->keys, "Press these keys, print the screen as text, and end")
      ->type_name("KEYS");
  command->add_option("--size", options->size, "Of the printed screen; default 80x24")
      ->type_name("WxH");
  command->add_flag("--ascii", options->ascii, "Only ASCII characters in the printed screen");
  command->callback([options, command, &action] {
    options->scripted = command->count("--keys") != 0;
    action = [options] { return show(*options); };
  });
}

}  // namespace pktwalk
