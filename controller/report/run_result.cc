#include "controller/report/run_result.h"

namespace drumline {

void AddToWindow(const Book& book, proto::Phase phase, WindowCounts* counts) {
  if (phase != proto::PHASE_MEASURE) return;
  counts->sent += book.ledger().sent();
  counts->answered += book.ledger().Answered();
  counts->ok += book.ledger().Count(Outcome::kOk);
}

uint64_t NeverCameDue(const RunResult& run) {
  uint64_t missed = 0;
  for (const AgentResult& agent : run.agents) missed += agent.missed_measure;
  return missed;
}

uint64_t DueInWindow(const RunResult& run, const Book& measure) {
  return measure.ledger().scheduled() + NeverCameDue(run);
}

}  // namespace drumline
