// Ledger: the sum of outcomes against the plan. Nothing is dropped silently:
//
//     scheduled = sent + unsent
//     sent      = ok + bad_status + bad_body + timeout + refused + reset + protocol_error +
//     censored
//
// A ledger over a stretch of time is open at both ends: requests wait for a connection or are in
// flight when it begins and when it ends. With that carry the equations hold for every second:
//
//     before.waiting   + scheduled = sent + unsent    + after.waiting
//     before.in_flight + sent      = ok + … + censored + after.in_flight
//
// A value type; thread-compatible.
#ifndef CORE_LEDGER_H_
#define CORE_LEDGER_H_

#include <array>
#include <cstdint>

#include "absl/status/status.h"
#include "core/outcome.h"

namespace drumline {

// What is open at an instant.
struct Carry {
  uint64_t waiting = 0;
  uint64_t in_flight = 0;

  Carry& operator+=(const Carry& other);
  friend bool operator==(const Carry&, const Carry&) = default;
};

class Ledger {
 public:
  // A request came due; was given to a connection; ended.
  void Schedule() { ++scheduled_; }
  void Send() { ++sent_; }
  void End(Outcome outcome) { ++ended_[static_cast<size_t>(outcome)]; }

  uint64_t scheduled() const { return scheduled_; }
  uint64_t sent() const { return sent_; }
  uint64_t Count(Outcome outcome) const { return ended_[static_cast<size_t>(outcome)]; }
  // Requests that were sent and have ended: all outcomes but unsent.
  uint64_t SentAndEnded() const;
  // Requests with a complete response.
  uint64_t Answered() const;
  // Requests that did not end ok, unsent ones included.
  uint64_t Failed() const;

  // For codecs: replaces a count.
  void set_scheduled(uint64_t value) { scheduled_ = value; }
  void set_sent(uint64_t value) { sent_ = value; }
  void SetCount(Outcome outcome, uint64_t value) { ended_[static_cast<size_t>(outcome)] = value; }

  Ledger& operator+=(const Ledger& other);
  friend bool operator==(const Ledger&, const Ledger&) = default;

  // The two equations, between two carries. An error names the equation and both of its sides.
  absl::Status CheckBalance(const Carry& before, const Carry& after) const;
  // The same for a whole run, with nothing open at either end.
  absl::Status CheckClosed() const { return CheckBalance({}, {}); }

 private:
  uint64_t scheduled_ = 0;
  uint64_t sent_ = 0;
  std::array<uint64_t, kOutcomeCount> ended_ = {};
};

}  // namespace drumline

#endif  // CORE_LEDGER_H_
