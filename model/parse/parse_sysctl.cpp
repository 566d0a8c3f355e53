// SPDX-License-Identifier: MIT
// `sysctl -a`, `sysctl net.ipv4`, and files like /etc/sysctl.conf.
#include <algorithm>

#include "model/parse/dump_text.h"
#include "model/parse/host_file.h"

namespace pktwalk {
namespace {

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\r");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r") - first + 1);
}

bool is_name(std::string_view text) {
  if (text.find_first_of("./") == std::string_view::npos ||
      text.find(' ') != std::string_view::npos) {
    return false;
  }
  // The trees of /proc/sys. net.* decides here, the others prove that this is a sysctl dump.
  for (const std::string_view tree : {"net", "kernel", "vm", "fs", "dev", "user", "abi", "debug",
                                      "crypto", "sunrpc", "sysctl", "fscache", "xen"}) {
    if (text.starts_with(tree) && text.size() > tree.size() &&
        (text[tree.size()] == '.' || text[tree.size()] == '/')) {
      return true;
    }
  }
  return false;
}

struct Setting {
  std::string_view name;
  std::string_view value;
};

// "name = value"; the leading "-" of sysctl.conf (errors are ignored) is left out.
std::optional<Setting> setting(std::string_view line) {
  const std::size_t equals = line.find('=');
  if (equals == std::string_view::npos) return std::nullopt;
  std::string_view name = trimmed(line.substr(0, equals));
  if (name.starts_with('-')) name = trimmed(name.substr(1));
  if (!is_name(name)) return std::nullopt;
  return Setting{name, trimmed(line.substr(equals + 1))};
}

// With dots between the parts, and a slash where a device's name has a dot: as `sysctl -a` prints.
std::string canonical(std::string_view name) {
  std::string out(name);
  const std::size_t first = out.find_first_of("./");
  if (first == std::string::npos || out[first] == '.') return out;
  for (char& c : out) {
    if (c == '/') {
      c = '.';
    } else if (c == '.') {
      c = '/';
    }
  }
  return out;
}

bool is_setting_line(std::string_view line) { return setting(line).has_value(); }

int recognise(std::string_view name, std::string_view text) {
  if (dump::is_blank(text)) {
    return dump::plain_name(name).find("sysctl") != std::string::npos ? 50 : 0;
  }
  if (const int score = dump::score_lines(text, is_setting_line, 85); score > 0) return score;
  // A sysctl.conf often begins with more comments than anybody looks at.
  if (dump::plain_name(name).find("sysctl") == std::string::npos) return 0;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    if (is_setting_line(text.substr(begin, end - begin))) return 60;
    begin = end + 1;
  }
  return 0;
}

// Errors that sysctl writes between its lines: "sysctl: permission denied on key 'fs.protected'".
bool is_remark(std::string_view line) {
  return line.starts_with("sysctl:") || line.starts_with("error:") || line.starts_with(';') ||
         line.starts_with("* Applying") || line.starts_with("/");
}

void parse(Host& host, std::uint32_t file) {
  dump::Reader in(host, file);
  while (in.next()) {
    if (const auto found = setting(in.line())) {
      host.sysctl_texts.set(canonical(found->name), std::string(found->value), in.at());
    } else if (!is_remark(trimmed(in.line()))) {
      in.warn_line("a setting is expected, for example net.ipv4.ip_forward = 1");
    }
  }
}

}  // namespace

extern const HostFileDef parse_sysctl;
const HostFileDef parse_sysctl{
    .kind = "sysctl", .order = 10, .recognise = recognise, .parse = parse};

}  // namespace pktwalk
