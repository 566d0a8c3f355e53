// SPDX-License-Identifier: MIT
// `ip link`, `ip -d link`, `ip -j -d link`, `ip -o link`: the devices.
#include "model/parse/host_file.h"
#include "model/parse/links.h"

namespace pktwalk {
namespace {

bool is_link_line(std::string_view line) {
  if (dump::LinkReader::is_header(line)) return true;
  const std::size_t first = line.find_first_not_of(" \t");
  return first != std::string_view::npos && line.substr(first).starts_with("link/");
}

int recognise(std::string_view name, std::string_view text) {
  if (dump::is_blank(text))
    return dump::plain_name(name).find("ip-link") != std::string::npos ? 50 : 0;
  if (json::looks_like_json(text)) {
    const std::string_view head = text.substr(0, 4096);
    const bool links = head.find("\"ifname\"") != std::string_view::npos &&
                       head.find("\"link_type\"") != std::string_view::npos;
    return links && text.find("\"addr_info\"") == std::string_view::npos ? 90 : 0;
  }
  return dump::score_lines(text, is_link_line, 70);
}

void parse_json(Host& host, std::uint32_t file, dump::LinkReader& links) {
  json::Problem problem;
  const auto root = json::parse(host.sources.file(file).text, problem);
  if (!root) {
    host.diagnostics.push_back({.at = {file, problem.line},
                                .column = problem.column,
                                .what = problem.what,
                                .hint = "expected the output of: ip -j -d link"});
    return;
  }
  for (const json::Value& item : root->items) links.object(item, {file, item.line});
}

void parse(Host& host, std::uint32_t file) {
  host.has_links = true;
  dump::LinkReader links(host);
  if (json::looks_like_json(host.sources.file(file).text)) {
    parse_json(host, file, links);
  } else {
    dump::Reader in(host, file);
    while (in.next()) {
      if (!links.header(in) && !links.detail(in)) {
        in.warn_line("this line of ip link is not understood");
      }
    }
  }
  links.finish();
}

}  // namespace

extern const HostFileDef parse_ip_link;
const HostFileDef parse_ip_link{
    .kind = "ip link", .order = 20, .recognise = recognise, .parse = parse};

}  // namespace pktwalk
