// SPDX-License-Identifier: MIT
// Decompresses gzip. libarchive could, but when a file breaks off it throws away up to 64 KiB that
// came before: of a small capture, whose `tcpdump | gzip` was killed, nothing would be left. The
// only file that knows zlib.
#pragma once

#include <memory>
#include <string>

#include "tracer/source/byte_stream.h"

namespace pktwalk {

// The data of a gzip file of one or several members. Everything before damage is given before its
// Error. Bytes behind the last member are ignored, as gzip does.
std::unique_ptr<ByteInput> decompress_gzip(ByteStream compressed, const std::string& name);

}  // namespace pktwalk
