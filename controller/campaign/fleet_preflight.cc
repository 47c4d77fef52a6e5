#include "controller/campaign/fleet_preflight.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "controller/calibration/ceiling.h"
#include "core/plan.h"
#include "core/preflight.h"

namespace drumline {
namespace {

using proto::Finding;

// proto::Rate counts millionths of a request an hour.
constexpr double kMicroPerHour = 3'600.0 * 1'000'000;
// More of the same says nothing new.
constexpr int kMostNamed = 8;
// So that an even share of a peak does not exceed its ceiling by an error of rounding.
constexpr double kRounding = 1e-9;

proto::PreflightCheck* AddLimit(std::string id, std::string found, std::string wanted, bool good,
                                std::string remedy, proto::HostPreflight* host) {
  proto::PreflightCheck& check = *host->add_checks();
  check.set_id(std::move(id));
  check.set_found(std::move(found));
  check.set_wanted(std::move(wanted));
  check.set_finding(good ? Finding::OK : Finding::FATAL);
  if (!good) check.set_remedy(std::move(remedy));
  return &check;
}

// A ceiling that holds the plan, but not a lost agent's beats besides, is the user's to weigh.
void JudgeHeir(const proto::AgentLimits& limits, const AgentDemand& demand,
               proto::PreflightCheck* max_rate) {
  if (max_rate->finding() != Finding::OK ||
      demand.heir_peak_rate <= limits.max_rate() * (1 + kRounding)) {
    return;
  }
  max_rate->set_finding(Finding::WARNING);
  max_rate->set_wanted(absl::StrFormat("at least %g/s, to take its share of a lost agent's beats",
                                       demand.heir_peak_rate));
  max_rate->set_remedy("use more agents, or start this one with a higher --max-rate");
}

// What the agent itself will refuse: known before anything is sent.
void JudgeOwnLimits(const proto::AgentLimits& limits, const AgentDemand& demand,
                    proto::HostPreflight* host) {
  if (limits.max_rate() > 0 && demand.peak_rate > 0) {
    proto::PreflightCheck* max_rate =
        AddLimit("max_rate", absl::StrFormat("%g/s", limits.max_rate()),
                 absl::StrFormat("at least %g/s", demand.peak_rate),
                 demand.peak_rate <= limits.max_rate() * (1 + kRounding),
                 "use more agents, or start this one with a higher --max-rate", host);
    JudgeHeir(limits, demand, max_rate);
  }
  if (limits.max_connections() > 0) {
    AddLimit("max_connections", absl::StrCat(limits.max_connections()),
             absl::StrCat("at least ", demand.connections),
             demand.connections <= limits.max_connections(),
             "use more agents, or start this one with a higher --max-connections", host);
  }
}

// Whoever spins leaves nothing of a core to the host's other agents.
uint32_t WorkersOnHost(const proto::Plan& plan, const std::vector<proto::Join>& crew,
                       const std::string& host) {
  const auto agents = std::count_if(crew.begin(), crew.end(), [&host](const proto::Join& agent) {
    return agent.facts().host() == host;
  });
  return plan.workers_per_agent() * static_cast<uint32_t>(agents);
}

}  // namespace

AgentDemand DemandOfEach(const proto::Plan& plan) {
  AgentDemand demand;
  const bool has_heirs = plan.on_loss() == proto::ON_LOSS_REDISTRIBUTE;
  for (const proto::RunPlan& run : plan.runs()) {
    const uint64_t agents = std::max<uint64_t>(AgentsOf(run, plan), 1);
    demand.connections =
        std::max(demand.connections, (run.load().connections() + agents - 1) / agents);
    for (const proto::RateSegment& segment : run.load().segments()) {
      const int64_t peak = std::max(segment.from().micro_per_hour(), segment.to().micro_per_hour());
      const double rate = static_cast<double>(peak) / kMicroPerHour;
      demand.peak_rate = std::max(demand.peak_rate, rate / static_cast<double>(agents));
      if (has_heirs && agents > 1) {
        demand.heir_peak_rate =
            std::max(demand.heir_peak_rate, rate / static_cast<double>(agents - 1));
      }
    }
  }
  return demand;
}

proto::Preflight JudgeFleet(const proto::Plan& plan, const std::vector<proto::Join>& crew,
                            const proto::HostFacts& own) {
  proto::Preflight preflight;
  const auto add = [&preflight](const std::string& role, const proto::HostFacts& facts,
                                const Demand& demand) {
    proto::HostPreflight& host = *preflight.add_hosts();
    host.set_role(role);
    host.set_host(facts.host());
    for (proto::PreflightCheck& check : JudgeHost(facts, demand)) {
      *host.add_checks() = std::move(check);
    }
    return &host;
  };
  add("controller", own, {.generator = false});
  const AgentDemand each = DemandOfEach(plan);
  const bool spin = plan.engine().pacing() == proto::PACING_SPIN;
  for (const proto::Join& agent : crew) {
    proto::HostPreflight* host =
        add(absl::StrCat("agent ", agent.agent_id()), agent.facts(),
            {.connections = each.connections,
             .workers =
                 spin ? WorkersOnHost(plan, crew, agent.facts().host()) : plan.workers_per_agent(),
             .workers_spin = spin});
    JudgeOwnLimits(agent.limits(), each, host);
  }
  return preflight;
}

absl::Status RefuseFatal(const proto::Preflight& preflight) {
  std::string words;
  bool ceilings_alone = true;
  int fatal = 0;
  for (const proto::HostPreflight& host : preflight.hosts()) {
    for (const proto::PreflightCheck& check : host.checks()) {
      if (check.finding() != Finding::FATAL) continue;
      ceilings_alone = ceilings_alone && check.id() == kCeilingCheck;
      if (++fatal > kMostNamed) continue;
      absl::StrAppend(&words, words.empty() ? "" : "; ", host.role(), ": ", check.id(), " is ",
                      check.found(), ", wanted ", check.wanted(), " (", check.remedy(), ")");
    }
  }
  if (words.empty()) return absl::OkStatus();
  if (fatal > kMostNamed) absl::StrAppend(&words, "; and ", fatal - kMostNamed, " more");
  return ceilings_alone ? absl::OutOfRangeError("more than the agents can do: " + words)
                        : absl::UnavailableError("preflight: " + words);
}

}  // namespace drumline
