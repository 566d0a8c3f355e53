// SPDX-License-Identifier: MIT
// The list of packets with what became of each and where.
#include <fmt/format.h>

#include <algorithm>

#include "model/core/printable.h"
#include "model/netfilter/rule.h"
#include "tracer/explain.h"
#include "tracer/packet_text.h"
#include "ui/browser.h"

namespace pktwalk {
namespace {

std::string where(const PacketSummary& s) {
  if (s.disposition == Disposition::Forwarded || s.disposition == Disposition::TransmittedCopy)
    return "-";
  std::string text = stage_name(s.stage, s.has_hook, s.hook);
  if (s.rule != nullptr) text += fmt::format(":{}", s.rule->number);
  if (s.policy != nullptr) text += " policy";
  return text;
}

Role role_of(Disposition d) {
  switch (d) {
    case Disposition::Dropped:
      return Role::Drop;
    case Disposition::Unknown:
      return Role::Unknown;
    case Disposition::Absorbed:
    case Disposition::TransmittedCopy:
      return Role::Dim;
    case Disposition::Forwarded:
    case Disposition::Delivered:
      return Role::Accept;
  }
  return Role::Normal;
}

// What is cut off is told: half a port number is a wrong one.
std::string clipped(std::string text, std::size_t width) {
  if (static_cast<std::size_t>(text_width(text)) <= width) return text;
  text.resize(width - 1);
  return text + "~";
}

struct Widths {
  std::size_t number, address, info;
  explicit Widths(int screen, std::uint64_t packets)
      : number(std::max<std::size_t>(3, fmt::format("{}", packets).size())),
        address(screen >= 110 ? 21 : 20 - (number - 2) / 2),
        info(screen >= 110 ? 24 : 8) {}
};

// In few columns: what tells packets of one conversation apart.
std::string short_info(const PacketColumns& c) {
  if (c.protocol == "tcp" && !c.info.empty()) return c.info;
  if (c.info.empty()) return c.protocol;
  return c.protocol + " " + c.info.substr(0, c.info.find(' '));
}

}  // namespace

const char* verdict_word(const PacketSummary& summary) {
  switch (summary.disposition) {
    case Disposition::Forwarded:
      return "FORWARD";
    case Disposition::Delivered:
      return "DELIVER";
    case Disposition::Dropped:
      return summary.emitted != 0 ? "REJECT" : "DROP";
    case Disposition::Absorbed:
      return "HELD";
    case Disposition::TransmittedCopy:
      return "sent";
    case Disposition::Unknown:
      return "UNKNOWN";
  }
  return "?";
}

void draw_packets_pane(Browser& browser, Surface& surface, const Rect& area) {
  Timeline& timeline = browser.timeline();
  const Host& host = timeline.host();
  const Widths w(area.width, timeline.packet_count());
  surface.put(area.x, area.y,
              fmt::format("  {:>{}} {:<7} {:<5} {:<{}} {:<{}} {:<{}} {:<7} {}", "No", w.number,
                          "Time", "In", "Source", w.address, "Destination", w.address, "Info",
                          w.info, "Verdict", "Where"),
              Role::Title, area.width);
  const int rows = area.height - 1;
  if (rows <= 0) return;
  const auto count = static_cast<std::int64_t>(timeline.packet_count());
  const std::int64_t top =
      std::clamp<std::int64_t>(static_cast<std::int64_t>(browser.list_cursor()) - rows / 2, 1,
                               std::max<std::int64_t>(1, count - rows + 1));
  const Time start = timeline.summary(1).time;
  const Glyphs& g = glyphs(browser.ascii());
  for (int row = 0; row < rows && top + row <= count; ++row) {
    const auto number = static_cast<std::uint64_t>(top + row);
    const PacketSummary& s = timeline.summary(number);
    const PacketColumns c = packet_columns(std::span(s.head).first(s.head_length));
    const bool here = number == browser.packet_number();
    const bool cursor = number == browser.list_cursor() && browser.focused(Pane::Packets);
    const int y = area.y + 1 + row;
    const Role role = cursor ? Role::Current : role_of(s.disposition);
    if (cursor) surface.fill({area.x, y, area.width, 1}, U' ', Role::Current);
    const std::string what =
        w.info < 12 || c.info.empty() ? short_info(c) : c.protocol + " " + c.info;
    const std::string text = fmt::format(
        "{} {:>{}} {:<7} {:<5} {:<{}} {:<{}} {:<{}} {:<7} {}", here ? g.now : " ", number, w.number,
        clipped(fmt::format("{:.4f}", static_cast<double>(s.time - start) / 1e9), 7),
        clipped(printable(host.link_name(s.dev)), 5), clipped(c.source, w.address), w.address,
        clipped(c.destination, w.address), w.address, clipped(what, w.info), w.info,
        verdict_word(s), where(s));
    surface.put(area.x, y, text, role, area.width);
  }
}

}  // namespace pktwalk
