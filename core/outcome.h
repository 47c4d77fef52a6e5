// Outcome: how a scheduled request ended. A closed set: every request has exactly one.
//
//     ledger.Count(Outcome::kTimeout);
//     OutcomeName(Outcome::kBadStatus);   // "bad_status"
#ifndef CORE_OUTCOME_H_
#define CORE_OUTCOME_H_

#include <array>
#include <cstddef>
#include <string_view>

namespace drumline {

enum class Outcome {
  kOk,
  kBadStatus,      // a complete response with another status than the expected one
  kBadBody,        // the expected status, but not the expected body
  kTimeout,        // sent, but unanswered at the deadline
  kRefused,        // no connection could be opened
  kReset,          // the connection broke before the response was complete
  kProtocolError,  // the response was not HTTP/1.1, or larger than the limit
  kCensored,       // in flight when the window closed
  kUnsent,         // no connection became free before the deadline
};

inline constexpr size_t kOutcomeCount = 9;

inline constexpr std::array<std::string_view, kOutcomeCount> kOutcomeNames = {
    "ok",    "bad_status",     "bad_body", "timeout", "refused",
    "reset", "protocol_error", "censored", "unsent"};

constexpr std::string_view OutcomeName(Outcome outcome) {
  return kOutcomeNames[static_cast<size_t>(outcome)];
}

// A complete response came: its times are measured, not bounds.
constexpr bool IsAnswered(Outcome outcome) {
  return outcome == Outcome::kOk || outcome == Outcome::kBadStatus || outcome == Outcome::kBadBody;
}

// The request got no answer for as long as it waited, so that its wait is a lower bound of its
// response time. A refused or broken connection says nothing of the kind.
constexpr bool IsLowerBound(Outcome outcome) {
  return outcome == Outcome::kTimeout || outcome == Outcome::kCensored ||
         outcome == Outcome::kUnsent;
}

}  // namespace drumline

#endif  // CORE_OUTCOME_H_
