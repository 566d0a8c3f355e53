// SPDX-License-Identifier: MIT
#include "tracer/source/new_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <utility>

namespace pktwalk {
namespace {

constexpr int kNames = 100;  // of partial files that are tried

// The file that a path names after all links, so that renaming replaces the file and not the link.
std::string real_target(const std::string& path) {
  char* resolved = ::realpath(path.c_str(), nullptr);
  if (resolved == nullptr) return path;
  std::string real(resolved);
  std::free(resolved);
  return real;
}

std::string folder_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string::npos ? "." : path.substr(0, slash + 1);
}

// The process id keeps two runs apart.
std::string partial_name(const std::string& target, int attempt) {
  return fmt::format("{}.{}-{}.partial", target, ::getpid(), attempt);
}

}  // namespace

Error NewFile::failure() const {
  return {.what = fmt::format("cannot be written: {}", std::strerror(errno)),
          .where = {.file = path_}};
}

Result<std::unique_ptr<NewFile>> NewFile::create(const std::string& path) {
  std::unique_ptr<NewFile> file(new NewFile(path, path == "-" ? path : real_target(path)));
  struct stat status {};
  const bool exists = path != "-" && ::stat(file->target_.c_str(), &status) == 0;
  if (exists && S_ISDIR(status.st_mode)) {
    return Error{.what = "is a folder, a file to write was expected", .where = {.file = path}};
  }
  const bool opened = path == "-" || (exists && !S_ISREG(status.st_mode))
                          ? file->open_direct()
                          : file->open_unnamed() || file->open_partial();
  if (!opened) return file->failure();
  return file;
}

bool NewFile::open_direct() {
  descriptor_ = path_ == "-" ? ::fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 0)
                             : ::open(target_.c_str(), O_WRONLY | O_CLOEXEC | O_NOCTTY);
  return descriptor_ >= 0;
}

bool NewFile::open_unnamed() {
  if (::access("/proc/self/fd", X_OK) != 0) return false;  // the name is given through it
  descriptor_ = ::open(folder_of(target_).c_str(), O_TMPFILE | O_WRONLY | O_CLOEXEC, 0666);
  unnamed_ = descriptor_ >= 0;
  return unnamed_;
}

bool NewFile::open_partial() {
  for (int attempt = 0; attempt < kNames && descriptor_ < 0; ++attempt) {
    partial_ = partial_name(target_, attempt);
    // O_EXCL: nothing existing is taken.
    descriptor_ = ::open(partial_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (descriptor_ < 0 && errno != EEXIST) break;
  }
  if (descriptor_ < 0) partial_.clear();
  return descriptor_ >= 0;
}

// A link cannot replace a file, a rename can.
bool NewFile::give_name() {
  const std::string self = fmt::format("/proc/self/fd/{}", descriptor_);
  for (int attempt = 0; attempt < kNames; ++attempt) {
    const std::string name = partial_name(target_, attempt);
    if (::linkat(AT_FDCWD, self.c_str(), AT_FDCWD, name.c_str(), AT_SYMLINK_FOLLOW) == 0) {
      partial_ = name;
      return true;
    }
    if (errno != EEXIST) break;
  }
  return false;
}

NewFile::~NewFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
  if (!partial_.empty()) ::unlink(partial_.c_str());
}

Status NewFile::write(std::span<const std::uint8_t> bytes) {
  PKTWALK_ASSERT(descriptor_ >= 0);
  std::size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t wrote = ::write(descriptor_, bytes.data() + done, bytes.size() - done);
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote < 0) return failure();
    done += static_cast<std::size_t>(wrote);
  }
  return Ok{};
}

Status NewFile::write(std::string_view text) {
  return write({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
}

Status NewFile::finish() {
  PKTWALK_ASSERT(descriptor_ >= 0);
  if (unnamed_ && !give_name()) return failure();
  // A full disk may show only here.
  if (::close(std::exchange(descriptor_, -1)) != 0) return failure();
  if (!partial_.empty() && std::rename(partial_.c_str(), target_.c_str()) != 0) return failure();
  partial_.clear();
  return Ok{};
}

}  // namespace pktwalk
