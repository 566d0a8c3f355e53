// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "model/host/host.h"
#include "tracer/session.h"

namespace pktwalk {

// One packet as one JSON object without a newline, schema pktwalk/trace/1 (docs/trace-format.md).
std::string render_json(const Host& host, const WalkedPacket& packet);

}  // namespace pktwalk
