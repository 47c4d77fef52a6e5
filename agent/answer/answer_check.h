// AnswerCheck: what the scenario expects of the answers to one request (its `expect`).
//
//     const AnswerCheck check(request_plan);
//     kept.want_body = check.needs_body();      // before the response comes
//     Outcome outcome = check.Judge(status, body_contained, &kept, &reader);
//
// The status is looked at first: an answer with another one is bad_status, whatever else is wrong
// with it; anything else that is not as expected is bad_body. Immutable; safe from any thread.
#ifndef AGENT_ANSWER_ANSWER_CHECK_H_
#define AGENT_ANSWER_ANSWER_CHECK_H_

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "agent/answer/json_reader.h"
#include "agent/http/kept_response.h"
#include "core/outcome.h"
#include "proto/plan.pb.h"

namespace drumline {

class AnswerCheck {
 public:
  // Status 200 and nothing else.
  AnswerCheck() : statuses_{{200, 200}} {}
  // [searches] tells that nobody else looks for expect.body_contains while the body arrives.
  AnswerCheck(const proto::RequestPlan& request, bool searches);

  // What of the response has to be kept.
  bool needs_head() const { return needs_head_; }
  bool needs_body() const { return needs_body_; }

  // [body_contained] tells whether the text that somebody else looked for was found. [kept] holds
  // what was asked for by needs_head and needs_body.
  Outcome Judge(int status, bool body_contained, http::KeptResponse* kept,
                JsonReader* reader) const {
    for (const auto& [first, last] : statuses_) {
      if (status < first || status > last) continue;
      if (!body_contained) return Outcome::kBadBody;
      return needs_head_ || needs_body_ ? LookInside(kept, reader) : Outcome::kOk;
    }
    return Outcome::kBadStatus;
  }

 private:
  using Pair = std::pair<std::string, std::string>;

  Outcome LookInside(http::KeptResponse* kept, JsonReader* reader) const;

  std::vector<std::pair<int, int>> statuses_;
  std::vector<Pair> headers_;
  std::vector<Pair> json_;  // pointer, value
  std::string contains_;
  // Asked for with each request.
  bool needs_head_ = false;
  bool needs_body_ = false;
};

// The value of the first field of that name, in any case; nothing if there is none.
std::optional<std::string_view> HeaderIn(std::string_view head, std::string_view name);

}  // namespace drumline

#endif  // AGENT_ANSWER_ANSWER_CHECK_H_
