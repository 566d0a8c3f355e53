// SPDX-License-Identifier: MIT
// An nftables ruleset as it is written, before anything has a type. The reader of the nft language
// and the reader of nft's JSON both make it; the builder makes a Ruleset (ruleset.h) of it.
//
// A word stays a word here: "22", "ssh", "10.0.0.1" and "established" are all symbols, because what
// they mean depends on what they are compared with.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace pktwalk::nft::ast {

// A place in the file: of the first character. Lines and columns count from 1.
struct At {
  std::uint32_t line = 0;
  std::uint32_t column = 0;
};

struct Expr;
struct Stmt;
using ExprPtr = std::unique_ptr<Expr>;
using StmtPtr = std::unique_ptr<Stmt>;

enum class ExprKind : std::uint8_t {
  Symbol,    // text: a word or number as written; a word list inside braces is a Set
  String,    // text: what stood in quotes
  Wildcard,  // "*": the catch-all element
  Prefix,    // args[0] / number
  Range,     // args[0] - args[1]
  List,      // args: "new, established" (bits, any of them)
  Set,       // args: elements in braces. Each is an Element or another expression
  Element,   // args[0]: the key; args[1] (may be null): the data of a map's element; the rest below
  SetRef,    // "@name": text is the name without @
  Concat,    // args: a . b . c
  // Things that are looked at. Words as in the grammar of nft(8).
  Payload,     // text: header ("ip", "tcp", "th", "ether", "vlan"), text2: field ("saddr")
  RawPayload,  // text: base ("ll", "nh", "th", "ih"), number: offset, number2: length, both in bits
  Exthdr,    // text: header ("hbh", "rt", "rt0", "frag", "dst", "mh", "srh"), text2: field; "" with
             // exists; number: which one of "addr[2]" and "sid[2]", from 1
  IpOption,  // text: option ("lsrr", "rr", "ssrr", "ra"), text2: field
  TcpOption,   // text: option ("maxseg", "sack", "sack1", or a number that has no name), text2:
               // field, "" when only its
               // presence is asked; raw "tcp option @kind,offset,length": text "@", args none,
               // number: kind, number2: offset, number3: length
  SctpChunk,   // text: chunk ("data"), text2: field or ""
  DccpOption,  // number: option
  Meta,        // text: key ("iifname", "mark", "l4proto", "time" ...)
  Ct,          // text: key ("state", "saddr", "mark", "helper" ...), text2: direction ("original",
               // "reply" or ""), text3: family given before the key ("ip", "ip6" or "")
  CtCount,     // "ct count [over] N" is a statement: see Stmt
  Rt,          // text: key ("classid", "nexthop", "mtu", "ipsec"), text3: family or ""
  Socket,      // text: key ("transparent", "mark", "wildcard", "cgroupv2"), number: level
  Fib,  // text: flags joined with " . " ("saddr . iif"), text2: result ("oif", "oifname", "type")
  Osf,  // text: key ("name", "version"), text2: ttl ("loose", "skip" or "")
  Numgen,   // text: "inc" or "random", number: modulus, number2: offset
  Jhash,    // args[0]: what is hashed, number: modulus, seed (optional), number2: offset
  Symhash,  // number: modulus, number2: offset
  Xfrm,     // "ipsec in reqid": text: key, text2: direction ("in", "out"), number: spnum, text3:
            // family
  Tunnel,   // text: "vxlan", "geneve", "gre", "gretap", args[0]: a header inside of it; or text:
            // "tunnel", text2: "id" or "path"
  // Calculations.
  Binary,   // text: operator ("|", "^", "&", "<<", ">>"), args[0], args[1]
  Map,      // args[0] map args[1] (a Set of Elements with data, or a SetRef)
  Verdict,  // text: "accept", "drop", "continue", "return", "jump", "goto", "queue"; text2: the
            // chain; number: 1 when the chain's rules stand in braces behind it (Chain::hidden)
  Unknown,  // text: as written; text2: what it is ("tunnel"): understood so far that the rest could
            // be read
};

struct Expr {
  ExprKind kind = ExprKind::Symbol;
  At at;
  std::string text, text2, text3;
  std::vector<ExprPtr> args;
  std::uint64_t number = 0, number2 = 0, number3 = 0;
  std::optional<std::uint64_t> seed;  // of Jhash

  // Of an Element.
  std::optional<std::uint64_t> timeout_ms;  // "timeout 1h"; 0: "timeout never"
  std::optional<std::uint64_t> expires_ms;  // "expires 59m58s"
  std::string comment;
  std::vector<StmtPtr> stateful;  // counter, limit, quota, ct count, last
  std::uint32_t length = 0;  // characters of the element in its line, when it stands in one line
};

enum class StmtKind : std::uint8_t {
  // "tcp flags syn / syn,ack" is read as tcp flags & (syn | ack) == syn.
  Match,  // args[0] op args[1]. op: "" (implicit), "==", "!=", "<", ">", "<=", ">="; for bits "!".
          // args[1] null: "exthdr frag exists" has args[1] = Symbol "exists"
  Vmap,   // args[0] vmap args[1]
  Verdict,  // args[0]: an ExprKind::Verdict
  Set,      // args[0] set args[1]: "meta mark set 1", "tcp option maxseg size set rt mtu"
  Counter,  // number: packets, number2: bytes; or name (a named counter: a Symbol, or a Map) in
            // args[0]
  Limit,    // rate: number per text ("second", "minute" ...), text2: unit ("packets", "bytes",
            // "kbytes", "mbytes"), over: flag, burst: number2, text3: its unit; named: args[0]
  Quota,    // number text ("bytes", "kbytes", "mbytes"), over: flag, used: number2 text2; named:
            // args[0]
  CtCount,  // number: connections, over: flag
  Last,     // number: milliseconds since it was used, flag: never
  Log,      // options: prefix, group, snaplen, queue-threshold, level, flags
  Reject,  // options: type ("tcp reset", "icmp", "icmpv6", "icmpx"), args[0] (may be missing): code
  Nat,     // text: "snat", "dnat", "masquerade", "redirect"; text2: family ("ip", "ip6" or "");
           // args[0]: address (may be null), args[1]: port (may be null); flags: options
           // "random", "fully-random", "persistent", "prefix", "interval", "concat" (a map
           // gives address and port)
  Tproxy,  // text2: family; args[0]: address or null, args[1]: port or null
  Notrack,    //
  Dup,        // args[0]: to (address or device), args[1]: device or null
  Fwd,        // args[0]: to; args[1] null or, with "fwd ip to ADDR device DEV": args[0] address,
              // args[1] device, text2: family
  Queue,      // args[0]: number, range or expression (may be missing); flags: options "bypass",
              // "fanout"
  SetUpdate,  // text: "add", "update", "delete"; args[0]: key as Element, args[1] null or the data;
              // text2: the set's name; stateful: block of the statements that its elements get
  Meter,  // text2: name or "", number: size; like SetUpdate for the rest ("meter m size 128 { ...
          // }")
  Synproxy,  // options: mss, wscale, timestamp, sack-perm; named: args[0]
  Flow,      // "flow add @ft": text2: name
  CtObject,  // "ct helper set X", "ct timeout set X", "ct expectation set X": text: kind, args[0]:
             // name
  Secmark,   // named: args[0]  ("meta secmark set X")
  ResetTcpOption,  // "reset tcp option X": text: option
  Xt,              // "xt match recent", 'xt target "LOG"': text: "match" or "target", text2: name
  Unknown,         // text: as written
};

struct Stmt {
  StmtKind kind = StmtKind::Match;
  At at;
  std::uint32_t end_column = 0;  // behind its last character, in the same line; 0: it spans lines
  std::string text, text2, text3;
  std::string op;
  std::vector<ExprPtr> args;
  std::uint64_t number = 0, number2 = 0;
  bool over = false;  // limit, quota, ct count: "over"
  bool flag = false;  // counter without numbers: false; with: true. last: "never"
  std::optional<std::uint64_t> burst;
  std::vector<std::pair<std::string, std::string>> options;  // in written order
  std::vector<StmtPtr> stateful;
};

struct Rule {
  At at;
  std::vector<StmtPtr> statements;
  std::string comment;
  std::uint64_t handle = 0;
  std::string text;  // as written, without the handle; lines that were joined by \ are one
  // It could not be read to its end: an error was reported, the statements are those before.
  bool broken = false;
};

struct Chain {
  At at;
  std::string name;
  bool hidden = false;  // the rules of a "jump { ... }"; named "__chain0", as the kernel does
  std::uint64_t handle = 0;
  // Of a base chain.
  bool base = false;
  std::string type;                  // "filter", "nat", "route"
  std::string hook;                  // "prerouting", "ingress" ...
  std::vector<std::string> devices;  // of ingress and egress chains
  std::string priority_name;         // "filter"; "" when it is a number
  std::int64_t priority = 0;         // the number, or the offset from the name
  std::string policy;                // "accept", "drop", "" when not given
  std::string comment;
  std::vector<std::string> flags;  // "offload"
  std::vector<Rule> rules;
  // Something besides a rule could not be read, such as the hook: an error was reported.
  bool broken = false;
};

struct Set {
  At at;
  std::string name;
  std::uint64_t handle = 0;
  bool map = false;
  std::vector<std::string> key_types;  // "type ipv4_addr . inet_service"
  ExprPtr key_typeof;                  // or "typeof ip saddr . tcp dport"
  std::vector<std::string>
      data_types;  // of a map: "verdict", "ipv4_addr . inet_service", "counter" ...
  ExprPtr data_typeof;
  bool data_interval = false;      // "type ipv4_addr : interval ipv4_addr"
  std::vector<std::string> flags;  // "constant", "interval", "timeout", "dynamic"
  std::optional<std::uint64_t> timeout_ms, gc_interval_ms;
  std::uint64_t size = 0;  // 0: no limit given
  std::string policy;      // "performance", "memory"
  bool auto_merge = false;
  std::string comment;
  std::vector<StmtPtr> stateful;  // "counter" in a set's body: every element gets one
  std::vector<ExprPtr> elements;  // Elements
  // Something of it could not be read: an error was reported, and elements may be missing.
  bool broken = false;
};

// counter, quota, limit, ct helper, ct timeout, ct expectation, secmark, synproxy, tunnel.
struct Object {
  At at;
  std::string kind;  // "counter", "quota", "limit", "ct helper", "ct timeout", ...
  std::string name;
  std::uint64_t handle = 0;
  StmtPtr body;  // of counter, quota, limit, synproxy: the same as the statement; else null
  // Of the others: "type" "sip", "protocol" "tcp"; times of "policy established" in seconds, the
  // "timeout" of an expectation in milliseconds.
  std::vector<std::pair<std::string, std::string>> properties;
  std::string comment;
};

struct Flowtable {
  At at;
  std::string name;
  std::uint64_t handle = 0;
  std::string hook = "ingress";
  std::string priority_name;
  std::int64_t priority = 0;
  std::vector<std::string> devices;
  std::vector<std::string> flags;  // "offload"
  bool counter = false;
};

struct Table {
  At at;
  std::string family;  // "ip", "ip6", "inet", "arp", "bridge", "netdev"
  std::string name;
  std::uint64_t handle = 0;
  std::vector<std::string> flags;  // "dormant", "owner"
  std::string comment;
  bool iptables_nft =
      false;  // "# Warning: table ip filter is managed by iptables-nft, do not touch!"
  std::vector<Chain> chains;
  std::vector<Set> sets;  // maps too, in written order
  std::vector<Object> objects;
  std::vector<Flowtable> flowtables;
};

// What a file says, with its commands ("add rule", "flush ruleset", "delete table") carried out in
// their order.
struct Ruleset {
  std::vector<Table> tables;
};

}  // namespace pktwalk::nft::ast
