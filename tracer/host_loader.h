// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include "model/core/result.h"
#include "model/host/host.h"

namespace pktwalk {

// Loads a host from folders (all files below them), files and archives (tar or zip, compressed or
// not: a support report), each recognised by its content. Names of files are kept relative to what
// the user gave. An Error: something given cannot be read at all; what is readable and not
// understood becomes a diagnostic of the host.
Result<Host> load_host_paths(const std::vector<std::string>& paths);

}  // namespace pktwalk
