// SPDX-License-Identifier: MIT
#include "tracer/source/compressed_file.h"

#include <archive.h>
#include <archive_entry.h>
#include <doctest/doctest.h>

#include "tests/tracer/source/capture_bytes.h"

using namespace pktwalk;
using namespace pktwalk::capture_test;

namespace {

struct Entry {
  std::string path, contents;
  std::string link;  // what a symbolic link points to
  std::string hard;  // what a hard link names
};

using SetUp = int (*)(archive*);

// Writes entries in a format and through a filter of libarchive.
std::string packed(SetUp format, SetUp filter, const std::vector<Entry>& entries) {
  std::string out(1 << 22, '\0');
  std::size_t used = 0;
  archive* writer = archive_write_new();
  REQUIRE(format(writer) == ARCHIVE_OK);
  REQUIRE(filter(writer) == ARCHIVE_OK);
  archive_write_set_bytes_in_last_block(writer, 1);
  REQUIRE(archive_write_open_memory(writer, out.data(), out.size(), &used) == ARCHIVE_OK);
  for (const Entry& item : entries) {
    archive_entry* entry = archive_entry_new();
    archive_entry_set_pathname(entry, item.path.c_str());
    archive_entry_set_perm(entry, 0644);
    archive_entry_set_filetype(entry, item.link.empty() ? AE_IFREG : AE_IFLNK);
    archive_entry_set_size(entry, static_cast<la_int64_t>(item.contents.size()));
    if (!item.link.empty()) archive_entry_set_symlink(entry, item.link.c_str());
    if (!item.hard.empty()) archive_entry_set_hardlink(entry, item.hard.c_str());
    REQUIRE(archive_write_header(writer, entry) == ARCHIVE_OK);
    archive_write_data(writer, item.contents.data(), item.contents.size());
    archive_entry_free(entry);
  }
  archive_write_close(writer);
  archive_write_free(writer);
  out.resize(used);
  return out;
}

std::string compressed(SetUp filter, const std::string& contents) {
  return packed(archive_write_set_format_raw, filter, {{.path = "data", .contents = contents}});
}

std::string a_capture(std::uint32_t packets = 500) {
  Bytes file = pcap_header();
  for (std::uint32_t i = 0; i < packets; ++i)
    pcap_record(file, i, 0, "packet " + std::to_string(i * 2654435761U));
  return file.str();
}

Result<std::vector<ArchiveMember>> read_tar(const std::vector<Entry>& entries,
                                            std::uint64_t limit = 1 << 20) {
  const TempFolder folder;
  return read_archive(folder.file("a.tar", packed(archive_write_set_format_pax_restricted,
                                                  archive_write_add_filter_none, entries)),
                      limit);
}

// "path=contents" and "path>real path=contents" for aliases, in order.
std::vector<std::string> listing(const std::vector<ArchiveMember>& members) {
  std::vector<std::string> lines;
  for (const ArchiveMember& member : members) {
    lines.push_back(member.path + (member.is_alias() ? ">" + member.real_path : "") + "=" +
                    member.contents);
  }
  return lines;
}

using Lines = std::vector<std::string>;

}  // namespace

TEST_CASE("compressed captures: every compression, told apart by content") {
  struct Case {
    const char* name;
    SetUp filter;
  };
  const Case cases[] = {
      {"gzip", archive_write_add_filter_gzip}, {"bzip2", archive_write_add_filter_bzip2},
      {"xz", archive_write_add_filter_xz},     {"lzma", archive_write_add_filter_lzma},
      {"zstd", archive_write_add_filter_zstd}, {"lz4", archive_write_add_filter_lz4},
      {"lzip", archive_write_add_filter_lzip}, {"compress", archive_write_add_filter_compress},
  };
  for (const Case& c : cases) {
    SUBCASE(c.name) {
      const std::string packed_capture = compressed(c.filter, a_capture());
      const auto source = open_capture(memory_input(as_bytes(packed_capture)), "memory");
      REQUIRE(source);
      CHECK_FALSE((*source)->seekable());
      CHECK_FALSE((*source)->seek({}));
      CHECK((*source)->size() == 0);
      const Reading reading = read_all(**source);
      CHECK(reading.error == "");
      CHECK(reading.packets.size() == 500);

      const Reading wrong = read_bytes(compressed(c.filter, "just text"));
      CHECK(wrong.error ==
            "is no pcap or pcapng capture: it begins with the bytes 6a 75 73 74 (after " +
                std::string(c.name) + " decompression)");
      const Reading cut = read_bytes(compressed(c.filter, a_capture() + "abc"));
      CHECK(cut.packets.size() == 500);
      CHECK(cut.error == "the file ends within the record header of packet 501: 3 of 16 bytes");
      CHECK(cut.hint ==
            "the offset counts the data after " + std::string(c.name) + " decompression");
    }
  }
}

TEST_CASE("compressed captures: two layers, and two streams in a row") {
  const std::string twice = compressed(archive_write_add_filter_gzip,
                                       compressed(archive_write_add_filter_xz, a_capture()));
  CHECK(read_bytes(twice).packets.size() == 500);
  const std::string capture = a_capture();
  const std::string halves = compressed(archive_write_add_filter_gzip, capture.substr(0, 1001)) +
                             compressed(archive_write_add_filter_gzip, capture.substr(1001));
  CHECK(read_bytes(halves).packets.size() == 500);
}

TEST_CASE("compressed captures: a broken gzip stream gives every packet before the break") {
  const std::string whole = compressed(archive_write_add_filter_gzip, a_capture());
  const std::size_t sizes[] = {whole.size() / 3, whole.size() / 2, whole.size() - 9};
  std::size_t before = 0;
  for (const std::size_t size : sizes) {
    CAPTURE(size);
    const Reading reading = read_bytes(std::string_view(whole).substr(0, size));
    CHECK(reading.packets.size() > before);
    CHECK(reading.error.starts_with("cannot be decompressed: the gzip data breaks off ("));
    CHECK(reading.error_offset > 0);
    before = reading.packets.size();
  }
  CHECK(before == 500);  // what is missing last is but the checksum
  const Reading header = read_bytes(std::string_view(whole).substr(0, 12));
  CHECK(header.packets.empty());
  CHECK(header.error == "cannot be decompressed: the gzip data breaks off");
  std::string wrong_sum = whole;
  wrong_sum[whole.size() - 8] ^= 1;
  const Reading sum = read_bytes(wrong_sum);
  CHECK(sum.packets.size() == 500);
  CHECK(sum.error.starts_with("cannot be decompressed: incorrect data check ("));
  const Reading tail = read_bytes(whole + "what gzip ignores");
  CHECK(tail.packets.size() == 500);
  CHECK(tail.error == "");
}

TEST_CASE("compressed captures: a broken stream of another kind gives its whole blocks") {
  const std::string whole = compressed(archive_write_add_filter_xz, a_capture(20'000));
  const Reading reading = read_bytes(std::string_view(whole).substr(0, whole.size() * 9 / 10));
  CHECK(reading.packets.size() > 10'000);
  CHECK(reading.packets.size() < 20'000);
  CHECK(reading.error.starts_with("cannot be decompressed: "));
  CHECK(reading.error_offset > 100'000);
}

TEST_CASE("compressed captures: more layers than anybody writes") {
  std::string layers = a_capture();
  for (int i = 0; i < 7; ++i) layers = compressed(archive_write_add_filter_gzip, layers);
  CHECK(read_bytes(layers).packets.size() == 500);
  layers = compressed(archive_write_add_filter_gzip, layers);
  CHECK(read_bytes(layers).error == "is compressed more than 7 times over");
}

TEST_CASE("read_whole_file: plain and compressed, with a limit") {
  const TempFolder folder;
  const std::string text = "*filter\n:INPUT ACCEPT [0:0]\nCOMMIT\n";
  const std::string plain = folder.file("plain", text);
  const std::string zipped = folder.file("zipped", compressed(archive_write_add_filter_xz, text));
  for (const std::string& path : {plain, zipped}) {
    CAPTURE(path);
    const Result<std::string> enough = read_whole_file(path, text.size());
    REQUIRE(enough);
    CHECK(enough.value() == text);
    const Result<std::string> less = read_whole_file(path, text.size() - 1);
    REQUIRE_FALSE(less);
    CHECK(less.error().what == "holds more than 34 bytes");
    CHECK(less.error().where.file == path);
  }
  CHECK(read_whole_file(folder.file("empty", ""), 0).value() == "");
  CHECK(read_whole_file(folder.file("empty.gz", compressed(archive_write_add_filter_gzip, "")), 0)
            .value() == "");
  CHECK_FALSE(read_whole_file(folder.path("missing"), 10));
}

TEST_CASE("is_archive: tar and zip, compressed or not, by content") {
  const TempFolder folder;
  const std::vector<Entry> one = {{.path = "host/ip-route", .contents = "default via 10.0.0.1\n"}};
  struct Case {
    const char* name;
    std::string contents;
    bool want;
  };
  const Case cases[] = {
      {"tar", packed(archive_write_set_format_ustar, archive_write_add_filter_none, one), true},
      {"tar.xz", packed(archive_write_set_format_pax, archive_write_add_filter_xz, one), true},
      {"tar.gz", packed(archive_write_set_format_gnutar, archive_write_add_filter_gzip, one), true},
      {"zip", packed(archive_write_set_format_zip, archive_write_add_filter_none, one), true},
      {"text", "*filter\nCOMMIT\n", false},
      {"compressed text", compressed(archive_write_add_filter_gzip, "*filter\nCOMMIT\n"), false},
      {"a capture", a_capture(), false},
      {"nothing", "", false},
  };
  for (const Case& c : cases) {
    SUBCASE(c.name) {
      const std::string path = folder.file("file", c.contents);
      const Result<bool> is = is_archive(path);
      REQUIRE(is);
      CHECK(*is == c.want);
      const auto members = read_archive(path, 1000);
      if (c.want) {
        REQUIRE(members);
        CHECK(listing(*members) == Lines{"host/ip-route=default via 10.0.0.1\n"});
      }
    }
  }
  CHECK_FALSE(is_archive(folder.path("missing")));
  CHECK(is_archive("/dev/null").value() == false);
  CHECK_FALSE(read_archive("/dev/null", 1000));
}

TEST_CASE("read_archive: paths are put in order") {
  const auto members = read_tar({{.path = "./b//c", .contents = "1"},
                                 {.path = "/a", .contents = "2"},
                                 {.path = "x/../y", .contents = "3"},
                                 {.path = "../outside", .contents = "4"},
                                 {.path = "b/c", .contents = "the later one stays"}});
  REQUIRE(members);
  CHECK(listing(*members) == Lines{"a=2", "b/c=the later one stays", "y=3"});
}

TEST_CASE("read_archive: links inside the archive are followed") {
  struct Case {
    const char* name;
    std::vector<Entry> entries;
    Lines want;
  };
  const Case cases[] = {
      {"to a file beside it",
       {{.path = "ip_addr", .link = "cmd/ip_-o_addr"}, {.path = "cmd/ip_-o_addr", .contents = "1"}},
       {"cmd/ip_-o_addr=1", "ip_addr>cmd/ip_-o_addr=1"}},
      {"through two folders, as proc/net has it",
       {{.path = "h/proc/net", .link = "self/net"},
        {.path = "h/proc/self", .link = "77"},
        {.path = "h/proc/77/net/arp", .contents = "1"}},
       {"h/proc/77/net/arp=1", "h/proc/net/arp>h/proc/77/net/arp=1",
        "h/proc/self/net/arp>h/proc/77/net/arp=1"}},
      {"upwards and absolutely, below the only top folder",
       {{.path = "h/etc/up", .link = "../real"},
        {.path = "h/etc/abs", .link = "/real"},
        {.path = "h/real", .contents = "1"}},
       {"h/etc/abs>h/real=1", "h/etc/up>h/real=1", "h/real=1"}},
      {"absolutely, without a top folder",
       {{.path = "etc/abs", .link = "/real"}, {.path = "real", .contents = "1"}},
       {"etc/abs>real=1", "real=1"}},
      {"a hard link",
       {{.path = "one", .contents = "1"}, {.path = "two", .hard = "one"}},
       {"one=1", "two>one=1"}},
      {"to nothing", {{.path = "a", .link = "missing"}, {.path = "b", .contents = "1"}}, {"b=1"}},
      {"out of the archive",
       {{.path = "a", .link = "../b"}, {.path = "b", .contents = "1"}},
       {"b=1"}},
      {"in a circle", {{.path = "a", .link = "b"}, {.path = "b", .link = "a"}}, {}},
      {"to itself", {{.path = "a", .link = "a"}}, {}},
      {"to a folder around it",
       {{.path = "d/loop", .link = "."}, {.path = "d/f", .contents = "1"}},
       {"d/f=1"}},
      {"to the root", {{.path = "r", .link = "."}, {.path = "f", .contents = "1"}}, {"f=1"}},
      {"a file stands where a link leads too",
       {{.path = "l", .link = "d"},
        {.path = "d/f", .contents = "1"},
        {.path = "l/f", .contents = "2"}},
       {"d/f=1", "l/f=2"}},
  };
  for (const Case& c : cases) {
    SUBCASE(c.name) {
      const auto members = read_tar(c.entries);
      REQUIRE(members);
      CHECK(listing(*members) == c.want);
    }
  }
}

TEST_CASE("read_archive: the limit counts members and aliases") {
  const std::vector<Entry> entries = {{.path = "a", .contents = std::string(1000, 'a')},
                                      {.path = "b", .link = "a"}};
  // 64 bytes are counted for each of two entries and one alias.
  CHECK(read_tar(entries, 2000 + 3 * 64));
  const auto more = read_tar(entries, 2000 + 3 * 64 - 1);
  REQUIRE_FALSE(more);
  CHECK(more.error().what == "the archive holds more than 2191 bytes");
  CHECK_FALSE(read_tar(entries, 999));
}

TEST_CASE("read_archive: a damaged archive is an error") {
  const TempFolder folder;
  const std::vector<Entry> entries = {{.path = "a", .contents = std::string(5000, 'a')}};
  const std::string whole =
      packed(archive_write_set_format_ustar, archive_write_add_filter_none, entries);
  const auto cut = read_archive(folder.file("cut.tar", whole.substr(0, 2000)), 1 << 20);
  REQUIRE_FALSE(cut);
  CHECK(cut.error().what.starts_with("member a cannot be read: "));
  CHECK(cut.error().where.file == folder.path("cut.tar"));
}
