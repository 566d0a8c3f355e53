// SPDX-License-Identifier: MIT
// A packet's walk as text.
#pragma once

#include <cstdint>
#include <string>

#include "model/host/host.h"
#include "tracer/session.h"

namespace pktwalk {

// Minimal: one line a packet, stable for regression tests. Normal: what decided or changed
// something at each stage. Detailed: every rule and route tried, with each term.
enum class TextLevel : std::uint8_t { Minimal, Normal, Detailed };

// Ends with a newline. Texts of rules, comments and names are made printable.
std::string render_text(const Host& host, const WalkedPacket& packet, TextLevel level);

}  // namespace pktwalk
