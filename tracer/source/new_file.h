// SPDX-License-Identifier: MIT
// NewFile: an output that appears under its name when it is complete, or not at all.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "model/core/result.h"

namespace pktwalk {

// What is written has no name until finish(); where the file system cannot do that it lies beside
// the target as NAME.PID-N.partial. Without finish() nothing is left behind, and what was there
// before stays. A link stays a link: its target is replaced. "-" is standard output; it and targets
// that are no regular files (a pipe, /dev/null) are written directly.
class NewFile {
 public:
  // Fails when the target cannot be written at all.
  static Result<std::unique_ptr<NewFile>> create(const std::string& path);
  NewFile(const NewFile&) = delete;
  NewFile& operator=(const NewFile&) = delete;
  ~NewFile();

  // Every call is one write to the system. Fails when the disk does.
  Status write(std::span<const std::uint8_t> bytes);
  Status write(std::string_view text);
  // Completes the file. Nothing may be written afterwards.
  Status finish();

 private:
  NewFile(std::string path, std::string target)
      : path_(std::move(path)), target_(std::move(target)) {}
  bool open_direct();
  bool open_unnamed();
  bool open_partial();
  bool give_name();
  Error failure() const;

  std::string path_;     // as the user gave it
  std::string target_;   // after all links
  std::string partial_;  // its name until it is complete; empty: none
  bool unnamed_ = false;
  int descriptor_ = -1;
};

}  // namespace pktwalk
