// SPDX-License-Identifier: MIT
// pktwalk ui: step through a capture on the terminal.
#include <fmt/format.h>

#include <cstdio>
#include <filesystem>
#include <memory>

#include "app/command.h"
#include "app/inputs.h"
#include "tracer/timeline.h"
#include "ui/browser.h"
#include "ui/screen.h"

namespace pktwalk {
namespace {

struct UiOptions {
  HostOptions host;
  CaptureOptions capture;
  std::string keys, size = "80x24";
  bool scripted = false, ascii = false;
};

// The screen as text after these keys: for documents and tests. "\t" is Tab, "\r" Enter.
Result<int> print_screen(Timeline& timeline, const std::string& title, const UiOptions& options) {
  int width = 0, height = 0, end = 0;
  if (std::sscanf(options.size.c_str(), "%4dx%4d%n", &width, &height, &end) != 2 ||
      options.size[static_cast<std::size_t>(end)] != '\0' || width < 1 || height < 1 ||
      width > 1000 || height > 1000) {
    return Error{
        .what = fmt::format("--size {}: expected WIDTHxHEIGHT, for example 80x24", options.size),
        .where = {},
        .hint = {}};
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

Result<int> show(const UiOptions& options) {
  const Result<Host> host = load_host(options.host);
  if (!host) return host.error();
  Result<std::unique_ptr<PacketSource>> source = open_capture(options.capture, *host);
  if (!source) return source.error();
  Result<std::unique_ptr<Timeline>> timeline =
      Timeline::load(*host, std::move(*source), options.capture.in_device);
  if (!timeline) return timeline.error();
  const auto name = [](const std::string& path) {
    std::filesystem::path p(path);
    if (!p.has_filename()) p = p.parent_path();
    return p.filename().string();
  };
  const std::string title =
      fmt::format("{} + {}", name(options.capture.path), name(options.host.paths.front()));
  if (options.scripted) return print_screen(**timeline, title, options);
  const Status shown = run_screen(**timeline, title);
  if (!shown) return shown.error();
  return kExitOk;
}

}  // namespace

void add_ui(CLI::App& app, Action& action) {
  const auto options = std::make_shared<UiOptions>();
  CLI::App* const command = app.add_subcommand("ui", "Step through a capture on the terminal");
  add_host_options(*command, options->host);
  add_capture_options(*command, options->capture, "pcap or pcapng, plain or compressed");
  command->add_option("--keys", options->keys, "Press these keys, print the screen as text, end")
      ->option_text("KEYS");
  command->add_option("--size", options->size, "Size of that screen; default 80x24")
      ->option_text("WIDTHxHEIGHT");
  command->add_flag("--ascii", options->ascii, "That screen in ASCII");
  command->footer("Keys: ? shows them, q quits. In --keys, \\t is Tab and \\r is Enter.");
  command->callback([options, command, &action] {
    options->scripted = command->count("--keys") != 0;
    action = [options] { return show(*options); };
  });
}

}  // namespace pktwalk
