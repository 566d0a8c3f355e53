// SPDX-License-Identifier: MIT
// -m comment: a remark about the rule. It asks nothing of the packet and always matches.
//
// Kernel:  net/netfilter/xt_comment.c, comment_mt()
// Differs: nothing known
#include "model/netfilter/option_values.h"

namespace pktwalk {
namespace {

constexpr OptionSpec kOptions[] = {{.name = "--comment"}};
constexpr std::size_t kMaxLength = 255;  // XT_MAX_COMMENT_LEN with its final zero

struct CommentMatch final : Match {
  std::string comment;

  Outcome evaluate(MatchContext&) const override { return Outcome::Match; }
  void print(OptionPrinter& out) const override { out.quoted("--comment", comment); }
};

Result<MatchPtr> parse(Options& in) {
  const Result<const GivenOption*> option = required(in, "--comment");
  if (!option) return option.error();
  auto match = std::make_unique<CommentMatch>();
  match->comment = (*option)->arg();
  if (match->comment.size() > kMaxLength) {
    in.context().warn((*option)->column,
                      "the comment is cut to the 255 bytes that a rule can hold");
    match->comment.resize(kMaxLength);
  }
  return MatchPtr(std::move(match));
}

}  // namespace

extern const MatchDef match_comment;
const MatchDef match_comment{.name = "comment",
                             .options = kOptions,
                             .syntax = "--comment TEXT",
                             .kernel_ref = "net/netfilter/xt_comment.c:comment_mt",
                             .parse = parse};

}  // namespace pktwalk
