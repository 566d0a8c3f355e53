// SPDX-License-Identifier: MIT
// -j TPROXY: gives the packet to a socket of a transparent proxy without changing it, and marks it
// so that policy routing brings it to this host. Without such a socket the packet is dropped.
//
// A socket serves only when its program asked for IP_TRANSPARENT. `ss --inet-sockopt` tells, a
// plain `ss` does not: then the answer is not known.
//
// Kernel: net/netfilter/xt_TPROXY.c:tproxy_tg4(), net/ipv4/netfilter/nf_tproxy_ipv4.c
// Differs: tproxy-sockets (sockets in TIME_WAIT are in no dump, nor, mostly, IP_TRANSPARENT)
#include <fmt/format.h>

#include "model/netfilter/mark_options.h"
#include "model/netfilter/option_values.h"
#include "model/netfilter/target.h"
#include "model/packet/headers.h"
#include "model/packet/mangle.h"
#include "model/path/sockets.h"
#include "model/path/walk.h"

namespace pktwalk {
namespace {

constexpr OptionSpec kOptions[] = {
    {.name = "--on-port"}, {.name = "--on-ip"}, {.name = "--tproxy-mark"}};

// Whom a look-up found. `own`: a connection that the walk itself began.
struct Receiver {
  const Socket* socket = nullptr;
  bool own = false;
  explicit operator bool() const { return socket != nullptr || own; }
};

// nf_tproxy_laddr4(): the first primary address of the device that the packet came in by.
IpAddr address_of(const Host& host, IfIndex dev, const IpAddr& otherwise) {
  for (const IfAddr& a : host.addresses) {
    if (a.dev == dev && !a.secondary && a.net.addr.is_v4()) return a.net.addr;
  }
  return otherwise;
}

struct TproxyTarget final : Target {
  std::uint16_t port = 0;  // 0: the packet's own
  IpAddr address;          // unspecified: the device's own
  MaskedValue mark{0, 0};

  Verdict act(TargetContext& ctx) const override {
    Skb& skb = ctx.skb;
    const std::size_t need = ctx.protocol == kProtoTcp ? 20 : 8;
    if (skb.data.size() < ctx.transport + need) {
      const bool cut = ctx.transport + need <= skb.data.size() + skb.missing;
      return cut ? unknown(ctx, "the transport header was not captured")
                 : drop(ctx, "the transport header is cut short");
    }
    const Host& host = ctx.walk.host();
    if (!host.has_sockets) {
      return unknown(ctx, "no dump of the sockets was given (ss -lntu --inet-sockopt)");
    }
    const Ipv4View ip(skb.l3().data());
    const std::uint8_t* const ports = skb.data.data() + ctx.transport;
    SocketKey key{.proto = ctx.protocol,
                  .local = ip.daddr(),
                  .port = load_be16(ports + 2),
                  .remote = ip.saddr(),
                  .remote_port = load_be16(ports),
                  .dev = skb.dev};
    Receiver receiver = connection(ctx, key);
    if (!receiver) {
      key.local = is_wildcard(address) ? address_of(host, skb.dev, ip.daddr()) : address;
      if (port != 0) key.port = port;
      receiver.socket = listener(host, key);
    }
    if (Recorder* const r = ctx.walk.recorder()) {
      r->step(SocketStep{receiver.socket, Value::endpoint(key.local, key.port),
                         receiver.own ? "a connection that an earlier packet began" : nullptr});
    }
    if (!receiver) return drop(ctx, "no socket for TPROXY");
    if (receiver.socket != nullptr) {
      if (!receiver.socket->transparent) {
        return unknown(ctx,
                       "the dump does not tell whether the socket is a transparent one "
                       "(IP_TRANSPARENT): ss -lntu --inet-sockopt does");
      }
      if (!*receiver.socket->transparent) {
        return drop(ctx, "the socket for TPROXY is not a transparent one (IP_TRANSPARENT)");
      }
      skb.assigned = receiver.socket;
    }
    set_mark(skb, (skb.mark & ~mark.mask) ^ mark.value, ctx.walk.recorder());
    return Verdict::Accept;
  }

  void print(OptionPrinter& out) const override {
    out.option("--on-port", fmt::format("{}", port));
    out.option("--on-ip", to_string(address));
    out.option("--tproxy-mark", value_and_mask_text(mark));
  }
  bool terminal() const override { return true; }

 private:
  static Verdict unknown(TargetContext& ctx, const char* why) {
    ctx.unknown = why;
    return Verdict::Unknown;
  }
  static Verdict drop(TargetContext& ctx, const char* why) {
    if (Recorder* const r = ctx.walk.recorder()) r->step(NoteStep{why});
    return Verdict::Drop;
  }

  // The packet belongs to a connection that was given to the proxy before.
  static Receiver connection(TargetContext& ctx, const SocketKey& key) {
    const Host& host = ctx.walk.host();
    if (key.proto != kProtoTcp) {
      const Socket* const s = find_socket(host, key);
      const bool connected = s != nullptr && !is_wildcard(s->remote) && !is_wildcard(s->local);
      return {.socket = connected ? s : nullptr};
    }
    if (const Socket* const s = find_socket(host, key, SocketKind::Connected)) return {.socket = s};
    const auto& begun = ctx.walk.state().local.tcp;
    const auto at = begun.find({key.remote, key.remote_port, key.local, key.port});
    if (at == begun.end()) return {};
    // Its listener's nature is the connection's. Where none has this address and port, the packet
    // that began it came through TPROXY.
    if (const Socket* const s = find_socket(host, key, SocketKind::Listening))
      return {.socket = s, .own = true};
    return {.own = true};
  }

  static const Socket* listener(const Host& host, const SocketKey& key) {
    if (key.proto == kProtoTcp) return find_socket(host, key, SocketKind::Listening);
    const Socket* const s = find_socket(host, key);
    return s != nullptr && is_wildcard(s->remote) ? s : nullptr;
  }
};

Result<TargetPtr> parse(Options& in) {
  const ParseContext& context = in.context();
  const bool carries =
      (context.protocol == kProtoTcp || context.protocol == kProtoUdp) && !context.protocol_negated;
  if (!carries) {
    return in.error("TPROXY is for TCP and UDP only", "write -p tcp or -p udp in the rule");
  }
  if (context.hooks != 0 && context.hooks != hook_bit(Hook::Prerouting)) {
    return in.error("TPROXY can be used in PREROUTING only");
  }
  const Result<const GivenOption*> option = required(in, "--on-port");
  if (!option) return option.error();
  const std::optional<std::uint16_t> port = read_port((*option)->arg());
  if (!port) return in.error(**option, "\"" + (*option)->arg() + "\" is no port");
  auto target = std::make_unique<TproxyTarget>();
  target->port = *port;
  target->address = IpAddr::mask(context.family, 0);
  if (const GivenOption* const on_ip = in.find("--on-ip")) {
    const std::optional<IpAddr> addr = IpAddr::parse(on_ip->arg());
    if (!addr || addr->family() != context.family) {
      return in.error(*on_ip, "\"" + on_ip->arg() + "\" is no address");
    }
    target->address = *addr;
  }
  if (const GivenOption* const o = in.find("--tproxy-mark")) {
    const Result<MaskedValue> mark = masked_value(in, *o);
    if (!mark) return mark.error();
    target->mark = *mark;
  }
  return TargetPtr(std::move(target));
}

}  // namespace

extern const TargetDef target_TPROXY;
const TargetDef target_TPROXY{
    .name = "TPROXY",
    .options = kOptions,
    .syntax = "--on-port n [--on-ip address] [--tproxy-mark value[/mask]]",
    .kernel_ref = "net/netfilter/xt_TPROXY.c:tproxy_tg4",
    .parse = parse,
    .tables = "mangle"};

}  // namespace pktwalk
