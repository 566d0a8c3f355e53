// SPDX-License-Identifier: MIT
// Kernel:  net/netfilter/ipset/ip_set_{hash,bitmap}_*.c and ip_set_list_set.c, struct ip_set_type
// Differs: nothing known
#include "model/netfilter/ipset_type.h"

namespace pktwalk {
namespace {

using enum SetPart;
constexpr std::array kTypes{
    IpSetType{.name = "hash:ip", .parts = {Ip}, .dimensions = 1},
    IpSetType{.name = "hash:net", .parts = {Net}, .dimensions = 1},
    IpSetType{.name = "hash:ip,port", .parts = {Ip, Port}, .dimensions = 2},
    IpSetType{.name = "hash:net,port", .parts = {Net, Port}, .dimensions = 2},
    IpSetType{.name = "hash:ip,port,ip", .parts = {Ip, Port, Ip}, .dimensions = 3},
    IpSetType{.name = "hash:ip,port,net", .parts = {Ip, Port, Net}, .dimensions = 3},
    IpSetType{
        .name = "hash:net,port,net", .parts = {Net, Port, Net}, .dimensions = 3, .net_zero = true},
    IpSetType{.name = "hash:net,net", .parts = {Net, Net}, .dimensions = 2, .net_zero = true},
    IpSetType{.name = "hash:net,iface", .parts = {Net, Iface}, .dimensions = 2, .net_zero = true},
    IpSetType{.name = "hash:mac", .parts = {Mac}, .dimensions = 1, .any_family = true},
    IpSetType{.name = "hash:ip,mac", .parts = {Ip, Mac}, .dimensions = 2},
    IpSetType{.name = "hash:ip,mark", .parts = {Ip, Mark}, .dimensions = 2},
    IpSetType{.name = "bitmap:ip", .parts = {Ip}, .dimensions = 1, .bitmap = true},
    IpSetType{.name = "bitmap:ip,mac", .parts = {Ip, Mac}, .dimensions = 2, .bitmap = true},
    IpSetType{.name = "bitmap:port",
              .parts = {Port},
              .dimensions = 1,
              .bitmap = true,
              .any_family = true},
    IpSetType{.name = "list:set", .parts = {Member}, .dimensions = 1, .any_family = true},
};

}  // namespace

const IpSetType* find_ipset_type(std::string_view name) {
  for (const IpSetType& type : kTypes) {
    if (type.name == name) return &type;
  }
  return nullptr;
}

}  // namespace pktwalk
