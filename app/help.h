// SPDX-License-Identifier: MIT
// How --help looks.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

namespace pktwalk {

// An option shows its option_text() and nothing else; the usage line names what is required.
class HelpFormatter final : public CLI::Formatter {
 public:
  HelpFormatter();
  std::string make_usage(const CLI::App* app, std::string name) const override;
  std::string make_option_name(const CLI::Option* option, bool is_positional) const override;
  std::string make_option_opts(const CLI::Option* option) const override;
};

}  // namespace pktwalk
