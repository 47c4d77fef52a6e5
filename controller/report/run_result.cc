#include "controller/report/run_result.h"

namespace drumline {

void AddToWindow(const Book& book, proto::Phase phase, WindowCounts* counts) {
  if (phase != proto::PHASE_MEASURE) return;
  counts->sent += book.ledger().sent();
  counts->answered += book.ledger().Answered();
  counts->ok += book.ledger().Count(Outcome::kOk);
}

uint64_t DueInWindow(const RunResult& run, const Book& measure) {
  uint64_t due = measure.ledger().scheduled();
  for (const AgentResult& agent : run.agents) due += agent.missed_measure;
  return due;
}

}  // namespace drumline
