// SPDX-License-Identifier: MIT
#include "app/help.h"

namespace pktwalk {

HelpFormatter::HelpFormatter() { column_width(24); }

std::string HelpFormatter::make_usage(const CLI::App* app, std::string name) const {
  std::string usage = "Usage: " + name;
  if (!app->get_subcommands({}).empty()) return usage + " COMMAND [OPTION...]\n";
  for (const CLI::Option* option : app->get_options()) {
    if (option->nonpositional() && option->get_required())
      usage += " " + option->get_name() + " " + option->get_option_text();
  }
  usage += " [OPTION...]";
  for (const CLI::Option* option : app->get_options()) {
    if (option->get_positional()) usage += " " + option->get_option_text();
  }
  return usage + "\n";
}

std::string HelpFormatter::make_option_name(const CLI::Option* option, bool is_positional) const {
  return is_positional ? option->get_option_text()
                       : CLI::Formatter::make_option_name(option, is_positional);
}

std::string HelpFormatter::make_option_opts(const CLI::Option* option) const {
  if (option->get_positional() || option->get_option_text().empty()) return {};
  return " " + option->get_option_text();
}

}  // namespace pktwalk
