// SPDX-License-Identifier: MIT
// A file in nft's language: first what is no nft is taken away, then it is parsed.
#include "model/parse/nft/parser.h"
#include "model/parse/nft/read.h"
#include "model/parse/nft/shell_text.h"

namespace pktwalk::nft {

ast::Ruleset parse_text(Host& host, std::uint32_t file) {
  const ShellText shell = without_shell(host, file);
  const SourceFile& source = host.sources.file(file);
  Text text{.text = shell.same ? std::string_view(source.text) : std::string_view(shell.text),
            .places = shell.places,
            .line_starts = &source.starts};
  return Parser(host, file, text).parse();
}

}  // namespace pktwalk::nft
