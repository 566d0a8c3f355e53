// SPDX-License-Identifier: MIT
#include "tracer/source/link_type.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace pktwalk {
namespace {

struct NamedLinkType {
  std::uint32_t number;
  const char* name;
};

// Sorted by number. The names are those of the public list of link types.
constexpr NamedLinkType kNames[] = {
    {0, "NULL"},
    {1, "EN10MB"},
    {2, "EN3MB"},
    {3, "AX25"},
    {4, "PRONET"},
    {5, "CHAOS"},
    {6, "IEEE802_5"},
    {7, "ARCNET_BSD"},
    {8, "SLIP"},
    {9, "PPP"},
    {10, "FDDI"},
    {11, "ATM_RFC1483"},
    {12, "RAW"},
    {14, "RAW"},
    {50, "PPP_HDLC"},
    {51, "PPP_ETHER"},
    {99, "SYMANTEC_FIREWALL"},
    {100, "ATM_RFC1483"},
    {101, "RAW"},
    {104, "C_HDLC"},
    {105, "IEEE802_11"},
    {107, "FRELAY"},
    {108, "LOOP"},
    {109, "ENC"},
    {112, "HDLC"},
    {113, "LINUX_SLL"},
    {114, "LTALK"},
    {115, "ECONET"},
    {116, "IPFILTER"},
    {117, "PFLOG"},
    {118, "CISCO_IOS"},
    {119, "IEEE802_11_PRISM"},
    {120, "IEEE802_11_AIRONET"},
    {122, "IP_OVER_FC"},
    {123, "SUNATM"},
    {127, "IEEE802_11_RADIOTAP"},
    {128, "TZSP"},
    {129, "ARCNET_LINUX"},
    {130, "JUNIPER_MLPPP"},
    {131, "JUNIPER_MLFR"},
    {132, "JUNIPER_ES"},
    {133, "JUNIPER_GGSN"},
    {134, "JUNIPER_MFR"},
    {135, "JUNIPER_ATM2"},
    {136, "JUNIPER_SERVICES"},
    {137, "JUNIPER_ATM1"},
    {138, "APPLE_IP_OVER_IEEE1394"},
    {139, "MTP2_WITH_PHDR"},
    {140, "MTP2"},
    {141, "MTP3"},
    {142, "SCCP"},
    {143, "DOCSIS"},
    {144, "LINUX_IRDA"},
    {147, "USER0"},
    {148, "USER1"},
    {149, "USER2"},
    {150, "USER3"},
    {151, "USER4"},
    {152, "USER5"},
    {153, "USER6"},
    {154, "USER7"},
    {155, "USER8"},
    {156, "USER9"},
    {157, "USER10"},
    {158, "USER11"},
    {159, "USER12"},
    {160, "USER13"},
    {161, "USER14"},
    {162, "USER15"},
    {163, "IEEE802_11_AVS"},
    {165, "BACNET_MS_TP"},
    {166, "PPP_PPPD"},
    {167, "JUNIPER_PPPOE"},
    {168, "JUNIPER_PPPOE_ATM"},
    {169, "GPRS_LLC"},
    {174, "JUNIPER_PIC_PEER"},
    {177, "LINUX_LAPD"},
    {178, "JUNIPER_ETHER"},
    {179, "JUNIPER_PPP"},
    {180, "JUNIPER_FRELAY"},
    {181, "JUNIPER_CHDLC"},
    {182, "MFR"},
    {183, "JUNIPER_VP"},
    {186, "USB_FREEBSD"},
    {187, "BLUETOOTH_HCI_H4"},
    {189, "USB_LINUX"},
    {190, "CAN20B"},
    {192, "PPI"},
    {195, "IEEE802_15_4_WITHFCS"},
    {196, "SITA"},
    {197, "ERF"},
    {199, "IPMB_KONTRON"},
    {201, "BLUETOOTH_HCI_H4_WITH_PHDR"},
    {203, "LAPD"},
    {204, "PPP_WITH_DIR"},
    {205, "C_HDLC_WITH_DIR"},
    {206, "FRELAY_WITH_DIR"},
    {207, "LAPB_WITH_DIR"},
    {209, "IPMB_LINUX"},
    {212, "LIN"},
    {215, "IEEE802_15_4_NONASK_PHY"},
    {219, "MPLS"},
    {220, "USB_LINUX_MMAPPED"},
    {224, "FC_2"},
    {226, "IPNET"},
    {227, "CAN_SOCKETCAN"},
    {228, "IPV4"},
    {229, "IPV6"},
    {230, "IEEE802_15_4_NOFCS"},
    {231, "DBUS"},
    {235, "DVB_CI"},
    {239, "NFLOG"},
    {240, "NETANALYZER"},
    {241, "NETANALYZER_TRANSPARENT"},
    {242, "IPOIB"},
    {243, "MPEG_2_TS"},
    {245, "NFC_LLCP"},
    {246, "PFSYNC"},
    {247, "INFINIBAND"},
    {248, "SCTP"},
    {249, "USBPCAP"},
    {251, "BLUETOOTH_LE_LL"},
    {252, "WIRESHARK_UPPER_PDU"},
    {253, "NETLINK"},
    {254, "BLUETOOTH_LINUX_MONITOR"},
    {256, "BLUETOOTH_LE_LL_WITH_PHDR"},
    {257, "PROFIBUS_DL"},
    {258, "PKTAP"},
    {259, "EPON"},
    {264, "ISO_14443"},
    {265, "RDS"},
    {266, "USB_DARWIN"},
    {268, "SDLC"},
    {270, "LORATAP"},
    {271, "VSOCK"},
    {272, "NORDIC_BLE"},
    {273, "DOCSIS31_XRA31"},
    {274, "ETHERNET_MPACKET"},
    {276, "LINUX_SLL2"},
    {279, "EBHSCR"},
    {280, "VPP_DISPATCH"},
    {281, "DSA_TAG_BRCM"},
    {282, "DSA_TAG_BRCM_PREPEND"},
    {283, "IEEE802_15_4_TAP"},
    {284, "DSA_TAG_DSA"},
    {285, "DSA_TAG_EDSA"},
    {288, "USB_2_0"},
    {289, "ATSC_ALP"},
};

}  // namespace

const char* link_type_name(LinkType type) {
  const auto number = static_cast<std::uint32_t>(type);
  const auto* found = std::ranges::lower_bound(kNames, number, {}, &NamedLinkType::number);
  return found != std::end(kNames) && found->number == number ? found->name : "unknown";
}

std::string describe(LinkType type) {
  return fmt::format("{} ({})", static_cast<std::uint32_t>(type), link_type_name(type));
}

bool is_supported(LinkType type) {
  switch (type) {
    case LinkType::Null:
    case LinkType::Ethernet:
    case LinkType::RawBsd:
    case LinkType::RawOpenBsd:
    case LinkType::Raw:
    case LinkType::Loop:
    case LinkType::LinuxSll:
    case LinkType::Ipv4:
    case LinkType::Ipv6:
    case LinkType::LinuxSll2:
      return true;
  }
  return false;
}

std::uint32_t max_captured_length(LinkType type) {
  constexpr std::uint32_t kMiB = 1U << 20U;
  switch (static_cast<std::uint32_t>(type)) {
    case 231:
      return 128 * kMiB;  // DBUS: the bus's own limit for a message
    case 279:
      return 8 * kMiB;  // EBHSCR
    case 249:
      return kMiB;  // USBPCAP
    default:
      return 256 * 1024;
  }
}

}  // namespace pktwalk
