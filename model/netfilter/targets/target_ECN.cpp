// SPDX-License-Identifier: MIT
// -j ECN: sets the ECN bits of the IP header, or the ECE and CWR flags of TCP.
//
// Kernel: net/ipv4/netfilter/ipt_ECN.c:ecn_tg(), set_ect_ip(), set_ect_tcp()
// Differs: nothing known
#include <fmt/format.h>

#include <optional>

#include "model/core/bytes.h"
#include "model/netfilter/option_values.h"
#include "model/netfilter/target.h"
#include "model/packet/checksum.h"
#include "model/packet/headers.h"
#include "model/packet/mangle.h"
#include "model/path/walk.h"

namespace pktwalk {
namespace {

constexpr OptionSpec kOptions[] = {{.name = "--ecn-tcp-remove", .args = OptionSpec::Args::None},
                                   {.name = "--ecn-tcp-cwr"},
                                   {.name = "--ecn-tcp-ece"},
                                   {.name = "--ecn-ip-ect"}};

// Bits of the TCP header's seventh word: data offset, reserved, flags.
constexpr std::uint16_t kEceBit = kTcpEce;
constexpr std::uint16_t kCwrBit = kTcpCwr;

struct EcnTarget final : Target {
  std::optional<bool> ece, cwr;
  std::optional<std::uint8_t> ect;

  Verdict act(TargetContext& ctx) const override {
    Skb& skb = ctx.skb;
    if (ect) {
      const std::uint8_t tos = Ipv4View(skb.l3().data()).tos();
      set_tos(skb, static_cast<std::uint8_t>((tos & ~3u) | *ect), ctx.walk.recorder());
    }
    const bool flags = ece.has_value() || cwr.has_value();
    // The kernel does not ask whether this is a later fragment.
    if (!flags || ctx.protocol != kProtoTcp) return Verdict::Continue;
    if (skb.data.size() < ctx.transport + 20) {
      const bool cut = ctx.transport + 20 <= skb.data.size() + skb.missing;
      if (!cut) return Verdict::Drop;
      ctx.unknown = "the TCP header was not captured";
      return Verdict::Unknown;
    }
    const std::uint16_t word = load_be16(skb.data.data() + ctx.transport + 12);
    std::uint16_t wanted = word;
    apply(wanted, kEceBit, ece);
    apply(wanted, kCwrBit, cwr);
    if (wanted == word) return Verdict::Continue;
    std::uint8_t* const tcp = skb.data.data() + ctx.transport;
    store_be16(tcp + 12, wanted);
    store_be16(tcp + 16, update_checksum(load_be16(tcp + 16), word, wanted));
    if (Recorder* const r = ctx.walk.recorder()) {
      r->step(ChangeStep{Field::TcpFlags, Value::tcp_flags(static_cast<std::uint8_t>(word)),
                         Value::tcp_flags(static_cast<std::uint8_t>(wanted))},
              &skb);
    }
    return Verdict::Continue;
  }

  void print(OptionPrinter& out) const override {
    if (ece == false && cwr == false && !ect) {
      out.option("--ecn-tcp-remove");
    } else {
      if (ece) out.option("--ecn-tcp-ece", *ece ? "1" : "0");
      if (cwr) out.option("--ecn-tcp-cwr", *cwr ? "1" : "0");
    }
    if (ect) out.option("--ecn-ip-ect", fmt::format("{}", *ect));
  }

 private:
  static void apply(std::uint16_t& word, std::uint16_t bit, std::optional<bool> value) {
    if (!value) return;
    word = static_cast<std::uint16_t>(*value ? word | bit : word & ~bit);
  }
};

Result<TargetPtr> parse(Options& in) {
  auto target = std::make_unique<EcnTarget>();
  for (const GivenOption& option : in.all()) {
    if (option.name() == "--ecn-tcp-remove") {
      if (in.has("--ecn-tcp-ece") || in.has("--ecn-tcp-cwr")) {
        return in.error(option, "--ecn-tcp-remove does not go with --ecn-tcp-ece or --ecn-tcp-cwr");
      }
      target->ece = target->cwr = false;
      continue;
    }
    const bool ip = option.name() == "--ecn-ip-ect";
    const Result<std::uint32_t> n = number_value(in, option, 0, ip ? 3 : 1);
    if (!n) return n.error();
    if (ip) target->ect = static_cast<std::uint8_t>(*n);
    if (option.name() == "--ecn-tcp-ece") target->ece = *n != 0;
    if (option.name() == "--ecn-tcp-cwr") target->cwr = *n != 0;
  }
  if (in.all().empty()) {
    return in.error("ECN needs --ecn-tcp-remove, --ecn-tcp-ece, --ecn-tcp-cwr or --ecn-ip-ect");
  }
  if (target->ece || target->cwr) {
    if (const Status tcp = needs_protocol(in, kProtoTcp); !tcp) return tcp.error();
  }
  return TargetPtr(std::move(target));
}

}  // namespace

extern const TargetDef target_ECN;
const TargetDef target_ECN{
    .name = "ECN",
    .options = kOptions,
    .syntax = "--ecn-tcp-remove | [--ecn-tcp-ece 0|1] [--ecn-tcp-cwr 0|1] [--ecn-ip-ect 0..3]",
    .kernel_ref = "net/ipv4/netfilter/ipt_ECN.c:ecn_tg",
    .parse = parse,
    .family = Family::Ipv4,
    .tables = "mangle"};

}  // namespace pktwalk
