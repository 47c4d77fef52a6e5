// Preflight: what a host's facts mean for what is asked of it. Facts and demand in, a table out: no
// file is read here.
//
//     Demand demand{.connections = 10'000};
//     std::vector<proto::PreflightCheck> checks = JudgeHost(facts, demand);
//     // open_files: found 1024, wanted at least 10064, FATAL, "raise it: ulimit -n …"
//
// A check is FATAL where the run cannot be carried out as planned, a WARNING where its numbers may
// be worse than they need be, and NOT_KNOWN where the host does not tell. Checks come in a fixed
// order, each once, whatever was found. Pure functions.
#ifndef CORE_PREFLIGHT_H_
#define CORE_PREFLIGHT_H_

#include <cstdint>
#include <string>
#include <vector>

#include "proto/preflight.pb.h"

namespace drumline {

// What a plan asks of one host; nothing of one that no load comes from.
struct Demand {
  // The host sends load: an agent's.
  bool generator = true;
  // Connections that are open at once.
  uint64_t connections = 0;
  // Threads that send, each best on a core of its own; of all agents of the host where they spin.
  uint32_t workers = 1;
  // They never sleep, so that two on one core stop each other for milliseconds.
  bool workers_spin = false;
};

// Open files beyond the connections: see ArmedRun.
inline constexpr uint64_t kSpareOpenFiles = 64;
// Longer ways back from idle make themselves felt in send lag.
inline constexpr uint64_t kLongestIdleExitUs = 50;
// A share of the host's CPU time since boot.
inline constexpr double kMostSteal = 0.01;
// A closed connection keeps its local port for so long.
inline constexpr uint32_t kTimeWaitSeconds = 60;

std::vector<proto::PreflightCheck> JudgeHost(const proto::HostFacts& facts, const Demand& demand);

// The worst of all; OK if there are none.
proto::Finding::Value WorstOf(const proto::Preflight& preflight);

// "1 fatal, 3 warnings, 2 not known" or "all is well".
std::string Summary(const proto::Preflight& preflight);

}  // namespace drumline

#endif  // CORE_PREFLIGHT_H_
