#include "core/ledger.h"

#include <numeric>

#include "absl/strings/str_cat.h"

namespace drumline {

Carry& Carry::operator+=(const Carry& other) {
  waiting += other.waiting;
  in_flight += other.in_flight;
  return *this;
}

uint64_t Ledger::SentAndEnded() const {
  return std::accumulate(ended_.begin(), ended_.end(), uint64_t{0}) - Count(Outcome::kUnsent);
}

uint64_t Ledger::Answered() const {
  return Count(Outcome::kOk) + Count(Outcome::kBadStatus) + Count(Outcome::kBadBody);
}

uint64_t Ledger::Failed() const {
  return SentAndEnded() - Count(Outcome::kOk) + Count(Outcome::kUnsent);
}

Ledger& Ledger::operator+=(const Ledger& other) {
  scheduled_ += other.scheduled_;
  sent_ += other.sent_;
  for (size_t i = 0; i < kOutcomeCount; ++i) ended_[i] += other.ended_[i];
  return *this;
}

absl::Status Ledger::CheckBalance(const Carry& before, const Carry& after) const {
  const uint64_t due = before.waiting + scheduled_;
  const uint64_t dealt_with = sent_ + Count(Outcome::kUnsent) + after.waiting;
  if (due != dealt_with) {
    return absl::DataLossError(absl::StrCat("the books do not balance: waiting ", before.waiting,
                                            " + scheduled ", scheduled_, " is not sent ", sent_,
                                            " + unsent ", Count(Outcome::kUnsent),
                                            " + still waiting ", after.waiting));
  }
  const uint64_t begun = before.in_flight + sent_;
  if (begun != SentAndEnded() + after.in_flight) {
    return absl::DataLossError(
        absl::StrCat("the books do not balance: in flight ", before.in_flight, " + sent ", sent_,
                     " is not ended ", SentAndEnded(), " + still in flight ", after.in_flight));
  }
  return absl::OkStatus();
}

}  // namespace drumline
