// SPDX-License-Identifier: MIT
// Dumps behind a prompt, and nft commands in shell scripts.
#include <doctest/doctest.h>

#include "tests/model/parse/nft/nft_reading.h"

namespace pktwalk::nft {
namespace {

const char* const kTable = "table ip t {\n\tchain c {\n\t\ttcp dport 22 accept\n\t}\n}\n";

TEST_CASE("nft text: prompts, line ends and a missing newline are tolerated") {
  const std::string table = kTable;
  std::string crlf;
  for (const char c : table) crlf += c == '\n' ? std::string("\r\n") : std::string(1, c);
  const std::string texts[] = {
      "# nft list ruleset\n" + table,
      "root@fw:~# nft list ruleset\n" + table,
      "[root@fw ~]# nft -a list ruleset\n" + table + "[root@fw ~]# \n",
      "$ sudo nft list ruleset\n" + table,
      "#!/usr/sbin/nft -f\n\nflush ruleset\n" + table,
      "# $ nft add table ip other\n" + table,
      crlf,
      table.substr(0, table.size() - 1),
  };
  for (const std::string& text : texts) {
    CAPTURE(text);
    const Reading reading = read_text(text);
    CHECK(reading.messages().empty());
    CHECK(reading.printed() == table);
  }
  CHECK(read_text(crlf).host.diagnostics.size() == 1);
  CHECK(read_text(table.substr(0, table.size() - 1)).host.diagnostics.size() == 1);
}

TEST_CASE("nft text: the commands of a script") {
  const std::string texts[] = {
      "#!/bin/sh\nnft add table ip t\nnft add chain ip t c\nnft add rule ip t c tcp dport 22 "
      "accept\n",
      "nft add table ip t\nnft 'add chain ip t c'\nsudo /usr/sbin/nft \"add rule ip t c tcp dport "
      "22 accept\"\n",
      "#!/bin/bash\nset -e\nPORT=22\nexport T=\"ip t\"\nnft add table $T; nft add chain ${T} c\n"
      "if true; then\n  nft add rule $T c \\\n    tcp dport $PORT accept || true # comment\nfi\n",
      "#!/bin/sh\nPORT=22\nnft -f - <<EOF\ntable ip t {\n chain c {\n  tcp dport $PORT accept\n "
      "}\n}\nEOF\necho done\n",
      "#!/bin/sh\ncat <<'END' | nft -f -\ntable ip t {\n chain c {\n  tcp dport 22 accept\n }\n}\n"
      "END\n",
      "root@fw:~# nft add table ip t\nroot@fw:~# nft add chain ip t c\nroot@fw:~# nft add rule t c "
      "tcp dport 22 accept\n",
  };
  for (const std::string& text : texts) {
    CAPTURE(text);
    const Reading reading = read_text(text);
    CHECK(reading.messages().empty());
    CHECK(reading.printed() == kTable);
  }
}

TEST_CASE("nft text: quotes of the shell are not nft's") {
  const Reading reading = read_text(
      "nft add table ip t\n"
      "nft add chain ip t c '{ type filter hook input priority 0; policy drop; }'\n"
      "nft add chain ip t d { type filter hook output priority 0 \\; }\n"
      "nft add rule ip t c iifname \"eth0\" log prefix \\\"a b\\\" accept\n");
  CHECK(reading.messages().empty());
  const ast::Table& table = reading.ruleset.tables.at(0);
  CHECK(table.chains.at(0).policy == "drop");
  CHECK(table.chains.at(1).hook == "output");
  CHECK(print(table.chains.at(0).rules.at(0)) == "iifname eth0 log prefix \"a b\" accept");
}

TEST_CASE("nft text: messages point into the script") {
  const Reading reading = read_text(
      "#!/bin/sh\nnft add table ip t\nnft add chain ip t c\n"
      "  nft add rule ip t c tcp dprot 22 accept\nnft -f /etc/nftables.conf\n"
      "nft add rule ip t c iifname $WAN drop\n");
  CHECK(reading.messages() ==
        "5:8 warning: nft reads the file /etc/nftables.conf, which is not looked at\n"
        "4:27 error: \"dprot\" found, a field of the tcp header expected\n"
        "6:29 error: the variable $WAN is not defined\n");
  CHECK(reading.ruleset.tables.at(0).chains.at(0).rules.at(0).at.line == 4);
}

}  // namespace
}  // namespace pktwalk::nft
