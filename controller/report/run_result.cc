#include "controller/report/run_result.h"

namespace drumline {

void AddToWindow(const Book& book, proto::Phase phase, WindowCounts* counts) {
  if (phase != proto::PHASE_MEASURE) return;
  counts->sent += book.ledger().sent();
  counts->answered += book.ledger().Answered();
  counts->ok += book.ledger().Count(Outcome::kOk);
}

}  // namespace drumline
