// SPDX-License-Identifier: MIT
#include "tracer/host_loader.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "model/parse/host_file.h"
#include "tracer/source/compressed_file.h"

namespace pktwalk {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kMaxFile = std::uint64_t{256} << 20;      // one dump
constexpr std::uint64_t kMaxArchive = std::uint64_t{1024} << 20;  // all dumps of an archive

Error failure(const std::string& path, std::string what, std::string hint = {}) {
  return {.what = std::move(what), .where = {path, 0, 0, -1}, .hint = std::move(hint)};
}

// Captures, databases and the like are full of control characters: dumps are text, though a byte of
// it may be damaged.
bool is_binary(std::string_view contents) {
  const std::string_view begin = contents.substr(0, 4096);
  const auto controls = std::count_if(begin.begin(), begin.end(), [](char c) {
    return (static_cast<unsigned char>(c) < ' ' && c != '\n' && c != '\r' && c != '\t') ||
           c == 0x7f;
  });
  return static_cast<std::size_t>(controls) * 50 > begin.size();
}

void add_text(std::vector<HostText>& texts, std::string name, std::string contents) {
  const bool utf16 = contents.starts_with("\xff\xfe") || contents.starts_with("\xfe\xff");
  const bool binary = is_binary(contents);
  if (binary) contents.clear();
  texts.push_back({std::move(name), std::move(contents),
                   utf16    ? "UTF-16, not UTF-8: convert it first (iconv -f UTF-16 -t UTF-8)"
                   : binary ? "no text"
                            : ""});
}

Status add_file(std::vector<HostText>& texts, const fs::path& path, std::string name) {
  Result<std::string> contents = read_whole_file(path.string(), kMaxFile);
  if (!contents) return contents.error();
  add_text(texts, std::move(name), std::move(*contents));
  return Ok{};
}

Status add_folder(std::vector<HostText>& texts, const fs::path& folder) {
  std::error_code error;
  std::vector<fs::path> files;
  fs::recursive_directory_iterator at(folder, fs::directory_options::skip_permission_denied, error);
  if (error)
    return failure(folder.string(), fmt::format("cannot read the folder: {}", error.message()));
  for (const fs::recursive_directory_iterator end; at != end; at.increment(error)) {
    if (error)
      return failure(folder.string(), fmt::format("cannot read the folder: {}", error.message()));
    if (at->is_regular_file(error)) files.push_back(at->path());
  }
  std::sort(files.begin(), files.end());
  for (const fs::path& file : files) {
    if (const Status added = add_file(texts, file, file.lexically_relative(folder).string());
        !added)
      return added;
  }
  return Ok{};
}

Status add_archive(std::vector<HostText>& texts, const std::string& path) {
  Result<std::vector<ArchiveMember>> members = read_archive(path, kMaxArchive);
  if (!members) return members.error();
  for (ArchiveMember& member : *members) {
    if (!member.is_alias()) add_text(texts, std::move(member.path), std::move(member.contents));
  }
  return Ok{};
}

Status add_path(std::vector<HostText>& texts, const std::string& path) {
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (path != "-" && !fs::exists(status)) return failure(path, "no such file or folder");
  if (fs::is_directory(status)) return add_folder(texts, path);
  if (path != "-") {
    const Result<bool> archive = is_archive(path);
    if (!archive) return archive.error();
    if (*archive) return add_archive(texts, path);
  }
  return add_file(texts, path, fs::path(path).filename().string());
}

}  // namespace

Result<Host> load_host_paths(const std::vector<std::string>& paths) {
  std::vector<HostText> texts;
  for (const std::string& path : paths) {
    if (const Status added = add_path(texts, path); !added) return added.error();
  }
  return load_host(std::move(texts));
}

}  // namespace pktwalk
