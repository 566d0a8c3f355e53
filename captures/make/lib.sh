# SPDX-License-Identifier: MIT
# What every scenario script shares: a router, its networks and hosts in network namespaces of their own, the dump of
# the router, and the recording. Source it first; it re-runs the script on one processor, so that frames are handled in
# the order in which they were sent.
#
#   scenario NAME                        the name of the capture; makes the router
#   network DEV ADDR/LEN MAC [MTU]       a network of the router: a device with this address, and a switch behind it
#   host NAME DEV ADDR/LEN MAC           a host on that network whose default gateway is the router
#   plug NAME IF DEV ADDR/LEN MAC        one more interface of a host, on another network
#   on NAME COMMAND...                   run a command in a host, or in "router"
#   start NAME COMMAND...                the same in the background, until the script ends
#   rules <FILE                          load an iptables-save text into the router
#   record                               dump the router, then record from now on
#   finish                               stop, write the capture and what the router counted and tracked

set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

if [ "${CAPTURE_PINNED:-}" != yes ]; then
    [ "$(id -u)" = 0 ] || { echo "$0: needs root, to make network namespaces" >&2; exit 4; }
    CAPTURE_PINNED=yes exec taskset -c 0 bash "$0" "$@"
fi

prefix=pw
unset http_proxy https_proxy all_proxy no_proxy HTTP_PROXY HTTPS_PROXY ALL_PROXY NO_PROXY
captures=$(dirname "$here")
declare -A net_gateway net_mac net_known
namespaces=()
background=()

die() { echo "$(basename "$0"): $*" >&2; exit 1; }

cleanup() {
    local pid ns
    for pid in "${background[@]}"; do kill "$pid" 2>/dev/null || true; done
    for pid in "${background[@]}"; do wait "$pid" 2>/dev/null || true; done
    for ns in "${namespaces[@]}"; do ip netns del "$ns" 2>/dev/null || true; done
    [ -z "${scratch:-}" ] || rm -r "$scratch"
}

namespace() {
    ip netns add "$prefix-$1" || die "namespace $prefix-$1 is in use: does another scenario run?"
    namespaces+=("$prefix-$1")
    on "$1" sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1
    on "$1" ip link set lo up
}

on() { local ns=$1; shift; ip netns exec "$prefix-$ns" "$@"; }

start() {
    local ns=$1; shift
    ip netns exec "$prefix-$ns" "$@" >/dev/null 2>&1 &
    background+=($!)
}

# cable NS DEV MAC NS DEV MAC: checksums are final and no segment is larger than the MTU, as on a real wire
cable() {
    ip link add "$2" netns "$prefix-$1" address "$3" type veth \
        peer name "$5" netns "$prefix-$4" address "$6"
    local end
    for end in "$1 $2" "$4 $5"; do
        set -- $end
        on "$1" ethtool -K "$2" tx off sg off tso off gso off gro off >/dev/null 2>&1
        on "$1" ip link set "$2" up
    done
}

scenario() {
    name=$1
    for tool in ip iptables-legacy-restore conntrack ethtool python3 taskset; do
        command -v $tool >/dev/null || die "$tool is not installed"
    done
    scratch=$(mktemp -d)
    trap cleanup EXIT
    trap 'exit 130' INT TERM
    namespace router
    # The kernel limits its own ICMP errors by wall-clock time; a replay cannot know that, so the limit is off.
    on router sysctl -qw net.ipv4.ip_forward=1 net.ipv4.icmp_ratelimit=0 \
        net.ipv4.icmp_msgs_per_sec=100000 net.ipv4.icmp_msgs_burst=100000
    devices=()
}

network() {
    local dev=$1 addr=$2 mac=$3 mtu=${4:-1500}
    namespace "$dev"
    on "$dev" ip link add name switch type bridge
    on "$dev" ip link set switch up
    cable router "$dev" "$mac" "$dev" uplink "02:ff:${mac#*:*:}"
    on "$dev" ip link set uplink master switch
    on router ip addr add "$addr" brd + dev "$dev"
    on router ip link set "$dev" mtu "$mtu"
    devices+=("$dev")
    net_gateway[$dev]=${addr%/*} net_mac[$dev]=$mac net_known[$dev]=
}

# plug NS IF DEV ADDR/LEN MAC: neighbours are fixed on all sides, so that no ARP stands between the packets
plug() {
    local ns=$1 if=$2 dev=$3 addr=$4 mac=$5 other
    cable "$ns" "$if" "$mac" "$dev" "$ns" "02:ff:${mac#*:*:}"
    on "$dev" ip link set "$ns" master switch
    on "$ns" ip link set "$if" mtu "$(on router cat "/sys/class/net/$dev/mtu")"
    on "$ns" ip addr add "$addr" brd + dev "$if"
    on "$ns" ip neigh replace "${net_gateway[$dev]}" lladdr "${net_mac[$dev]}" dev "$if" nud permanent
    on router ip neigh replace "${addr%/*}" lladdr "$mac" dev "$dev" nud permanent
    for other in ${net_known[$dev]}; do
        set -- ${other//=/ }
        on "$ns" ip neigh replace "$3" lladdr "$4" dev "$if" nud permanent
        on "$1" ip neigh replace "${addr%/*}" lladdr "$mac" dev "$2" nud permanent
    done
    net_known[$dev]+=" $ns=$if=${addr%/*}=$mac"
}

host() {
    namespace "$1"
    plug "$1" eth0 "$2" "$3" "$4"
    on "$1" ip route add default via "${net_gateway[$2]}"
}

rules() { on router iptables-legacy-restore; }

sysctls='net\.(ipv4\.(ip_forward|conf\.[^.]*\.(rp_filter|forwarding|bc_forwarding|accept_local|accept_source_route'
sysctls+='|send_redirects|src_valid_mark|route_localnet|proxy_arp|log_martians|secure_redirects|shared_media|arp_ignore'
sysctls+='|arp_announce|drop_unicast_in_l2_multicast)|icmp_.*|ip_default_ttl|ip_local_port_range|fwmark_reflect'
sysctls+='|ip_no_pmtu_disc|ip_forward_use_pmtu|ip_forward_update_priority|tcp_l3mdev_accept|fib_multipath_.*'
sysctls+='|tcp_fwmark_accept|ip_nonlocal_bind|ip_early_demux|tcp_early_demux|udp_early_demux|ipfrag_.*)'
sysctls+='|ipv6\.conf\.[^.]*\.(forwarding|disable_ipv6|accept_source_route|hop_limit)|ipv6\.icmp\..*'
sysctls+='|ipv6\.(fib_.*|fwmark_reflect)|netfilter\.nf_conntrack_.*|bridge\.bridge-nf-.*)'

dump() {
    local to=$1
    mkdir -p "$to"
    rm -f "$to"/*
    on router ip -j -d link >"$to/ip-link.json"
    on router ip -j -d addr >"$to/ip-addr.json"
    on router ip addr >"$to/ip-addr.txt"
    on router ip -4 route show table all >"$to/ip-route.txt"
    on router ip -j -4 route show table all >"$to/ip-route.json"
    on router ip -6 route show table all >"$to/ip6-route.txt" 2>/dev/null || true
    on router ip -4 rule >"$to/ip-rule.txt"
    on router ip -6 rule >"$to/ip6-rule.txt"
    on router ip neigh >"$to/ip-neigh.txt"
    on router iptables-legacy-save -c >"$to/iptables-save.txt"
    on router ip6tables-legacy-save -c >"$to/ip6tables-save.txt"
    on router nft -a list ruleset >"$to/nft-ruleset.txt" 2>/dev/null
    on router nft -j list ruleset >"$to/nft-ruleset.json" 2>/dev/null
    on router ipset save >"$to/ipset-save.txt"
    on router conntrack -L -o extended >"$to/conntrack.txt" 2>/dev/null
    on router tc qdisc >"$to/tc-qdisc.txt"
    local dev
    for dev in "${devices[@]}"; do on router tc class show dev "$dev" | sed "s/^/dev $dev /"; done >"$to/tc-class.txt"
    for dev in "${devices[@]}"; do on router tc filter show dev "$dev"; done >"$to/tc-filter.txt"
    on router ss -Hlntuw >"$to/ss.txt"
    on router sysctl -a 2>/dev/null | grep -E "$sysctls" >"$to/sysctl.txt"
}

record() {
    # what was needed to start the servers is no part of the story
    sleep 0.3
    on router conntrack -F 2>/dev/null
    local table
    for table in $(on router cat /proc/net/ip_tables_names); do on router iptables-legacy -t "$table" -Z; done
    dump "$captures/hosts/$name"
    mkdir -p "$captures/expected/$name"
    ip netns exec "$prefix-router" python3 "$here/record.py" --arrived "$captures/$name.pcapng" \
        --left "$captures/expected/$name/left.pcapng" "${devices[@]}" >"$scratch/recorder" &
    recorder=$!
    background+=($recorder)
    local i
    for i in $(seq 50); do grep -q recording "$scratch/recorder" && return; sleep 0.1; done
    die "the recorder did not start"
}

finish() {
    sleep 0.3
    # unplug the hosts first: a late retransmission would be counted but not recorded
    local dev other after="$captures/hosts/$name-after"
    for dev in "${devices[@]}"; do
        for other in ${net_known[$dev]}; do on "$dev" ip link set "${other%%=*}" down; done
    done
    sleep 0.1
    mkdir -p "$after"
    on router iptables-legacy-save -c >"$after/iptables-save.txt"
    on router conntrack -L -o extended >"$after/conntrack.txt" 2>/dev/null
    kill "$recorder"
    wait "$recorder" || die "the recorder failed"
    echo "$name: $(stat -c %s "$captures/$name.pcapng") bytes"
}

# website DIR: a page and a picture to serve
website() {
    mkdir -p "$1"
    printf '<!doctype html>\n<title>Documentation</title>\n<h1>It works</h1>\n<img src="picture">\n' >"$1/index.html"
    head -c 9000 /dev/zero | tr '\0' 'p' >"$1/picture"
}

# wait_for NS COMMAND...: until the command succeeds
wait_for() {
    local i
    for i in $(seq 50); do on "$@" >/dev/null 2>&1 && return; sleep 0.1; done
    die "waited five seconds in vain for: $*"
}

# serve NS ADDR PORT: a web server in a host
serve() {
    website "$scratch/www"
    start "$1" python3 "$here/serve.py" "$2" "$3" "$scratch/www"
    wait_for "$1" curl -s -o /dev/null "http://$2:$3/"
}
