// SPDX-License-Identifier: MIT
#include "model/core/result.h"

namespace pktwalk {

std::string to_string(const Error& error) {
  std::string text = error.where.file;
  if (error.where.line != 0) {
    text += ":" + std::to_string(error.where.line);
    if (error.where.column != 0) text += ":" + std::to_string(error.where.column);
  } else if (error.where.offset >= 0) {
    text += ": offset " + std::to_string(error.where.offset);
  }
  if (!text.empty()) text += ": ";
  text += error.what;
  if (!error.hint.empty()) text += " (" + error.hint + ")";
  return text;
}

}  // namespace pktwalk
