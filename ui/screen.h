// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <string>

#include "model/core/result.h"
#include "tracer/timeline.h"

namespace pktwalk {

// Runs the interface on the terminal until the user quits. Leaves the terminal as it was, whatever
// ends the run. An Error: standard output is no terminal, or the terminal is unknown.
Status run_screen(Timeline& timeline, const std::string& title);

}  // namespace pktwalk
