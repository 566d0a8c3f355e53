// SPDX-License-Identifier: MIT
// The names of the small enumerations of model/core.
#include "model/core/drop_reason.h"
#include "model/core/hook.h"

namespace pktwalk {

const char* to_string(Hook hook) {
  switch (hook) {
    case Hook::Prerouting:
      return "PREROUTING";
    case Hook::Input:
      return "INPUT";
    case Hook::Forward:
      return "FORWARD";
    case Hook::Output:
      return "OUTPUT";
    case Hook::Postrouting:
      return "POSTROUTING";
    case Hook::Ingress:
      return "INGRESS";
    case Hook::Egress:
      return "EGRESS";
  }
  return "?";
}

const char* to_string(DropReason reason) {
  switch (reason) {
#define X(name)          \
  case DropReason::name: \
    return #name;
    PKTWALK_DROP_REASONS(X)
#undef X
  }
  return "?";
}

}  // namespace pktwalk
