// SPDX-License-Identifier: MIT
#include "tracer/source/compressed_file.h"

#include <archive.h>
#include <archive_entry.h>
#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <map>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>

#include "tracer/source/gzip_input.h"

namespace pktwalk {
namespace {

constexpr std::size_t kChunk = 256 * 1024;
constexpr const char* kGzip = "gzip";

struct ArchiveDeleter {
  void operator()(archive* handle) const { archive_read_free(handle); }
};
using ArchivePtr = std::unique_ptr<archive, ArchiveDeleter>;

// libarchive can also run external programs for rarer formats; a file's content must not decide
// that.
ArchivePtr new_reader() {
  ArchivePtr reader(archive_read_new());
  if (!reader) return reader;
  archive_read_support_filter_gzip(reader.get());
  archive_read_support_filter_bzip2(reader.get());
  archive_read_support_filter_xz(reader.get());
  archive_read_support_filter_lzma(reader.get());
  archive_read_support_filter_zstd(reader.get());
  archive_read_support_filter_lz4(reader.get());
  archive_read_support_filter_lzip(reader.get());
  archive_read_support_filter_compress(reader.get());
  return reader;
}

Error archive_failure(archive* reader, const std::string& name, const char* doing) {
  const char* reason = archive_error_string(reader);
  return Error{.what = fmt::format("{}: {}", doing, reason != nullptr ? reason : "unknown failure"),
               .where = {.file = name}};
}

// Feeds libarchive from a stream and gives what it decompresses as an input again.
class DecompressedInput final : public ByteInput {
 public:
  DecompressedInput(ByteStream compressed, std::string name)
      : compressed_(std::move(compressed)), name_(std::move(name)) {}

  Status open() {
    reader_ = new_reader();
    if (!reader_) return Error{.what = "out of memory", .where = {.file = name_}};
    archive_read_support_format_raw(reader_.get());
    archive_read_support_format_empty(reader_.get());
    archive_entry* entry = nullptr;
    if (archive_read_open(reader_.get(), this, nullptr, &DecompressedInput::feed, nullptr) !=
        ARCHIVE_OK) {
      return failure();
    }
    const int header = archive_read_next_header(reader_.get(), &entry);
    ended_ = header == ARCHIVE_EOF;
    if (header < ARCHIVE_WARN) return failure();
    return Ok{};
  }

  // Block by block, because archive_read_data() throws away what it has when a later block is
  // broken.
  Result<std::size_t> read(std::span<std::uint8_t> into) override {
    while (block_.empty() && !ended_) {
      const void* block = nullptr;
      std::size_t size = 0;
      la_int64_t offset = 0;
      const int status = archive_read_data_block(reader_.get(), &block, &size, &offset);
      ended_ = status == ARCHIVE_EOF;
      if (status < ARCHIVE_WARN) return failure();
      if (!ended_) block_ = {static_cast<const std::uint8_t*>(block), size};
    }
    const std::size_t count = std::min(into.size(), block_.size());
    std::copy_n(block_.data(), count, into.data());
    block_ = block_.subspan(count);
    return count;
  }

 private:
  static la_ssize_t feed(archive* reader, void* self, const void** buffer) {
    ByteStream& stream = static_cast<DecompressedInput*>(self)->compressed_;
    if (!stream.ensure(1)) {
      if (!stream.error()) return 0;
      archive_set_error(reader, EIO, "%s", stream.error()->what.c_str());
      return ARCHIVE_FATAL;
    }
    // libarchive is done with the bytes when it asks for more, and only then does the buffer move.
    const std::size_t count = stream.available();
    *buffer = stream.data();
    stream.consume(count);
    return static_cast<la_ssize_t>(count);
  }

  Error failure() {
    if (compressed_.error()) return *compressed_.error();
    return archive_failure(reader_.get(), name_, "cannot be decompressed");
  }

  ByteStream compressed_;
  std::string name_;
  bool ended_ = false;
  std::span<const std::uint8_t>
      block_;          // what libarchive has decompressed and read() not yet given
  ArchivePtr reader_;  // last: it is freed first and may still call feed()
};

// "./a//b/../c" -> "a/c". Nothing for a path that leads out of the archive. An absolute path counts
// from the archive's root.
std::optional<std::string> normalise(std::string_view path) {
  std::vector<std::string_view> parts;
  while (!path.empty()) {
    const std::size_t slash = path.find('/');
    const std::string_view part = path.substr(0, slash);
    path = slash == std::string_view::npos ? std::string_view() : path.substr(slash + 1);
    if (part.empty() || part == ".") continue;
    if (part != "..") {
      parts.push_back(part);
    } else if (parts.empty()) {
      return std::nullopt;
    } else {
      parts.pop_back();
    }
  }
  return fmt::format("{}", fmt::join(parts, "/"));
}

using Texts = std::map<std::string, std::string, std::less<>>;

// The members of an archive while it is read, and then its links.
class ArchiveContents {
 public:
  ArchiveContents(std::string name, std::uint64_t max_total_bytes)
      : name_(std::move(name)), left_(max_total_bytes), limit_(max_total_bytes) {}

  Status read_members(archive* reader);
  Result<std::vector<ArchiveMember>> with_aliases();

 private:
  Status add_member(archive* reader, archive_entry* entry);
  Status add_aliases(const std::string& link);
  Status add_alias(std::string path, const std::string& real_path, const std::string& contents);
  std::optional<std::string> resolve(std::string_view path) const;
  std::string only_top_folder() const;
  Status take(std::uint64_t bytes);

  std::string name_;
  std::uint64_t left_;
  std::uint64_t limit_;
  Texts files_;       // path -> contents
  Texts links_;       // path -> target as written
  Texts hard_links_;  // path -> path
  std::string root_;  // what "/" means in a link: the only top folder, if there is one
  std::vector<ArchiveMember> aliases_;
};

Status ArchiveContents::take(std::uint64_t bytes) {
  if (bytes > left_) {
    return Error{.what = fmt::format("the archive holds more than {} bytes", limit_),
                 .where = {.file = name_}};
  }
  left_ -= bytes;
  return Ok{};
}

std::string entry_text(const char* native, const char* utf8) {
  return native != nullptr ? native : utf8 != nullptr ? utf8 : "";
}

Status ArchiveContents::read_members(archive* reader) {
  while (true) {
    archive_entry* entry = nullptr;
    const int status = archive_read_next_header(reader, &entry);
    if (status == ARCHIVE_EOF) return Ok{};
    if (status != ARCHIVE_OK && status != ARCHIVE_WARN) {
      return archive_failure(reader, name_, "the archive cannot be read");
    }
    // A name counts as well, so that an archive of many empty files has a limit too.
    if (Status taken = take(64); !taken) return taken;
    if (Status added = add_member(reader, entry); !added) return added;
  }
}

Status ArchiveContents::add_member(archive* reader, archive_entry* entry) {
  const std::optional<std::string> path =
      normalise(entry_text(archive_entry_pathname(entry), archive_entry_pathname_utf8(entry)));
  if (!path || path->empty()) return Ok{};
  const std::string hard =
      entry_text(archive_entry_hardlink(entry), archive_entry_hardlink_utf8(entry));
  if (!hard.empty()) {
    if (std::optional<std::string> target = normalise(hard))
      hard_links_[*path] = std::move(*target);
    return Ok{};
  }
  if (archive_entry_filetype(entry) == AE_IFLNK) {
    links_[*path] = entry_text(archive_entry_symlink(entry), archive_entry_symlink_utf8(entry));
    return Ok{};
  }
  if (archive_entry_filetype(entry) != AE_IFREG) return Ok{};
  std::string contents;
  while (true) {
    const void* block = nullptr;
    std::size_t size = 0;
    la_int64_t offset = 0;
    const int status = archive_read_data_block(reader, &block, &size, &offset);
    if (status == ARCHIVE_EOF) break;
    if (status != ARCHIVE_OK && status != ARCHIVE_WARN) {
      return archive_failure(reader, name_, fmt::format("member {} cannot be read", *path).c_str());
    }
    // Sparse members leave gaps, which are zeros.
    const auto from = static_cast<std::uint64_t>(offset);
    if (from < contents.size()) continue;
    if (Status taken = take(from - contents.size() + size); !taken) return taken;
    contents.resize(from);
    contents.append(static_cast<const char*>(block), size);
  }
  files_[*path] = std::move(contents);  // of two members with one name tar extracts the later
  return Ok{};
}

// Follows every link in a path. Nothing when it leads out, in a circle, or is too long a chain.
std::optional<std::string> ArchiveContents::resolve(std::string_view path) const {
  constexpr int kMaxLinks = 40;  // as the kernel has it
  std::string rest(path);
  std::string done;
  int followed = 0;
  while (!rest.empty()) {
    const std::size_t slash = rest.find('/');
    const std::string part = rest.substr(0, slash);
    rest = slash == std::string::npos ? std::string() : rest.substr(slash + 1);
    if (part.empty() || part == ".") continue;
    if (part == "..") {
      if (done.empty()) return std::nullopt;
      const std::size_t cut = done.rfind('/');
      done = cut == std::string::npos ? std::string() : done.substr(0, cut);
      continue;
    }
    const std::string here = done.empty() ? part : done + '/' + part;
    const auto link = links_.find(here);
    if (link == links_.end()) {
      done = here;
      continue;
    }
    if (++followed > kMaxLinks) return std::nullopt;
    if (link->second.starts_with('/')) done = root_;
    rest = rest.empty() ? link->second : link->second + '/' + rest;
    if (rest.size() > 4096) return std::nullopt;
  }
  return done;
}

Status ArchiveContents::add_alias(std::string path, const std::string& real_path,
                                  const std::string& contents) {
  if (files_.contains(path)) return Ok{};
  if (Status taken = take(64 + contents.size()); !taken) return taken;
  aliases_.push_back({.path = std::move(path), .contents = contents, .real_path = real_path});
  return Ok{};
}

Status ArchiveContents::add_aliases(const std::string& link) {
  const std::optional<std::string> target = resolve(link);
  if (!target || target->empty()) return Ok{};
  if (const auto file = files_.find(*target); file != files_.end()) {
    return add_alias(link, file->first, file->second);
  }
  const std::string folder = *target + '/';
  if (link.starts_with(folder)) return Ok{};  // a link to a folder around it has no end
  for (auto file = files_.lower_bound(folder);
       file != files_.end() && file->first.starts_with(folder); ++file) {
    Status added =
        add_alias(link + '/' + file->first.substr(folder.size()), file->first, file->second);
    if (!added) return added;
  }
  return Ok{};
}

// A support archive holds a root file system below one folder named after the host.
std::string ArchiveContents::only_top_folder() const {
  if (files_.empty()) return {};
  const std::string& first = files_.begin()->first;
  const std::string folder = first.substr(0, first.find('/') + 1);
  const bool only = !folder.empty() && files_.rbegin()->first.starts_with(folder);
  return only ? folder.substr(0, folder.size() - 1) : std::string();
}

Result<std::vector<ArchiveMember>> ArchiveContents::with_aliases() {
  root_ = only_top_folder();
  for (const auto& [path, target] : hard_links_) {
    const auto file = files_.find(target);
    if (file == files_.end()) continue;
    if (Status added = add_alias(path, file->first, file->second); !added) return added.error();
  }
  for (const auto& [path, target] : links_) {
    if (Status added = add_aliases(path); !added) return added.error();
  }
  std::vector<ArchiveMember> members = std::move(aliases_);
  members.reserve(members.size() + files_.size());
  for (auto& [path, contents] : files_) {
    members.push_back({.path = path, .contents = std::move(contents), .real_path = path});
  }
  std::ranges::sort(members, {}, &ArchiveMember::path);
  return members;
}

// The name of the compression that data with these first bytes has, nullptr when it is none that
// new_reader() knows.
const char* compression_name(const ByteStream& stream) {
  struct Magic {
    std::string_view bytes;
    const char* name;
  };
  static constexpr Magic kMagics[] = {
      {{"\x1f\x8b", 2}, kGzip},
      {{"\xfd"
        "7zXZ\0",
        6},
       "xz"},
      {{"\x28\xb5\x2f\xfd", 4}, "zstd"},
      {{"BZh", 3}, "bzip2"},
      {{"\x04\x22\x4d\x18", 4}, "lz4"},
      {{"\x5d\0\0", 3}, "lzma"},
      {{"LZIP", 4}, "lzip"},
      {{"\x1f\x9d", 2}, "compress"},
  };
  const std::string_view first(reinterpret_cast<const char*>(stream.data()), stream.available());
  for (const Magic& magic : kMagics) {
    if (first.starts_with(magic.bytes)) return magic.name;
  }
  return nullptr;
}

Error out_of_memory(const std::string& name) {
  return Error{.what = "out of memory", .where = {.file = name}};
}

// An archive opened for reading its members. Only regular files are: the type of others is found by
// reading, which would use them up.
Result<ArchivePtr> open_archive(const std::string& path) {
  Result<std::unique_ptr<ByteInput>> file = open_file(path);
  if (!file) return file.error();
  ArchivePtr reader = new_reader();
  if (!reader) return out_of_memory(path);
  archive_read_support_format_tar(reader.get());
  archive_read_support_format_zip(reader.get());
  if (!(*file)->seekable() ||
      archive_read_open_filename(reader.get(), path.c_str(), kChunk) != ARCHIVE_OK) {
    return ArchivePtr();
  }
  return reader;
}

}  // namespace

Result<DecompressedStream> open_decompressed(std::unique_ptr<ByteInput> input,
                                             const std::string& name) {
  // There are files that decompress to themselves.
  constexpr int kMaxLayers = 8;
  DecompressedStream opened{.stream = ByteStream(std::move(input))};
  for (int layer = 0; layer < kMaxLayers; ++layer) {
    opened.stream.ensure(8);
    const char* compression = compression_name(opened.stream);
    if (compression == nullptr) return opened;
    if (layer == 0) opened.compression = compression;
    if (std::string_view(compression) == kGzip) {
      opened.stream = ByteStream(decompress_gzip(std::move(opened.stream), name));
      continue;
    }
    auto inner = std::make_unique<DecompressedInput>(std::move(opened.stream), name);
    if (Status started = inner->open(); !started) return started.error();
    opened.stream = ByteStream(std::move(inner));
  }
  return Error{.what = fmt::format("is compressed more than {} times over", kMaxLayers - 1),
               .where = {.file = name}};
}

Result<DecompressedStream> open_decompressed(const std::string& path) {
  Result<std::unique_ptr<ByteInput>> file = open_file(path);
  if (!file) return file.error();
  return open_decompressed(std::move(*file), display_name(path));
}

Result<std::string> read_whole_file(const std::string& path, std::uint64_t max_bytes) {
  Result<DecompressedStream> opened = open_decompressed(path);
  if (!opened) return opened.error();
  ByteStream& stream = opened->stream;
  std::string contents;
  while (stream.ensure(1)) {
    if (stream.available() > max_bytes - contents.size()) {
      return Error{.what = fmt::format("holds more than {} bytes", max_bytes),
                   .where = {.file = display_name(path)}};
    }
    contents.append(reinterpret_cast<const char*>(stream.data()), stream.available());
    stream.consume(stream.available());
  }
  if (stream.error()) return *stream.error();
  return contents;
}

Result<bool> is_archive(const std::string& path) {
  Result<ArchivePtr> reader = open_archive(path);
  if (!reader) return reader.error();
  if (*reader == nullptr) return false;
  archive_entry* entry = nullptr;
  const int status = archive_read_next_header(reader->get(), &entry);
  return status == ARCHIVE_OK || status == ARCHIVE_WARN;
}

Result<std::vector<ArchiveMember>> read_archive(const std::string& path,
                                                std::uint64_t max_total_bytes) {
  Result<ArchivePtr> reader = open_archive(path);
  if (!reader) return reader.error();
  if (*reader == nullptr) {
    return Error{.what = "is no archive, tar or zip was expected", .where = {.file = path}};
  }
  ArchiveContents contents(path, max_total_bytes);
  if (Status read = contents.read_members(reader->get()); !read) return read.error();
  return contents.with_aliases();
}

}  // namespace pktwalk
