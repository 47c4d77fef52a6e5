// ValueTaker: what the later steps of a flow use of the answer to an earlier one (`take:`).
//
//     const ValueTaker taker(request_plan, names);      // names of the flow's values, by slot
//     if (!taker.Take(&kept, &reader, flow_values)) …   // the answer does not have them all
//
// Immutable; safe from any thread.
#ifndef AGENT_ANSWER_VALUE_TAKER_H_
#define AGENT_ANSWER_VALUE_TAKER_H_

#include <cstddef>
#include <string>
#include <vector>

#include "agent/answer/json_reader.h"
#include "agent/http/kept_response.h"
#include "proto/plan.pb.h"

namespace drumline {

class ValueTaker {
 public:
  // A longer value is none, and so is one with control characters, which would break a request.
  static constexpr size_t kMaxValueBytes = 4096;

  ValueTaker() = default;
  ValueTaker(const proto::RequestPlan& request, const std::vector<std::string>& names);

  bool any() const { return needs_head_ || needs_body_; }
  bool needs_head() const { return needs_head_; }
  bool needs_body() const { return needs_body_; }

  // False, with some of the values perhaps taken, where the answer lacks one.
  bool Take(http::KeptResponse* kept, JsonReader* reader, std::vector<std::string>* values) const;

 private:
  struct One {
    size_t slot;
    std::string pointer;
    std::string header;  // instead of the pointer, unless empty
  };

  std::vector<One> takes_;
  // Asked for with each request.
  bool needs_head_ = false;
  bool needs_body_ = false;
};

}  // namespace drumline

#endif  // AGENT_ANSWER_VALUE_TAKER_H_
