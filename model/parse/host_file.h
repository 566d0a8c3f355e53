// SPDX-License-Identifier: MIT
// A reader of one kind of dump. Each is a file parse/parse_X.cpp that defines `const HostFileDef
// parse_X`; the loader asks all of them which one knows a file by its content.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "model/core/registry.h"
#include "model/host/host.h"

namespace pktwalk {

struct HostFileDef {
  std::string_view kind;  // what a person calls it: "iptables-save", "ip -j -d link", "sysctl -a"
  // Files are parsed in ascending order, so that links are known before addresses, ipsets before
  // iptables.
  std::uint8_t order = 100;
  // How sure this reader is that the text is its own: 0 no, 1..100. `name` is the file's name, to
  // be used only as a tie-break or for empty files.
  int (*recognise)(std::string_view name, std::string_view text) = nullptr;
  // Reads sources.file(file) into the host. What it does not know becomes a Diagnostic with line
  // and column; the rest is still loaded.
  void (*parse)(Host& host, std::uint32_t file) = nullptr;
};

template <>
std::span<const HostFileDef* const> registered<HostFileDef>();

// One text with its name, as the loader found it in a folder, file or archive.
struct HostText {
  std::string name;
  std::string text;
  // What it is instead ("no text"): it is told and left out. Empty: a text.
  std::string not_text = {};
};

// Recognises and parses all texts, then finish_host(). Texts that nobody knows become a diagnostic
// each.
Host load_host(std::vector<HostText> texts);

}  // namespace pktwalk
