// SPDX-License-Identifier: MIT
// conntrack -L, with or without -o extended, and /proc/net/nf_conntrack: a connection a line.
#include "model/parse/host_file.h"

namespace pktwalk {
namespace {

bool is_connection(std::string_view line) {
  return line.find("src=") != std::string_view::npos &&
         line.find("dst=") != std::string_view::npos && line.find("src=") != line.rfind("src=");
}

int recognise(std::string_view name, std::string_view text) {
  if (text.empty()) return name.find("conntrack") != std::string_view::npos ? 60 : 0;
  return is_connection(text.substr(0, text.find('\n'))) ? 90 : 0;
}

void parse(Host& host, std::uint32_t file) {
  const SourceFile& source = host.sources.file(file);
  for (std::uint32_t n = 1; n <= source.line_count(); ++n) {
    const std::string_view line = source.line(n);
    if (line.empty() || line.starts_with("conntrack v")) continue;
    if (is_connection(line)) {
      host.connections.push_back({line, {file, n}});
    } else {
      host.diagnostics.push_back({.severity = Severity::Warning,
                                  .at = {file, n},
                                  .what = "not a connection as conntrack -L prints it"});
    }
  }
}

}  // namespace

extern const HostFileDef parse_conntrack;
const HostFileDef parse_conntrack{
    .kind = "conntrack -L", .order = 90, .recognise = recognise, .parse = parse};

}  // namespace pktwalk
