// SPDX-License-Identifier: MIT
// {"ports": ["eth0", ...]}: a note that recorded hosts carry about themselves. It says nothing that
// the dumps do not say.
#include "model/parse/dump_text.h"
#include "model/parse/host_file.h"
#include "model/parse/json.h"

namespace pktwalk {
namespace {

int recognise(std::string_view, std::string_view text) {
  if (!json::looks_like_json(text) || text.size() > 65536) return 0;
  json::Problem problem;
  const auto root = json::parse(text, problem);
  const json::Value* ports = root ? root->find("ports") : nullptr;
  return ports != nullptr && ports->kind == json::Kind::Array ? 70 : 0;
}

void parse(Host&, std::uint32_t) {}

}  // namespace

extern const HostFileDef parse_about_json;
const HostFileDef parse_about_json{
    .kind = "about", .order = 1, .recognise = recognise, .parse = parse};

}  // namespace pktwalk
