#include "controller/planner/run_order.h"

#include <algorithm>
#include <utility>

#include "core/random.h"

namespace drumline {
namespace {

// Draws that have nothing to do with those of the arrivals, which the same seed fixes.
constexpr uint64_t kOrderStream = 0x6f72646572;

// The baseline, then the others by name.
std::vector<std::string> TargetNames(const proto::Scenario& scenario) {
  std::vector<std::string> names;
  for (const auto& [name, target] : scenario.targets()) names.push_back(name);
  std::sort(names.begin(), names.end());
  const auto baseline = std::find(names.begin(), names.end(), scenario.baseline());
  if (baseline != names.end()) std::rotate(names.begin(), baseline, baseline + 1);
  return names;
}

// All points, at each number of threads one for each payload; one that varies nothing where there
// is no matrix.
std::vector<Point> Points(const proto::Scenario& scenario) {
  std::vector<uint32_t> threads(scenario.matrix().threads().begin(),
                                scenario.matrix().threads().end());
  if (threads.empty()) threads.push_back(0);
  std::vector<const proto::Bytes*> payloads;
  for (const proto::Bytes& payload : scenario.matrix().payload()) payloads.push_back(&payload);
  if (payloads.empty()) payloads.push_back(nullptr);
  std::vector<Point> points;
  for (const uint32_t count : threads) {
    for (const proto::Bytes* payload : payloads) points.push_back({payload, count});
  }
  return points;
}

// Fisher and Yates; [position] is where the sequence has been read up to.
void Shuffle(const RandomSequence& random, uint64_t* position, std::vector<std::string>* names) {
  for (size_t left = names->size(); left > 1; --left) {
    std::swap((*names)[left - 1], (*names)[random.BitsAt((*position)++) % left]);
  }
}

// In turns, or in pairs.
std::vector<Seat> Interleaved(const proto::Scenario& scenario) {
  const bool at_once = scenario.order() == proto::ORDER_PAIRED;
  uint32_t pair = 0;
  const RandomSequence random(scenario.seed() ^ kOrderStream);
  uint64_t position = 0;
  std::vector<std::string> targets = TargetNames(scenario);
  std::vector<Seat> seats;
  for (uint32_t repeat = 1; repeat <= scenario.repeats().count(); ++repeat) {
    if (repeat % 2 == 1) {
      Shuffle(random, &position, &targets);
    } else {
      std::reverse(targets.begin(), targets.end());
    }
    for (const Point& point : Points(scenario)) {
      if (at_once) ++pair;
      uint32_t half = 0;
      for (const std::string& target : targets) {
        seats.push_back({target, point, repeat, pair, at_once ? half++ : 0});
      }
    }
  }
  return seats;
}

std::vector<Seat> Sequential(const proto::Scenario& scenario) {
  std::vector<Seat> seats;
  for (const std::string& target : TargetNames(scenario)) {
    for (const Point& point : Points(scenario)) {
      for (uint32_t repeat = 1; repeat <= scenario.repeats().count(); ++repeat) {
        seats.push_back({target, point, repeat});
      }
    }
  }
  return seats;
}

}  // namespace

std::vector<Seat> OrderRuns(const proto::Scenario& scenario) {
  const bool in_turn = scenario.order() != proto::ORDER_SEQUENTIAL && !scenario.has_search();
  return in_turn ? Interleaved(scenario) : Sequential(scenario);
}

}  // namespace drumline
