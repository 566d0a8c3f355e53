// SPDX-License-Identifier: MIT
// Compressed files and archives. The only file that knows libarchive.
//
// When compressed data breaks off, a gzip file gives everything before the break (gzip_input.h);
// the other kinds give what libarchive had decompressed by whole blocks of at least 64 KiB.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "model/core/result.h"
#include "tracer/source/byte_stream.h"

namespace pktwalk {

// The bytes of a file behind all compression, and the name of the outermost one ("gzip", "zstd",
// …), nullptr when it had none.
struct DecompressedStream {
  ByteStream stream;
  const char* compression = nullptr;
};

// Opens a file ("-" is standard input) and looks at its first bytes: gzip, bzip2, xz, lzma, zstd,
// lz4, lzip and compress are decompressed while reading, one or several layers of them.
Result<DecompressedStream> open_decompressed(const std::string& path);

// The same for an input that is open; `name` stands in errors.
Result<DecompressedStream> open_decompressed(std::unique_ptr<ByteInput> input,
                                             const std::string& name);

// A whole file in memory, decompressed when it is compressed; "-" is standard input. More than
// `max_bytes` (after decompression) is an Error.
Result<std::string> read_whole_file(const std::string& path, std::uint64_t max_bytes);

// One file of an archive.
struct ArchiveMember {
  std::string path;  // normalised: no leading "/" or "./", no ".."
  std::string contents;
  std::string real_path;  // where the contents stand: equal to `path`, unless a link of the archive
                          // led there
  bool is_alias() const { return path != real_path; }
};

// Whether the file is a tar or zip archive (compressed or not), by content. Error: it cannot be
// read.
Result<bool> is_archive(const std::string& path);

// The regular files of a tar or zip archive, sorted by path. Symbolic and hard links inside the
// archive are followed (in a support archive proc/net is a link to self/net, proc/self one to a
// process): every file below a linked folder appears under the link's path too, as an alias. Links
// that lead out of the archive, to nothing or in circles are left out, as are devices and sockets.
// Members and aliases together may hold `max_total_bytes`.
Result<std::vector<ArchiveMember>> read_archive(const std::string& path,
                                                std::uint64_t max_total_bytes);

}  // namespace pktwalk
