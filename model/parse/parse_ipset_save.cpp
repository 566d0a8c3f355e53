// SPDX-License-Identifier: MIT
// Reads `ipset save`, and files written for `ipset restore`.
//
// Kernel:  none; the grammar is that of ipset 7.17 (lib/ipset.c, lib/args.c)
// Differs: an element's remaining time counts from the first packet of the capture. It is whole
//          seconds in the dump, rounded down: the kernel would keep it up to a second longer.
#include <algorithm>
#include <span>

#include "model/netfilter/extension.h"
#include "model/netfilter/ipset_element.h"
#include "model/parse/host_file.h"

namespace pktwalk {
namespace {

class Parser {
 public:
  Parser(Host& host, std::uint32_t file) : host_(host), file_(file) {
    if (host_.initial == nullptr) host_.initial = std::make_unique<State>();
  }

  void run() {
    const SourceFile& source = host_.sources.file(file_);
    for (line_ = 1; line_ <= source.line_count(); ++line_) {
      const std::string_view text = source.line(line_);
      const Result<std::vector<Word>> words = split_words(text, source.name, line_);
      if (!words) {
        report(words.error().where.column, words.error().what, words.error().hint);
        continue;
      }
      std::span<const Word> rest = *words;
      if (!rest.empty() && rest.front().text == "ipset") rest = rest.subspan(1);
      while (!rest.empty() && (rest.front().text == "-exist" || rest.front().text == "-!")) {
        rest = rest.subspan(1);
      }
      if (rest.empty() || rest.front().text.starts_with('#')) continue;
      command(rest);
    }
  }

 private:
  void report(std::uint32_t column, std::string what, std::string hint = {},
              Severity severity = Severity::Error, std::uint32_t length = 1) {
    host_.diagnostics.push_back({.severity = severity,
                                 .at = {file_, line_},
                                 .column = column,
                                 .length = length,
                                 .what = std::move(what),
                                 .hint = std::move(hint)});
  }
  void report(const Word& word, std::string what, std::string hint = {},
              Severity severity = Severity::Error) {
    report(word.column, std::move(what), std::move(hint), severity,
           static_cast<std::uint32_t>(std::max<std::size_t>(1, word.text.size())));
  }

  void command(std::span<const Word> words) {
    const std::string& name = words.front().text;
    if (name == "create" || name == "-N" || name == "n" || name == "--create") {
      create(words);
    } else if (name == "add" || name == "-A" || name == "--add") {
      add(words);
    } else if (name == "swap" || name == "-W") {
      swap(words);
    } else if (name == "flush" || name == "-F") {
      flush(words);
    } else if (name == "COMMIT" || name == "quit" || name == "version") {
      return;
    } else {
      report(words.front(), "unknown ipset command \"" + name + "\"",
             "create, add, swap and flush are read");
    }
  }

  IpSet* find(std::string_view name) {
    for (const auto& set : host_.ipsets) {
      if (set->name == name) return set.get();
    }
    return nullptr;
  }

  void create(std::span<const Word> words) {
    if (words.size() < 3) return report(words.back(), "create needs a name and a type");
    if (find(words[1].text) != nullptr) {
      return report(words[1], "the set \"" + words[1].text + "\" exists already");
    }
    auto made = std::make_unique<IpSet>();
    IpSet& set = *made;
    set.name = words[1].text;
    set.type = words[2].text;
    if (set.type.find(':') == std::string::npos) {
      report(words[2], "\"" + set.type + "\" is no type of ipset", "hash:ip, hash:net ...");
      return;
    }
    set.at = {file_, line_};
    set.kind = find_ipset_type(set.type);
    set.dimensions = set.kind == nullptr ? 0 : set.kind->dimensions;
    if (words.size() > 3) {
      const std::string_view text = host_.sources.file(file_).line(line_);
      set.options = std::string(text.substr(words[3].column - 1));
      while (!set.options.empty() && set.options.back() == ' ') set.options.pop_back();
    }
    if (set.kind == nullptr) {
      report(words[2], "sets of type " + set.type + " are not modelled",
             "a packet that meets a rule with this set has an unknown verdict", Severity::Warning);
    } else if (!create_options(set, words.subspan(3))) {
      return;
    }
    set.index = static_cast<std::uint32_t>(host_.ipsets.size());
    host_.ipsets.push_back(std::move(made));
    host_.initial->ipsets.emplace_back();
  }

  // One option of a create line and its value; false when the line is of no use.
  bool create_options(IpSet& set, std::span<const Word> words) {
    const Word* range = nullptr;
    bool netmask_given = false;
    for (std::size_t i = 0; i < words.size(); ++i) {
      const std::string& name = words[i].text;
      if (name == "counters") {
        set.counters = true;
      } else if (name == "comment") {
        set.comment = true;
      } else if (name == "skbinfo") {
        set.skbinfo = true;
      } else if (name == "forceadd") {
        set.forceadd = true;
      } else if (name == "-exist" || name == "-!" || name == "-") {
        continue;
      } else if (i + 1 == words.size()) {
        report(words[i], "unknown option \"" + name + "\" of create, or its value is missing");
        return true;
      } else {
        const Word& value = words[++i];
        bool fits = true;
        if (name == "family") {
          fits = value.text == "inet" || value.text == "inet6";
          set.family = value.text == "inet6" ? Family::Ipv6 : Family::Ipv4;
        } else if (name == "range" || name == "--range") {
          range = &value;
        } else if (name == "netmask") {
          netmask_given = true;
          fits = number(value, 128, set.netmask);
        } else if (name == "maxelem") {
          fits = number(value, 0xffffffff, set.maxelem);
        } else if (name == "markmask") {
          fits = number(value, 0xffffffff, set.markmask);
        } else if (name == "timeout") {
          std::uint32_t seconds = 0;
          fits = number(value, 0xffffffff, seconds);
          set.default_timeout = seconds;
        } else if (name == "bitmask") {
          const std::optional<IpAddr> mask = IpAddr::parse(value.text);
          fits = mask.has_value();
          set.bitmask = mask.value_or(IpAddr());
        } else if (name != "hashsize" && name != "bucketsize" && name != "initval" &&
                   name != "size" && name != "probes" && name != "resize" && name != "gc") {
          report(words[i - 1], "unknown option \"" + name + "\" of create");
          --i;
        }
        if (!fits) report(value, "bad value \"" + value.text + "\" for " + name);
      }
    }
    if (!netmask_given) set.netmask = static_cast<std::uint8_t>(address_bits(set.family));
    if (!set.kind->bitmap) return true;
    if (range != nullptr && read_bitmap_range(set, range->text)) return true;
    report(range == nullptr ? words.empty() ? Word{} : words.front() : *range,
           set.type + " needs a range", "range 10.0.0.0/16, range 10.0.0.1-10.0.0.9, range 1-1024");
    return false;
  }

  static bool read_bitmap_range(IpSet& set, std::string_view text) {
    const std::size_t dash = text.find('-');
    if (set.kind->has(SetPart::Ip)) {
      if (dash == std::string_view::npos) {
        const std::optional<Prefix> net = Prefix::parse(text);
        if (!net || !net->addr.is_v4()) return false;
        const IpAddr mask = IpAddr::mask(Family::Ipv4, net->length);
        set.range_first = net->addr & mask;
        set.range_last = set.range_first | ~mask;
        return true;
      }
      const std::optional<IpAddr> first = IpAddr::parse(text.substr(0, dash));
      const std::optional<IpAddr> last = IpAddr::parse(text.substr(dash + 1));
      if (!first || !last || !first->is_v4() || !last->is_v4()) return false;
      set.range_first = std::min(*first, *last);
      set.range_last = std::max(*first, *last);
      return true;
    }
    const std::optional<NumberRange> ports = read_range(text, '-', 65535);
    if (!ports) return false;
    set.port_first = ports->low;
    set.port_last = ports->high;
    return true;
  }

  template <typename T>
  static bool number(const Word& word, std::uint64_t max, T& value) {
    const std::optional<std::uint64_t> read = read_number(word.text, max);
    if (read) value = static_cast<T>(*read);
    return read.has_value();
  }

  void add(std::span<const Word> words) {
    if (words.size() < 3) return report(words.back(), "add needs a set and an element");
    IpSet* set = find(words[1].text);
    if (set == nullptr) {
      return report(words[1], "there is no set \"" + words[1].text + "\" before this line");
    }
    if (set->kind == nullptr) {
      set->unread.emplace_back(host_.sources.file(file_).line(line_));
      return;
    }
    IpSetElement like;
    if (set->at.file == file_) like.line = line_;
    ElementOptions options;
    std::optional<std::uint32_t> timeout = set->default_timeout;
    if (!add_options(*set, words.subspan(3), like, options, timeout)) return;
    if (timeout && *timeout != 0) {
      const bool waits =
          set->type == "bitmap:ip,mac" && words[2].text.find(',') == std::string::npos;
      if (waits) {
        like.waiting_timeout = *timeout;
      } else {
        like.expires = Time{} + std::int64_t{*timeout} * kNsPerSecond;
      }
    }
    const Result<std::uint32_t> added =
        add_elements(host_, *set, host_.initial->ipsets[set->index], words[2].text, like, options);
    if (!added) report(words[2], added.error().what, added.error().hint);
  }

  bool add_options(IpSet& set, std::span<const Word> words, IpSetElement& like,
                   ElementOptions& options, std::optional<std::uint32_t>& timeout) {
    for (std::size_t i = 0; i < words.size(); ++i) {
      const std::string& name = words[i].text;
      if (name == "nomatch") {
        like.nomatch = true;
        continue;
      }
      if (name == "wildcard") {
        options.wildcard = true;
        continue;
      }
      if (name == "-exist" || name == "-!") continue;
      if (i + 1 == words.size()) {
        report(words[i], "unknown option \"" + name + "\" of add, or its value is missing");
        return false;
      }
      const Word& value = words[++i];
      bool fits = true;
      if (name == "timeout") {
        std::uint32_t seconds = 0;
        fits = number(value, 0xffffffff, seconds);
        if (!set.default_timeout) {
          report(words[i - 1], "the set \"" + set.name + "\" was created without timeout");
          return false;
        }
        timeout = seconds;
      } else if (name == "packets") {
        fits = number(value, ~std::uint64_t{0}, like.packets);
      } else if (name == "bytes") {
        fits = number(value, ~std::uint64_t{0}, like.bytes);
      } else if (name == "comment") {
        set.comments.push_back(value.text);
        like.comment = static_cast<std::uint32_t>(set.comments.size());
      } else if (name == "skbmark") {
        const std::optional<MaskedValue> mark = read_masked(value.text);
        fits = mark.has_value();
        like.skbmark = mark ? mark->value : 0;
        like.skbmask = mark ? mark->mask : 0;
      } else if (name == "skbprio") {
        fits = read_priority(value.text, like.skbprio);
      } else if (name == "skbqueue") {
        fits = number(value, 65535, like.skbqueue);
      } else if (name == "before" || name == "after") {
        report(words[i - 1], name + " is not read: members stand in the order of the lines", {},
               Severity::Warning);
      } else {
        report(words[i - 1], "unknown option \"" + name + "\" of add");
        return false;
      }
      if (!fits) {
        report(value, "bad value \"" + value.text + "\" for " + name);
        return false;
      }
    }
    return true;
  }

  // "1:10", both in hex.
  static bool read_priority(std::string_view text, std::uint32_t& priority) {
    const std::size_t colon = text.find(':');
    if (colon == std::string_view::npos) return false;
    const auto part = [](std::string_view hex) {
      return read_number(hex.starts_with("0x") ? std::string(hex) : "0x" + std::string(hex), 65535);
    };
    const std::optional<std::uint64_t> major = part(text.substr(0, colon));
    const std::optional<std::uint64_t> minor = part(text.substr(colon + 1));
    if (!major || !minor) return false;
    priority = static_cast<std::uint32_t>(*major << 16 | *minor);
    return true;
  }

  // The two sets change their names: rules hold on to a name's index, so the definitions and
  // elements move instead.
  void swap(std::span<const Word> words) {
    IpSet* a = words.size() == 3 ? find(words[1].text) : nullptr;
    IpSet* b = words.size() == 3 ? find(words[2].text) : nullptr;
    if (a == nullptr || b == nullptr) {
      return report(words.front(), "swap needs the names of two sets that exist");
    }
    std::swap(*a, *b);
    std::swap(a->name, b->name);
    std::swap(a->index, b->index);
    std::swap(host_.initial->ipsets[a->index], host_.initial->ipsets[b->index]);
  }

  void flush(std::span<const Word> words) {
    for (const auto& set : host_.ipsets) {
      if (words.size() > 1 && set->name != words[1].text) continue;
      host_.initial->ipsets[set->index] = {};
      set->unread.clear();
    }
  }

  Host& host_;
  std::uint32_t file_;
  std::uint32_t line_ = 0;
};

int recognise(std::string_view name, std::string_view text) {
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    std::string_view line = text.substr(0, end);
    text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
    if (line.starts_with("ipset ")) line.remove_prefix(6);
    if (line.empty() || line == "\r" || line.front() == '#') continue;
    const bool create = line.starts_with("create ") || line.starts_with("-N ");
    if (!create) return 0;
    for (const std::string_view kind : {" hash:", " bitmap:", " list:set"}) {
      if (line.find(kind) != std::string_view::npos) return 95;
    }
    return 0;
  }
  return name.find("ipset") != std::string_view::npos ? 50 : 0;
}

}  // namespace

extern const HostFileDef parse_ipset_save;
const HostFileDef parse_ipset_save{
    .kind = "ipset save",
    .order = 40,
    .recognise = recognise,
    .parse = [](Host& host, std::uint32_t file) { Parser(host, file).run(); }};

}  // namespace pktwalk
