// SPDX-License-Identifier: MIT
// A reader of just so much of the shell as scripts with nft commands use: words, quotes, line
// continuations, variables, here-documents.
#include "model/parse/nft/shell_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

#include "model/parse/dump_text.h"

namespace pktwalk::nft {
namespace {

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r'; }
bool in_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

// "nft", "/usr/sbin/nft", and what scripts keep it in.
bool is_nft(std::string_view word) {
  const std::size_t slash = word.rfind('/');
  if (word.starts_with('/') && slash != std::string_view::npos) word.remove_prefix(slash + 1);
  return word == "nft" || word == "$NFT" || word == "${NFT}" || word == "$nft";
}

std::string_view first_word(std::string_view text) {
  return text.substr(0, std::min(text.find_first_of(" \t\r"), text.size()));
}

// The nft command that a line begins with, behind a prompt and sudo; empty when it is none.
std::string_view nft_command(std::string_view line) {
  line = trimmed(line);
  if (line.starts_with('#')) return {};
  if (const auto command = dump::shell_command(line)) line = *command;
  if (line.starts_with("$ ")) line = trimmed(line.substr(2));
  if (first_word(line) == "sudo") line = trimmed(line.substr(4));
  return is_nft(first_word(line)) && first_word(line) != line ? line : std::string_view{};
}

// A line at which someone typed something, or nothing.
bool is_prompt(std::string_view line) {
  line = trimmed(line);
  return !line.starts_with('#') && dump::shell_command(line).has_value();
}

// "nft -a list ruleset"
bool shows(std::string_view command) {
  const std::vector<dump::Word> words = dump::split(command);
  for (const dump::Word& word : words) {
    if (is_nft(word.text) || word.text.starts_with('-')) continue;
    return word.text == "list" || word.text == "monitor" || word.text == "reset";
  }
  return false;
}

struct Word {
  std::string text;
  std::vector<std::uint32_t> places;
  bool quoted = false;
};

class Reader {
 public:
  Reader(Host& host, std::uint32_t file)
      : host_(host), file_(file), in_(host.sources.file(file).text) {}

  ShellText read() {
    const bool shebang = in_.starts_with("#!");
    const std::string_view first = in_.substr(0, in_.find('\n'));
    script_ = shebang && first.find("nft") == std::string_view::npos;
    bool any = script_;
    bool table = false;
    for_each_line([&](std::string_view line, std::size_t) {
      const std::string_view command = nft_command(line);
      any = any || !command.empty();
      script_ = script_ || (!command.empty() && !shows(command));
      table = table || (first_word(trimmed(line)) == "table" && line.find('{') != line.npos);
    });
    if (!any) return {};
    out_.same = false;
    // A session that shows a dump: what is no command of nft belongs to the dump.
    if (table && !shebang && in_.find("<<") == std::string_view::npos) script_ = false;
    while (at_ < in_.size()) {
      const std::string_view line = in_.substr(at_, in_.find('\n', at_) - at_);
      const std::string_view command = nft_command(line);
      if (!script_ && (command.empty() || shows(command))) {
        if (command.empty() && !is_prompt(line)) emit(line, at_);
        emit("\n", at_ + line.size());
        at_ += line.size() + 1;
      } else {
        if (!command.empty()) at_ = static_cast<std::size_t>(command.data() - in_.data());
        commands();
      }
    }
    return std::move(out_);
  }

 private:
  template <typename Each>
  void for_each_line(Each each) {
    for (std::size_t at = 0; at < in_.size();) {
      const std::size_t end = std::min(in_.find('\n', at), in_.size());
      each(in_.substr(at, end - at), at);
      at = end + 1;
    }
  }

  void emit(std::string_view text, std::size_t place) {
    for (std::size_t i = 0; i < text.size(); ++i) {
      out_.text += text[i];
      out_.places.push_back(static_cast<std::uint32_t>(place + i));
    }
  }

  // One line of the shell, with those that \ and quotes join to it.
  void commands() {
    here_ends_.clear();
    here_to_nft_ = false;
    bool more = true;
    while (more) more = simple_command();
    for (const Word& end : here_ends_) here_document(end);
  }

  // Up to a separator; false when the line ended.
  bool simple_command() {
    std::vector<Word> words;
    while (true) {
      while (at_ < in_.size() && (is_blank(in_[at_]) || continued())) ++at_;
      if (at_ >= in_.size()) break;
      const char c = in_[at_];
      if (c == '#') {
        at_ = std::min(in_.find('\n', at_), in_.size());
      } else if (c == '\n') {
        break;
      } else if (c == ';' || c == '&' || c == '|' || c == '(' || c == ')') {
        ++at_;
        run(words);
        return true;
      } else if (c == '<' || c == '>') {
        redirection();
      } else {
        Word next = word();
        const bool descriptor = at_ < in_.size() && (in_[at_] == '>' || in_[at_] == '<') &&
                                next.text.size() == 1 && next.text[0] >= '0' && next.text[0] <= '9';
        if (!descriptor) words.push_back(std::move(next));
      }
    }
    if (at_ < in_.size()) ++at_;
    run(words);
    return false;
  }

  bool continued() {
    if (in_[at_] != '\\') return false;
    std::size_t end = at_ + 1;
    while (end < in_.size() && in_[end] == '\r') ++end;
    if (end >= in_.size() || in_[end] != '\n') return false;
    at_ = end;
    return true;
  }

  void redirection() {
    const bool here = in_.substr(at_).starts_with("<<") && !in_.substr(at_).starts_with("<<<");
    while (at_ < in_.size() && (in_[at_] == '<' || in_[at_] == '>' || in_[at_] == '&' ||
                                (here && in_[at_] == '-') || is_blank(in_[at_])))
      ++at_;
    Word target = word();
    if (here && !target.text.empty()) here_ends_.push_back(std::move(target));
  }

  void add(Word& word, char c, std::size_t place) {
    word.text += c;
    word.places.push_back(static_cast<std::uint32_t>(place));
  }

  Word word() {
    Word made;
    char quote = 0;
    while (at_ < in_.size()) {
      const char c = in_[at_];
      if (quote == '\'') {
        if (c == quote) {
          quote = 0;
        } else {
          add(made, c, at_);
        }
      } else if (c == quote) {
        quote = 0;
      } else if (quote == 0 && (c == '\'' || c == '"')) {
        quote = c;
        made.quoted = true;
      } else if (c == '\\' && at_ + 1 < in_.size()) {
        ++at_;
        const char next = in_[at_];
        if (next == '\r' || next == '\n') {
          if (next == '\r') ++at_;
        } else {
          if (quote == '"' && std::string_view("$`\"\\").find(next) == std::string_view::npos)
            add(made, '\\', at_ - 1);
          add(made, next, at_);
        }
      } else if (c == '$') {
        variable(made);
        continue;
      } else if (quote == 0 &&
                 (is_blank(c) || std::string_view("\n;&|()<>").find(c) != std::string_view::npos)) {
        break;
      } else {
        add(made, c, at_);
      }
      ++at_;
    }
    return made;
  }

  // At a $: the value when it is known, else what stands there, for nft has variables, too.
  void variable(Word& word) {
    const std::size_t dollar = at_++;
    const bool braces = at_ < in_.size() && in_[at_] == '{';
    const std::size_t begin = at_ + (braces ? 1 : 0);
    std::size_t end = begin;
    while (end < in_.size() && in_name(in_[end])) ++end;
    const bool closed = !braces || (end < in_.size() && in_[end] == '}');
    const auto known = variables_.find(in_.substr(begin, end - begin));
    if (end == begin || !closed || known == variables_.end()) {
      add(word, '$', dollar);
      return;
    }
    for (const char c : known->second) add(word, c, dollar);
    at_ = end + (braces ? 1 : 0);
  }

  static bool opens_command(std::string_view word) {
    return word == "sudo" || word == "then" || word == "do" || word == "else" || word == "if" ||
           word == "!" || word == "{" || word == "exec" || word == "export" || word == "local" ||
           word == "readonly" || word == "cat" || word == "ip" || word == "echo";
  }

  void run(const std::vector<Word>& words) {
    std::size_t first = 0;
    while (first < words.size() && !is_nft(words[first].text)) {
      const std::string& text = words[first].text;
      const std::size_t equals = text.find('=');
      const bool assigns =
          equals != std::string::npos && equals > 0 &&
          std::all_of(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(equals), in_name);
      if (assigns) {
        if (text.find_first_of("`(", equals) == std::string::npos)
          variables_[text.substr(0, equals)] = text.substr(equals + 1);
      } else if (!opens_command(text)) {
        return;
      }
      ++first;
    }
    if (first == words.size()) return;
    std::size_t at = first + 1;
    while (at < words.size() && words[at].text.size() > 1 && words[at].text[0] == '-') {
      const bool takes_file = words[at].text == "--file" || words[at].text.back() == 'f';
      if (words[at].text == "-f-") {
        here_to_nft_ = true;
        return;
      }
      ++at;
      if (!takes_file || at >= words.size()) continue;
      const std::string& name = words[at].text;
      if (name == "-" || name == "/dev/stdin") {
        here_to_nft_ = true;
      } else {
        warn(words[at], fmt::format("nft reads the file {}, which is not looked at", name));
      }
      return;
    }
    if (at >= words.size() || words[at].text == "list" || words[at].text == "monitor") return;
    for (; at < words.size(); ++at) {
      const Word& word = words[at];
      out_.text += word.text;
      out_.places.insert(out_.places.end(), word.places.begin(), word.places.end());
      emit(" ", word.places.empty() ? at_ : word.places.back());
    }
    emit("\n", out_.places.empty() ? at_ : out_.places.back());
  }

  // "nft -f - <<EOF": its lines, up to EOF, are nft's own.
  void here_document(const Word& end) {
    while (at_ < in_.size()) {
      const std::size_t line_end = std::min(in_.find('\n', at_), in_.size());
      const std::string_view line = in_.substr(at_, line_end - at_);
      const std::size_t next = std::min(line_end + 1, in_.size());
      if (trimmed(line) == end.text) {
        at_ = next;
        return;
      }
      if (here_to_nft_) document_line(line, end.quoted);
      at_ = next;
    }
  }

  void document_line(std::string_view line, bool quoted) {
    const std::size_t begin = at_;
    Word text;
    while (at_ < begin + line.size()) {
      if (in_[at_] == '$' && !quoted) {
        variable(text);
      } else {
        add(text, in_[at_], at_);
        ++at_;
      }
    }
    out_.text += text.text;
    out_.places.insert(out_.places.end(), text.places.begin(), text.places.end());
    emit("\n", begin + line.size());
  }

  void warn(const Word& word, std::string what) {
    const std::uint32_t place = word.places.empty() ? 0 : word.places.front();
    const std::vector<std::uint32_t>& starts = host_.sources.file(file_).starts;
    const auto line = std::upper_bound(starts.begin(), starts.end(), place);
    const auto number = static_cast<std::uint32_t>(line - starts.begin());
    host_.diagnostics.push_back({.severity = Severity::Warning,
                                 .at = {file_, number},
                                 .column = place - starts[number - 1] + 1,
                                 .length = static_cast<std::uint32_t>(word.text.size()),
                                 .what = std::move(what),
                                 .hint = {}});
  }

  Host& host_;
  std::uint32_t file_;
  std::string_view in_;
  std::size_t at_ = 0;
  bool script_ = false;
  bool here_to_nft_ = false;
  std::vector<Word> here_ends_;
  std::map<std::string, std::string, std::less<>> variables_;
  ShellText out_;
};

}  // namespace

ShellText without_shell(Host& host, std::uint32_t file) { return Reader(host, file).read(); }

}  // namespace pktwalk::nft
