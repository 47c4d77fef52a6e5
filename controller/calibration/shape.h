// Shape: what of a run decides how many requests a second an agent can send. A calibration is made
// for a shape and holds for it alone.
//
//     for (const proto::RunPlan& run : RunsByShape(plan)) ShapeOf(run).words;
//     // "POST, 1,024 bytes of body, 16 connections"
//
// In it are the requests as they are sent, their weights, the connections and how long each of them
// lives; not in it are rates, lengths, think times, timeouts and what answers are held to. Pure
// functions.
#ifndef CONTROLLER_CALIBRATION_SHAPE_H_
#define CONTROLLER_CALIBRATION_SHAPE_H_

#include <string>
#include <vector>

#include "proto/plan.pb.h"

namespace drumline {

struct Shape {
  // For people.
  std::string words;
  // In hexadecimal.
  std::string sha256;
  // How many requests a beat begins, on average: more than one where it begins a flow.
  double requests_per_beat = 1;
};

Shape ShapeOf(const proto::RunPlan& run);

// The first run of each shape, in the plan's order.
std::vector<proto::RunPlan> RunsByShape(const proto::Plan& plan);

// "precise", "coalesced 250us".
std::string PacingWords(const proto::EnginePlan& engine);

// [run] without what a null service does not care for: its answers are held to nothing but their
// status, 200, and steps of flows follow at once. What flows take from answers stays.
proto::RunPlan Unchecked(const proto::RunPlan& run);

}  // namespace drumline

#endif  // CONTROLLER_CALIBRATION_SHAPE_H_
