#include "controller/calibration/ceiling.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "controller/format/units.h"
#include "controller/scenario/url.h"
#include "core/plan.h"
#include "core/rate.h"

namespace drumline {
namespace {

using proto::Finding;

// So that a share of exactly 70 % is not refused for an error of rounding.
constexpr double kRounding = 1e-9;
constexpr char kCalibrate[] = "controller calibrate SCENARIO";

// Of all agents of the run together, in beats a second.
double PeakOf(const proto::Plan& plan, const proto::RunPlan& run) {
  int64_t peak = 0;
  for (const proto::RateSegment& segment : run.load().segments()) {
    peak = std::max({peak, segment.from().micro_per_hour(), segment.to().micro_per_hour()});
  }
  const double planned = Rate::MicroPerHour(peak).per_second();
  return plan.has_capacity() ? std::max(planned, plan.capacity().to_rps()) : planned;
}

Conditions OfAgent(const proto::Plan& plan, const Shape& shape, const proto::Join& agent) {
  Conditions conditions = ConditionsOf(plan, shape.sha256);
  conditions.agent_id = agent.agent_id();
  conditions.host = agent.host();
  conditions.binary_sha256 = agent.binary_sha256();
  return conditions;
}

// One agent's calibrations for all that is asked of it.
struct Standing {
  // Of the shape that comes nearest to its ceiling.
  const proto::AgentCalibration* tightest = nullptr;
  double rps = 0;
  // Why a calibration that would be needed does not hold.
  bool foreign = false;
  std::string why_not;
};

Standing StandingOf(const proto::Plan& plan, const std::vector<ShapeDemand>& demands,
                    const proto::Join& agent, const proto::Calibration& kept) {
  Standing standing;
  double most = -1;
  for (const ShapeDemand& demand : demands) {
    const Held held = FindCalibration(kept, OfAgent(plan, demand.shape, agent));
    if (held.calibration == nullptr) {
      standing.foreign = standing.foreign || held.foreign;
      if (standing.why_not.empty()) standing.why_not = held.why_not;
      continue;
    }
    const double used = demand.rps_each / held.calibration->ceiling_rps();
    if (used <= most) continue;
    most = used;
    standing.tightest = held.calibration;
    standing.rps = demand.rps_each;
  }
  return standing;
}

// For the whole plan: by the least of the ceilings of each shape.
uint64_t AgentsForPlan(const proto::Plan& plan, const std::vector<ShapeDemand>& demands,
                       const std::vector<proto::Join>& crew, const proto::Calibration& kept) {
  uint64_t most = 1;
  for (const ShapeDemand& demand : demands) {
    double least = std::numeric_limits<double>::infinity();
    for (const proto::Join& agent : crew) {
      const Held held = FindCalibration(kept, OfAgent(plan, demand.shape, agent));
      if (held.calibration != nullptr) least = std::min(least, held.calibration->ceiling_rps());
    }
    if (!std::isfinite(least)) continue;
    most = std::max(most, AgentsNeeded(demand.rps_each * plan.agent_count(), least));
  }
  return most;
}

proto::HostPreflight* TableOf(const proto::Join& agent, proto::Preflight* preflight) {
  const std::string role = absl::StrCat("agent ", agent.agent_id());
  for (proto::HostPreflight& host : *preflight->mutable_hosts()) {
    if (host.role() == role) return &host;
  }
  return nullptr;
}

bool Suffices(const Standing& standing) {
  return standing.rps <= kUsableShare * standing.tightest->ceiling_rps() * (1 + kRounding);
}

std::string FoundWords(const proto::AgentCalibration& calibration) {
  return absl::StrCat(calibration.at_least() ? "at least " : "",
                      FormatRate(calibration.ceiling_rps()), ", of ", calibration.measured_at());
}

void Judge(const Standing& standing, uint64_t agents_needed, proto::PreflightCheck* check) {
  const bool asks = standing.rps > 0;
  check->set_wanted(asks ? absl::StrCat("at least ", FormatRate(standing.rps / kUsableShare), ": ",
                                        FormatRate(standing.rps), " are ", kUsablePercent, " %")
                         : "a closed loop asks for no rate");
  check->set_found(FoundWords(*standing.tightest));
  if (Suffices(standing)) {
    check->set_finding(Finding::OK);
    return;
  }
  check->set_finding(Finding::FATAL);
  check->set_remedy(absl::StrCat("it would take ", agents_needed,
                                 " agents like these, each on cores of its own; or ask for less"));
}

}  // namespace

std::vector<ShapeDemand> DemandByShape(const proto::Plan& plan) {
  std::vector<ShapeDemand> demands;
  std::map<std::string, size_t> places;
  for (const proto::RunPlan& run : plan.runs()) {
    Shape shape = ShapeOf(run);
    const auto [place, news] = places.try_emplace(shape.sha256, demands.size());
    if (news) demands.push_back({shape, 0});
    if (run.load().closed_loop()) continue;
    const double agents = std::max<double>(AgentsOf(run, plan), 1);
    const double each = PeakOf(plan, run) * shape.requests_per_beat / agents;
    double& most = demands[place->second].rps_each;
    most = std::max(most, each);
  }
  return demands;
}

CeilingTerms CeilingTermsOf(const proto::Scenario& scenario) {
  const bool tls =
      std::any_of(scenario.targets().begin(), scenario.targets().end(), [](const auto& target) {
        const absl::StatusOr<ParsedUrl> url = ParseUrl(target.second.url());
        return url.ok() && url->tls;
      });
  return {.tls = tls};
}

uint64_t AgentsNeeded(double rps_together, double ceiling_rps) {
  const double agents = rps_together / (kUsableShare * ceiling_rps) * (1 - kRounding);
  return std::max<uint64_t>(1, static_cast<uint64_t>(std::ceil(agents)));
}

proto::Calibration WhatHolds(const proto::Plan& plan, const std::vector<proto::Join>& crew,
                             const proto::Calibration& kept) {
  proto::Calibration holds;
  for (const ShapeDemand& demand : DemandByShape(plan)) {
    for (const proto::Join& agent : crew) {
      const Held held = FindCalibration(kept, OfAgent(plan, demand.shape, agent));
      if (held.calibration != nullptr) *holds.add_agents() = *held.calibration;
    }
  }
  return holds;
}

void JudgeCeilings(const proto::Plan& plan, const std::vector<proto::Join>& crew,
                   const proto::Calibration& kept, const CeilingTerms& terms,
                   proto::Preflight* preflight) {
  const std::vector<ShapeDemand> demands = DemandByShape(plan);
  const uint64_t agents_needed = AgentsForPlan(plan, demands, crew, kept);
  for (const proto::Join& agent : crew) {
    proto::HostPreflight* const host = TableOf(agent, preflight);
    if (host == nullptr) continue;
    proto::PreflightCheck& check = *host->add_checks();
    check.set_id(kCeilingCheck);
    const Standing standing = StandingOf(plan, demands, agent, kept);
    if (!terms.tls && standing.tightest != nullptr &&
        (standing.why_not.empty() || !Suffices(standing))) {
      Judge(standing, agents_needed, &check);
      continue;
    }
    check.set_finding(!terms.tls && standing.foreign ? Finding::WARNING : Finding::NOT_KNOWN);
    check.set_found(terms.tls ? "not calibrated: the null service does not speak TLS"
                              : standing.why_not);
    check.set_wanted("a calibration for these requests");
    if (!terms.tls) check.set_remedy(kCalibrate);
  }
}

std::vector<proto::Join> CrewOf(const proto::Plan& plan, const proto::Calibration& kept) {
  std::vector<const proto::AgentCalibration*> fitting;
  for (const ShapeDemand& demand : DemandByShape(plan)) {
    const Conditions wanted = ConditionsOf(plan, demand.shape.sha256);
    for (const proto::AgentCalibration& one : kept.agents()) {
      if (one.workers() == wanted.workers && one.engine_choice() == wanted.engine_choice &&
          one.pacing() == wanted.pacing && one.shape_sha256() == wanted.shape_sha256) {
        fitting.push_back(&one);
      }
    }
  }
  std::stable_sort(fitting.begin(), fitting.end(), [](const auto* a, const auto* b) {
    return a->measured_at() > b->measured_at();
  });
  std::map<std::string, proto::Join> crew;
  for (const proto::AgentCalibration* one : fitting) {
    if (crew.size() >= plan.agent_count()) break;
    proto::Join& agent = crew[one->agent_id()];
    if (!agent.agent_id().empty()) continue;
    agent.set_agent_id(one->agent_id());
    agent.set_host(one->host());
    agent.set_binary_sha256(one->binary_sha256());
  }
  std::vector<proto::Join> joins;
  for (auto& [id, agent] : crew) joins.push_back(std::move(agent));
  return joins;
}

}  // namespace drumline
