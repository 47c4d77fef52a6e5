// What the scenario's `validity` asks of a measurement, beside its send lag: an idle core left, the
// rate really offered, no large gap after the loss of an agent, a platform that lets the generator
// run, a settled warm-up, metrics that were read.
//
//     JudgeGenerator(evidence, &invalid);
//     JudgeSettling(evidence, &inconclusive);
//
// A bound that a plan does not have (those of older versions) asks nothing. Pure.
#ifndef CONTROLLER_REPORT_VALIDITY_H_
#define CONTROLLER_REPORT_VALIDITY_H_

#include <string>
#include <vector>

#include "controller/report/verdict.h"

namespace drumline {

// Makes a run INVALID: too little idle time, a shortfall that is the generator's, too many beats of
// lost agents that nobody sent (of a run that went on to its end), hiccups, steal, throttling.
void JudgeGenerator(const Evidence& evidence, std::vector<std::string>* invalid);

// Whether more beats of lost agents were missed than `validity` allows, which JudgeGenerator gives
// as a reason.
bool MissedTooMany(const Evidence& evidence);

// Makes it INCONCLUSIVE: response times that drift in one direction (core/drift.h), and a target
// that was not read for too long.
void JudgeSettling(const Evidence& evidence, std::vector<std::string>* inconclusive);

}  // namespace drumline

#endif  // CONTROLLER_REPORT_VALIDITY_H_
