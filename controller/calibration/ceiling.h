// The rule of seven tenths: a plan may ask of each agent no more than 70 % of what it was measured
// to be able to. Nearer to its ceiling a generator's own lag grows, and the measurement is of the
// generator.
//
//     JudgeCeilings(plan, crew, kept, {.tls = false}, &preflight);
//     // a check `ceiling` for each agent: found 84,012/s, wanted at least 142,858/s, FATAL,
//     // "it would take 7 agents like these …"
//
//     an agent's share of the peak:  p = peak rate · requests a beat / agents
//     what each ceiling c must be:   c ≥ p / 0.7
//     agents that it would take:     ceil(peak rate · requests a beat / (0.7 · least ceiling))
//
// Agents have equal shares of a plan, so that the least of their ceilings counts for all. Closed
// loops ask for no rate and are never refused; a search asks for the highest rate that it may come
// to. Pure functions.
#ifndef CONTROLLER_CALIBRATION_CEILING_H_
#define CONTROLLER_CALIBRATION_CEILING_H_

#include <cstdint>
#include <vector>

#include "controller/calibration/kept.h"
#include "controller/calibration/shape.h"
#include "proto/agent_link.pb.h"
#include "proto/plan.pb.h"
#include "proto/preflight.pb.h"
#include "proto/scenario.pb.h"

namespace drumline {

// Of a ceiling, what a plan may use.
inline constexpr int kUsablePercent = 70;
inline constexpr double kUsableShare = kUsablePercent / 100.0;
// The id of the check in the preflight's table.
inline constexpr char kCeilingCheck[] = "ceiling";

// The largest that the runs of one shape ask of an agent.
struct ShapeDemand {
  Shape shape;
  // Requests a second of each agent at the peak; 0 if all its runs are closed loops.
  double rps_each = 0;
};
// In the plan's order of shapes.
std::vector<ShapeDemand> DemandByShape(const proto::Plan& plan);

// Agents of that ceiling, each, that it takes for so many requests a second together; at least 1.
uint64_t AgentsNeeded(double rps_together, double ceiling_rps);

// Those of [kept] that hold for the agents of [crew] under the plan.
proto::Calibration WhatHolds(const proto::Plan& plan, const std::vector<proto::Join>& crew,
                             const proto::Calibration& kept);

struct CeilingTerms {
  // The targets speak TLS, of which no calibration knows the cost.
  bool tls = false;
};
CeilingTerms CeilingTermsOf(const proto::Scenario& scenario);

// Adds a check to each agent's table in [preflight], where that is "agent ID": FATAL where a
// calibration that holds is too low for what is asked, OK where calibrations hold for all of it, a
// WARNING where one is there but does not hold, and NOT_KNOWN where there is none.
void JudgeCeilings(const proto::Plan& plan, const std::vector<proto::Join>& crew,
                   const proto::Calibration& kept, const CeilingTerms& terms,
                   proto::Preflight* preflight);

// The agents as [kept] knows them, for a plan whose fleet nobody has gathered: those of the newest
// calibrations that hold but for agent, host and executable, as many as the plan has agents.
std::vector<proto::Join> CrewOf(const proto::Plan& plan, const proto::Calibration& kept);

}  // namespace drumline

#endif  // CONTROLLER_CALIBRATION_CEILING_H_
