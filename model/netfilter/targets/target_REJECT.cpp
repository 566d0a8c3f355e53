// SPDX-License-Identifier: MIT
// -j REJECT: drops the packet and tells its sender, with an ICMP error or a TCP reset.
//
// Kernel: net/ipv4/netfilter/ipt_REJECT.c:reject_tg()
// Differs: nothing known
#include "model/netfilter/reject_kinds.h"
#include "model/netfilter/target.h"
#include "model/path/icmp.h"

namespace pktwalk {
namespace {

constexpr OptionSpec kOptions[] = {{.name = "--reject-with"}};

constexpr RejectKind kKinds4[] = {
    {"icmp-net-unreachable", "net-unreach", 0},     {"icmp-host-unreachable", "host-unreach", 1},
    {"icmp-proto-unreachable", "proto-unreach", 2}, {"icmp-port-unreachable", "port-unreach", 3},
    {"icmp-net-prohibited", "net-prohib", 9},       {"icmp-host-prohibited", "host-prohib", 10},
    {"tcp-reset", "tcp-rst", kTcpResetKind},        {"icmp-admin-prohibited", "admin-prohib", 13}};
constexpr RejectKind kKinds6[] = {{"icmp6-no-route", "no-route", 0},
                                  {"icmp6-adm-prohibited", "adm-prohibited", 1},
                                  {"icmp6-addr-unreachable", "addr-unreach", 3},
                                  {"icmp6-port-unreachable", "port-unreach", 4},
                                  {"tcp-reset", "tcp-reset", kTcpResetKind},
                                  {"icmp6-policy-fail", "policy-fail", 5},
                                  {"icmp6-reject-route", "reject-route", 6}};

struct RejectTarget final : Target {
  const RejectKind* kind = nullptr;
  Verdict act(TargetContext& ctx) const override {
    if (kind->code == kTcpResetKind) {
      send_tcp_reset_from_hook(ctx.walk, ctx.skb, ctx.hook);
    } else {
      send_unreachable(ctx.walk, ctx.skb, static_cast<std::uint8_t>(kind->code), ctx.hook);
    }
    return Verdict::Drop;
  }
  void print(OptionPrinter& out) const override { out.option("--reject-with", kind->name); }
  bool terminal() const override { return true; }
};

Result<TargetPtr> parse(Options& in) {
  const bool v6 = in.context().family == Family::Ipv6;
  const Result<const RejectKind*> kind =
      v6 ? read_reject_kind(in, kKinds6, &kKinds6[3]) : read_reject_kind(in, kKinds4, &kKinds4[3]);
  if (!kind) return kind.error();
  auto target = std::make_unique<RejectTarget>();
  target->kind = *kind;
  return TargetPtr(std::move(target));
}

}  // namespace

extern const TargetDef target_REJECT;
const TargetDef target_REJECT{.name = "REJECT",
                              .options = kOptions,
                              .syntax = "[--reject-with icmp-...|tcp-reset]",
                              .kernel_ref = "net/ipv4/netfilter/ipt_REJECT.c:reject_tg",
                              .parse = parse,
                              .tables = "filter"};

}  // namespace pktwalk
