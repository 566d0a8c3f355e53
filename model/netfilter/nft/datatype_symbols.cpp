// SPDX-License-Identifier: MIT
// The words follow nft(8), the numbers the headers of the kernel that define them
// (include/uapi/linux: icmp.h, icmpv6.h, if_arp.h, if_ether.h, netfilter/nf_conntrack_common.h,
// rtnetlink.h) and the RFCs of the protocols. Where a number has two words the first is printed.
#include "model/netfilter/nft/datatype_symbols.h"

namespace pktwalk::nft::symbols {
namespace {

constexpr Symbol kArpOpWords[] = {{"request", 1},   {"reply", 2},   {"rrequest", 3}, {"rreply", 4},
                                  {"inrequest", 8}, {"inreply", 9}, {"nak", 10}};
constexpr Symbol kEtherTypeWords[] = {{"ip", 0x0800},   {"ip6", 0x86dd},   {"arp", 0x0806},
                                      {"vlan", 0x8100}, {"8021q", 0x8100}, {"8021ad", 0x88a8}};
constexpr Symbol kIcmpTypeWords[] = {{"echo-reply", 0},           {"destination-unreachable", 3},
                                     {"source-quench", 4},        {"redirect", 5},
                                     {"echo-request", 8},         {"router-advertisement", 9},
                                     {"router-solicitation", 10}, {"time-exceeded", 11},
                                     {"parameter-problem", 12},   {"timestamp-request", 13},
                                     {"timestamp-reply", 14},     {"info-request", 15},
                                     {"info-reply", 16},          {"address-mask-request", 17},
                                     {"address-mask-reply", 18}};
constexpr Symbol kIcmpv6TypeWords[] = {
    {"destination-unreachable", 1},  {"packet-too-big", 2},         {"time-exceeded", 3},
    {"parameter-problem", 4},        {"echo-request", 128},         {"echo-reply", 129},
    {"mld-listener-query", 130},     {"mld-listener-report", 131},  {"mld-listener-done", 132},
    {"mld-listener-reduction", 132}, {"nd-router-solicit", 133},    {"nd-router-advert", 134},
    {"nd-neighbor-solicit", 135},    {"nd-neighbor-advert", 136},   {"nd-redirect", 137},
    {"router-renumbering", 138},     {"ind-neighbor-solicit", 141}, {"ind-neighbor-advert", 142},
    {"mld2-listener-report", 143}};
constexpr Symbol kIcmpCodeWords[] = {{"net-unreachable", 0},  {"host-unreachable", 1},
                                     {"prot-unreachable", 2}, {"port-unreachable", 3},
                                     {"frag-needed", 4},      {"net-prohibited", 9},
                                     {"host-prohibited", 10}, {"admin-prohibited", 13}};
constexpr Symbol kIcmpv6CodeWords[] = {{"no-route", 0},         {"admin-prohibited", 1},
                                       {"addr-unreachable", 3}, {"port-unreachable", 4},
                                       {"policy-fail", 5},      {"reject-route", 6}};
constexpr Symbol kIcmpxCodeWords[] = {
    {"no-route", 0}, {"port-unreachable", 1}, {"host-unreachable", 2}, {"admin-prohibited", 3}};
constexpr Symbol kTcpFlagWords[] = {{"fin", 0x01}, {"syn", 0x02}, {"rst", 0x04}, {"psh", 0x08},
                                    {"ack", 0x10}, {"urg", 0x20}, {"ecn", 0x40}, {"cwr", 0x80}};
constexpr Symbol kDccpWords[] = {{"request", 0}, {"response", 1}, {"data", 2},  {"ack", 3},
                                 {"dataack", 4}, {"closereq", 5}, {"close", 6}, {"reset", 7},
                                 {"sync", 8},    {"syncack", 9}};
constexpr Symbol kMhWords[] = {{"binding-refresh-request", 0},
                               {"home-test-init", 1},
                               {"careof-test-init", 2},
                               {"home-test", 3},
                               {"careof-test", 4},
                               {"binding-update", 5},
                               {"binding-acknowledgement", 6},
                               {"binding-error", 7},
                               {"fast-binding-update", 8},
                               {"fast-binding-acknowledgement", 9},
                               {"fast-binding-advertisement", 10},
                               {"experimental-mobility-header", 11},
                               {"home-agent-switch-message", 12}};
constexpr Symbol kBooleanWords[] = {{"exists", 1}, {"missing", 0}, {"true", 1}, {"false", 0}};
constexpr Symbol kDscpWords[] = {
    {"cs0", 0x00},   {"cs1", 0x08},  {"cs2", 0x10},  {"cs3", 0x18},  {"cs4", 0x20},
    {"cs5", 0x28},   {"cs6", 0x30},  {"cs7", 0x38},  {"df", 0x00},   {"be", 0x00},
    {"lephb", 0x01}, {"af11", 0x0a}, {"af12", 0x0c}, {"af13", 0x0e}, {"af21", 0x12},
    {"af22", 0x14},  {"af23", 0x16}, {"af31", 0x1a}, {"af32", 0x1c}, {"af33", 0x1e},
    {"af41", 0x22},  {"af42", 0x24}, {"af43", 0x26}, {"va", 0x2c},   {"ef", 0x2e}};
constexpr Symbol kEcnWords[] = {{"not-ect", 0}, {"ect1", 1}, {"ect0", 2}, {"ce", 3}};
constexpr Symbol kCtStateWords[] = {
    {"invalid", 1}, {"new", 8}, {"established", 2}, {"related", 4}, {"untracked", 64}};
constexpr Symbol kCtDirWords[] = {{"original", 0}, {"reply", 1}};
constexpr Symbol kCtStatusWords[] = {
    {"expected", 1u << 0}, {"seen-reply", 1u << 1}, {"assured", 1u << 2}, {"confirmed", 1u << 3},
    {"snat", 1u << 4},     {"dnat", 1u << 5},       {"dying", 1u << 9},   {"offload", 1u << 14}};
constexpr Symbol kCtEventWords[] = {
    {"new", 1u << 0},     {"related", 1u << 1},   {"destroy", 1u << 2}, {"reply", 1u << 3},
    {"assured", 1u << 4}, {"protoinfo", 1u << 5}, {"helper", 1u << 6},  {"mark", 1u << 7},
    {"seqadj", 1u << 8},  {"secmark", 1u << 9},   {"label", 1u << 10}};
constexpr Symbol kIfaceTypeWords[] = {{"ether", 1},   {"ppp", 512},      {"ipip", 768},
                                      {"ipip6", 769}, {"loopback", 772}, {"sit", 776},
                                      {"ipgre", 778}};
constexpr Symbol kNfProtoWords[] = {{"ipv4", 2}, {"ipv6", 10}};
constexpr Symbol kPktTypeWords[] = {
    {"host", 0}, {"unicast", 0}, {"broadcast", 1}, {"multicast", 2}, {"other", 3}};
constexpr Symbol kRealmWords[] = {{"cosmos", 0}};
constexpr Symbol kDevGroupWords[] = {{"default", 0}};
constexpr Symbol kDayWords[] = {{"Sunday", 0},   {"Monday", 1}, {"Tuesday", 2}, {"Wednesday", 3},
                                {"Thursday", 4}, {"Friday", 5}, {"Saturday", 6}};
constexpr Symbol kFibWords[] = {{"unspec", 0},    {"unicast", 1},     {"local", 2},
                                {"broadcast", 3}, {"anycast", 4},     {"multicast", 5},
                                {"blackhole", 6}, {"unreachable", 7}, {"prohibit", 8}};
constexpr Symbol kIgmpWords[] = {{"membership-query", 0x11},
                                 {"membership-report-v1", 0x12},
                                 {"membership-report-v2", 0x16},
                                 {"leave-group", 0x17},
                                 {"membership-report-v3", 0x22}};
constexpr Symbol kUidWords[] = {{"root", 0}};
constexpr Symbol kClassIdWords[] = {{"none", 0}, {"root", 0xffffffffu}};

}  // namespace

constinit const std::span<const Symbol> kArpOp = kArpOpWords, kEtherType = kEtherTypeWords,
                                        kIcmpType = kIcmpTypeWords, kIcmpv6Type = kIcmpv6TypeWords,
                                        kIcmpCode = kIcmpCodeWords, kIcmpv6Code = kIcmpv6CodeWords,
                                        kIcmpxCode = kIcmpxCodeWords, kTcpFlag = kTcpFlagWords,
                                        kDccpPkttype = kDccpWords, kMhType = kMhWords,
                                        kBoolean = kBooleanWords, kDscp = kDscpWords,
                                        kEcn = kEcnWords, kCtState = kCtStateWords,
                                        kCtDir = kCtDirWords, kCtStatus = kCtStatusWords,
                                        kCtEvent = kCtEventWords, kIfaceType = kIfaceTypeWords,
                                        kNfProto = kNfProtoWords, kPktType = kPktTypeWords,
                                        kRealm = kRealmWords, kDevGroup = kDevGroupWords,
                                        kDay = kDayWords, kFibAddrType = kFibWords,
                                        kIgmpType = kIgmpWords, kUid = kUidWords,
                                        kClassId = kClassIdWords;

}  // namespace pktwalk::nft::symbols
