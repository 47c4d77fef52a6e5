// The errors in a report's ledger, as objectives have them: beats that nobody is known to have sent
// (an agent was lost) are no error of the target's, nor are requests of which nobody knows how they
// ended.
//
//     ErrorsOf(run.ledger()), AskedOf(run.ledger())      // 12 of 50,000
//
// Pure.
#ifndef CONTROLLER_REPORT_LEDGER_ERRORS_H_
#define CONTROLLER_REPORT_LEDGER_ERRORS_H_

#include <cstdint>

#include "proto/report.pb.h"

namespace drumline {

// Those that came due, without the missed ones.
inline uint64_t AskedOf(const proto::Ledger& ledger) {
  return ledger.scheduled() - ledger.missed();
}

// Of AskedOf, those that are known not to have ended ok.
inline uint64_t ErrorsOf(const proto::Ledger& ledger) {
  return AskedOf(ledger) - ledger.open() - ledger.ok();
}

}  // namespace drumline

#endif  // CONTROLLER_REPORT_LEDGER_ERRORS_H_
