// SPDX-License-Identifier: MIT
// Texts to a host: who knows which text, in what order they are read, and transcripts of a shell
// that hold several dumps.
#include <algorithm>

#include "model/parse/dump_text.h"
#include "model/parse/host_file.h"
#include "model/parse/json.h"

namespace pktwalk {
namespace {

// A part of a text: the output of one command of a transcript, or the whole.
struct Part {
  std::uint32_t first_line = 1;
  std::string text;
};

// Splits a transcript at its prompts. Lines before a part are kept as empty ones, so that every
// line keeps its number. A text without prompts is one part.
std::vector<Part> parts_of(std::string&& text) {
  std::vector<Part> parts;
  if (text.find("# ") == std::string::npos && text.find("$ ") == std::string::npos) {
    parts.push_back({1, std::move(text)});
    return parts;
  }
  std::uint32_t number = 0;
  std::size_t prompts = 0;
  std::string current;
  std::uint32_t first_line = 1;
  const auto flush = [&] {
    if (!dump::is_blank(current)) {
      parts.push_back({first_line, std::string(first_line - 1, '\n') + current});
    }
    current.clear();
  };
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size() - 1) + 1;
    const std::string_view line = std::string_view(text).substr(at, end - at);
    ++number;
    if (line.size() < 512 &&
        dump::shell_command(line.substr(0, line.find_last_not_of("\r\n") + 1))) {
      ++prompts;
      flush();
      first_line = number;
    }
    current += line;
    at = end;
  }
  if (prompts < 2) {
    parts.clear();
    parts.push_back({1, std::move(text)});
    return parts;
  }
  flush();
  return parts;
}

const HostFileDef* who_knows(std::string_view name, std::string_view text) {
  const HostFileDef* best = nullptr;
  int best_score = 0;
  for (const HostFileDef* def : registered<HostFileDef>()) {
    const int score = def->recognise(name, text);
    if (score > best_score) {
      best = def;
      best_score = score;
    }
  }
  return best;
}

struct Job {
  const HostFileDef* def;
  std::uint32_t file;
  bool json;
};

void unknown_text(Host& host, const std::string& name, bool empty) {
  Diagnostic d;
  d.severity = Severity::Note;
  d.what = empty ? name + ": an empty file whose name says nothing: left out"
                 : name + ": not recognised: left out";
  host.diagnostics.push_back(std::move(d));
}

void take(Host& host, std::vector<Job>& jobs, HostText&& text) {
  if (!text.not_text.empty()) {
    Diagnostic d;
    d.severity = text.not_text == "no text" ? Severity::Note : Severity::Error;
    d.what = text.name + " is " + text.not_text + ": left out";
    host.diagnostics.push_back(std::move(d));
    return;
  }
  if (const std::size_t at = text.text.find('\0'); at != std::string::npos) {
    Diagnostic d;
    d.severity = Severity::Error;
    const auto line =
        std::count(text.text.begin(), text.text.begin() + static_cast<std::ptrdiff_t>(at), '\n') +
        1;
    d.what = text.name + ": a byte 0 in line " + std::to_string(line) +
             ": the file is damaged there; it is read as a blank";
    host.diagnostics.push_back(std::move(d));
    std::replace(text.text.begin(), text.text.end(), '\0', ' ');
  }
  // What some editors and PowerShell put before a text.
  if (text.text.starts_with("\xef\xbb\xbf")) text.text.erase(0, 3);
  std::vector<Part> parts = parts_of(std::move(text.text));
  const bool whole = parts.size() == 1;
  bool any = false;
  for (Part& part : parts) {
    const HostFileDef* def = who_knows(text.name, part.text);
    if (def == nullptr) {
      if (whole) unknown_text(host, text.name, dump::is_blank(part.text));
      continue;
    }
    any = true;
    const bool is_json = json::looks_like_json(part.text);
    const std::uint32_t file = host.sources.add(text.name, std::move(part.text));
    host.sources.file(file).kind = std::string(def->kind);
    jobs.push_back({def, file, is_json});
  }
  if (!any && !whole) unknown_text(host, text.name, false);
}

}  // namespace

Host load_host(std::vector<HostText> texts) {
  Host host;
  std::vector<Job> jobs;
  for (HostText& text : texts) take(host, jobs, std::move(text));
  // Of the same dump as text and as JSON the text comes first: its lines are the ones to point at.
  std::stable_sort(jobs.begin(), jobs.end(), [](const Job& a, const Job& b) {
    return a.def->order != b.def->order ? a.def->order < b.def->order : a.json < b.json;
  });
  for (const Job& job : jobs) job.def->parse(host, job.file);
  finish_host(host);
  return host;
}

}  // namespace pktwalk
