// SPDX-License-Identifier: MIT
// The words for the enumerations of a trace.
#include "model/trace/step.h"

namespace pktwalk {

const char* to_string(Field field) {
  switch (field) {
#define X(name, text) \
  case Field::name:   \
    return text;
    PKTWALK_FIELDS(X)
#undef X
  }
  return "?";
}

const CheckInfo& info(Check check) {
  static constexpr CheckInfo kInfos[] = {
#define X(name, what, function, sysctl, hint) {#name, what, function, sysctl, hint},
      PKTWALK_CHECKS(X)
#undef X
  };
  return kInfos[static_cast<std::size_t>(check)];
}

const char* to_string(Origin origin) {
  switch (origin) {
    case Origin::Received:
    case Origin::Forwarded:
      return "forwarded";
    case Origin::Fragment:
      return "fragment";
    case Origin::IcmpError:
      return "icmp-error";
    case Origin::IcmpReply:
      return "icmp-reply";
    case Origin::Redirect:
      return "redirect";
    case Origin::TcpReset:
      return "tcp-reset";
    case Origin::Clone:
      return "clone";
    case Origin::Arp:
      return "arp";
    case Origin::Local:
      return "local";
  }
  return "?";
}

const char* to_string(Outcome outcome) {
  switch (outcome) {
    case Outcome::NoMatch:
      return "no match";
    case Outcome::Match:
      return "match";
    case Outcome::Hotdrop:
      return "hotdrop";
    case Outcome::Unknown:
      return "unknown";
  }
  return "?";
}

const char* to_string(Verdict verdict) {
  switch (verdict) {
    case Verdict::Continue:
      return "continue";
    case Verdict::Accept:
      return "accept";
    case Verdict::Drop:
      return "drop";
    case Verdict::Return:
      return "return";
    case Verdict::Jump:
      return "jump";
    case Verdict::Goto:
      return "goto";
    case Verdict::Queue:
      return "queue";
    case Verdict::Stolen:
      return "stolen";
    case Verdict::Unknown:
      return "unknown";
  }
  return "?";
}

const char* to_string(HopVerdict verdict) {
  switch (verdict) {
    case HopVerdict::Accept:
      return "accept";
    case HopVerdict::Drop:
      return "drop";
    case HopVerdict::Queue:
      return "queue";
    case HopVerdict::Stolen:
      return "stolen";
    case HopVerdict::Consumed:
      return "consumed";
    case HopVerdict::Unknown:
      return "unknown";
  }
  return "?";
}

const char* to_string(Disposition disposition) {
  switch (disposition) {
    case Disposition::Forwarded:
      return "forwarded";
    case Disposition::Delivered:
      return "delivered";
    case Disposition::Dropped:
      return "dropped";
    case Disposition::Absorbed:
      return "absorbed";
    case Disposition::TransmittedCopy:
      return "transmitted-copy";
    case Disposition::Unknown:
      return "unknown";
  }
  return "?";
}

const char* to_string(RouteType type) {
  switch (type) {
    case RouteType::Unspec:
      return "unspec";
    case RouteType::Unicast:
      return "unicast";
    case RouteType::Local:
      return "local";
    case RouteType::Broadcast:
      return "broadcast";
    case RouteType::Anycast:
      return "anycast";
    case RouteType::Multicast:
      return "multicast";
    case RouteType::Blackhole:
      return "blackhole";
    case RouteType::Unreachable:
      return "unreachable";
    case RouteType::Prohibit:
      return "prohibit";
    case RouteType::Throw:
      return "throw";
    case RouteType::Nat:
      return "nat";
  }
  return "?";
}

std::string stage_name(const char* stage, bool has_hook, Hook hook) {
  std::string name = stage;
  if (has_hook && name.find('/') == std::string::npos) name += std::string("/") + to_string(hook);
  return name;
}

std::string stage_name(const Hop& hop) { return stage_name(hop.stage, hop.has_hook, hop.hook); }

}  // namespace pktwalk
