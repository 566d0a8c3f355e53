// SPDX-License-Identifier: MIT
// `iptables -L`: a listing for people. It cannot be read back: options of matches are printed in
// words of their own, interfaces only with -v. Whoever brings it is told what to bring instead.
//
// Kernel: none.
// Differs: nothing known.
#include "model/parse/dump_text.h"
#include "model/parse/host_file.h"

namespace pktwalk {
namespace {

bool is_chain_line(std::string_view line) {
  return line.starts_with("Chain ") && (line.find(" (policy ") != std::string_view::npos ||
                                        line.find(" references)") != std::string_view::npos);
}

bool is_heading(std::string_view line) {
  return line.find("target") != std::string_view::npos &&
         line.find("prot opt") != std::string_view::npos &&
         line.find("destination") != std::string_view::npos;
}

struct Found {
  std::uint32_t chain = 0;  // line number of the first chain; 0: none
  bool heading = false;
};

Found look(std::string_view text) {
  Found found;
  for (std::uint32_t number = 1; !text.empty(); ++number) {
    const std::size_t end = text.find('\n');
    const std::string_view line = text.substr(0, end);
    text = end == std::string_view::npos ? "" : text.substr(end + 1);
    if (found.chain == 0 && is_chain_line(line)) found.chain = number;
    if (found.chain != 0 && is_heading(line)) {
      found.heading = true;
      break;
    }
  }
  return found;
}

int recognise(std::string_view, std::string_view text) {
  const Found found = look(text);
  return found.chain != 0 && found.heading ? 55 : 0;
}

void parse(Host& host, std::uint32_t file) {
  host.diagnostics.push_back(
      {.severity = Severity::Error,
       .at = {.file = file, .line = look(host.sources.file(file).text).chain},
       .column = 1,
       .what = "a listing of `iptables -L` does not tell all of a rule: it is left out",
       .hint = "save the rules with iptables-save"});
}

}  // namespace

extern const HostFileDef parse_iptables_list;
const HostFileDef parse_iptables_list{
    .kind = "iptables -L", .order = 120, .recognise = recognise, .parse = parse};

}  // namespace pktwalk
