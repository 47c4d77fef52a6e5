#include "controller/planner/plan_text.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <map>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "controller/planner/environment_text.h"
#include "controller/scenario/enum_word.h"
#include "controller/scenario/scalar.h"
#include "core/capacity_search.h"
#include "core/plan.h"

namespace drumline {
namespace {

constexpr int64_t kSecondNs = 1'000'000'000;
// Request line and header fields around the body: a guess that is good enough for planning.
constexpr uint64_t kHeadBytes = 160;

int64_t LengthNs(const proto::RunPlan& run) {
  return run.load().warmup_ns() + run.load().measure_ns();
}

double PeakRate(const proto::LoadPlan& load) {
  int64_t peak = 0;
  for (const proto::RateSegment& segment : load.segments()) {
    peak = std::max({peak, segment.from().micro_per_hour(), segment.to().micro_per_hour()});
  }
  return Rate::MicroPerHour(peak).per_second();
}

std::string LoadWords(const proto::LoadPlan& load) {
  const std::string window =
      absl::StrCat("warm-up ", DurationText(load.warmup_ns()), ", measured window ",
                   load.measure_ns() > 0 ? DurationText(load.measure_ns())
                                         : absl::StrCat(load.requests(), " requests"));
  if (load.closed_loop()) {
    return absl::StrCat("closed loop, ", load.connections(), " connections; ", window);
  }
  return absl::StrFormat("open loop, %s arrivals, up to %.10g/s; %s",
                         load.arrivals() == proto::ARRIVALS_POISSON ? "Poisson" : "constant",
                         PeakRate(load), window);
}

// How the agents work: "engine auto, pacing coalesced with a tick of 250us".
std::string EngineWords(const proto::EnginePlan& engine) {
  std::string words =
      absl::StrCat("engine ", EnumWord(engine.engine()), ", pacing ", EnumWord(engine.pacing()));
  if (engine.pacing() == proto::PACING_COALESCED) {
    absl::StrAppend(&words, " with a tick of ", DurationText(engine.tick_ns()));
  }
  return words;
}

// Requests of one agent: the sum of its workers' lanes.
uint64_t BeatsOf(const proto::Slice& slice, const LoadProfile& profile) {
  uint64_t sum = 0;
  for (const proto::WorkerSlice& worker : slice.workers()) {
    sum += Schedule(profile, ArrivalsOf(slice.load()), slice.load().seed(), slice.load().beats(),
                    {worker.lane().first(), worker.lane().stride()})
               .lane_beats();
  }
  return sum;
}

// Of a request, by how often each is sent.
double MeanBodyBytes(const proto::RunPlan& run) {
  double bytes = 0;
  double weights = 0;
  double weight = 1;
  for (const proto::RequestPlan* request : RequestsOf(run)) {
    // A flow's steps are sent as often as its first.
    if (!request->follows()) weight = std::max(request->weight(), 1u);
    bytes += weight * static_cast<double>(request->body().size());
    weights += weight;
  }
  return bytes / weights;
}

std::string BitRate(double per_second) {
  // What three digits cannot hold in megabits.
  if (per_second >= 999.5e6) return absl::StrFormat("%.3g Gbit/s", per_second / 1e9);
  return absl::StrFormat("%.3g Mbit/s", per_second / 1e6);
}

std::string AgentLine(const proto::Plan& plan, const proto::RunPlan& run, uint32_t agent) {
  const uint32_t agents = AgentsOf(run, plan);
  const proto::Slice slice = SliceOf(
      run, {.agent = agent % agents, .agents = agents, .workers = plan.workers_per_agent()});
  uint64_t connections = 0;
  uint64_t requests = 0;
  for (const proto::WorkerSlice& worker : slice.workers()) {
    connections += worker.connections();
    requests += worker.requests();
  }
  std::string line = absl::StrFormat("  agent %-4d %d connections", agent + 1, connections);
  if (run.load().closed_loop()) {
    return requests > 0 ? absl::StrCat(line, ", ", requests, " requests") : line;
  }
  const absl::StatusOr<LoadProfile> profile = ProfileOf(run.load());
  const double rate = PeakRate(run.load()) / agents;
  const double bytes = rate * (MeanBodyBytes(run) + kHeadBytes);
  return absl::StrFormat("%s, %d requests, up to %.6g/s, up to about %s out", line,
                         BeatsOf(slice, *profile), rate, BitRate(bytes * 8));
}

// The run with the largest bodies: what the network has to hold.
const proto::RunPlan& LargestRun(const proto::Plan& plan) {
  return *std::max_element(
      plan.runs().begin(), plan.runs().end(),
      [](const auto& a, const auto& b) { return MeanBodyBytes(a) < MeanBodyBytes(b); });
}

// The body of the request of that number, over all runs.
std::string BodyWords(const proto::Plan& plan, size_t number) {
  size_t smallest = std::numeric_limits<size_t>::max();
  size_t largest = 0;
  for (const proto::RunPlan& run : plan.runs()) {
    const size_t bytes = RequestsOf(run)[number]->body().size();
    smallest = std::min(smallest, bytes);
    largest = std::max(largest, bytes);
  }
  return smallest == largest ? absl::StrCat(largest, " bytes")
                             : absl::StrCat(smallest, " to ", largest, " bytes");
}

// "  request: GET, body 0 bytes", or one line for each of a mix.
std::string RequestLines(const proto::Plan& plan) {
  const std::vector<const proto::RequestPlan*> requests = RequestsOf(plan.runs(0));
  std::string text;
  for (size_t i = 0; i < requests.size(); ++i) {
    const proto::RequestPlan& request = *requests[i];
    const std::string when = request.follows()
                                 ? absl::StrCat("then, after ", DurationText(request.think_ns()))
                                 : absl::StrCat("weight ", std::max(request.weight(), 1u));
    const std::string which =
        requests.size() == 1
            ? request.method()
            : absl::StrCat(request.name(), ", ", when, ", ", request.method(), " ", request.path());
    absl::StrAppend(&text, "  request: ", which, ", body ", BodyWords(plan, i), "\n");
  }
  return text;
}

std::string RunLine(const proto::RunPlan& run) {
  std::string line =
      absl::StrFormat("%4d  %-28s repeat %d", run.index() + 1, run.target(), run.repeat());
  for (const auto& [axis, value] : run.point()) absl::StrAppend(&line, "  ", axis, " ", value);
  const std::string length =
      run.load().measure_ns() > 0 ? DurationText(LengthNs(run)) : "until all are answered";
  if (run.pair() > 0) absl::StrAppend(&line, "  at once, pair ", run.pair());
  return absl::StrCat(line, "  ", length, "\n");
}

// Of services that are started here.
std::string RestartLine(const proto::Plan& plan, const proto::Scenario& scenario) {
  const bool starts = std::any_of(
      scenario.targets().begin(), scenario.targets().end(),
      [](const auto& target) { return target.second.service() != proto::SERVICE_UNSPECIFIED; });
  if (!starts || scenario.repeats().count() < 2) return "";
  switch (plan.restart()) {
    case proto::RESTART_BETWEEN_REPEATS:
      return "  services: a new process for each repeat\n";
    case proto::RESTART_NEVER:
      return "  services: the same process for all repeats\n";
    default:
      return "";
  }
}

std::string WholeSeconds(int64_t ns) {
  return DurationText((ns + kSecondNs - 1) / kSecondNs * kSecondNs);
}

// How many runs a search takes is known when it is over; its bounds are known before.
std::string SearchLine(const proto::Plan& plan) {
  const proto::CapacityPlan& search = plan.capacity();
  const int most = CapacitySearch::MostOfASteadyTarget(
      {.from = search.from_rps(), .to = search.to_rps(), .within = search.within()});
  const auto length_of = [&](int runs_of_each) {
    int64_t ns = -plan.pause_ns();
    for (const proto::RunPlan& run : plan.runs()) {
      ns += runs_of_each * (LengthNs(run) + plan.pause_ns());
    }
    return WholeSeconds(ns);
  };
  return absl::StrFormat(
      "a search: after the first run of each target, from %.10g/s at twice the rate each time, up "
      "to %.10g/s, then between the last two until they are within %.0f %%, then once more\n"
      "1 to %d runs of each target, %s to %s of load and pauses, drains apart; where runs cannot "
      "be judged or a rate is not confirmed, %d runs and %s at most\n",
      search.from_rps(), search.to_rps(), 100 * search.within(), most, length_of(1),
      length_of(most), CapacitySearch::kMostProbes, length_of(CapacitySearch::kMostProbes));
}

std::string TotalLine(const proto::Plan& plan) {
  if (plan.has_capacity()) return SearchLine(plan);
  int64_t total_ns = -plan.pause_ns();
  bool known = true;
  uint32_t pair = 0;
  for (const proto::RunPlan& run : plan.runs()) {
    known = known && run.load().measure_ns() > 0;
    // Both runs of a pair take the same time.
    if (run.pair() != 0 && run.pair() == pair) continue;
    pair = run.pair();
    total_ns += LengthNs(run) + plan.pause_ns();
  }
  // Drains end when nothing is in flight any more, so that whole seconds are all that is known.
  const std::string length = WholeSeconds(total_ns);
  const std::string most =
      plan.has_until() ? absl::StrCat("at most (until ", plan.until().text(), ") ") : "";
  return absl::StrCat(most, plan.runs_size(), " run", plan.runs_size() == 1 ? "" : "s", ", ",
                      known ? length : absl::StrCat("at least ", length),
                      " of load and pauses, drains apart\n");
}

}  // namespace

std::string PlanToText(const proto::Plan& plan, const proto::Scenario& scenario) {
  const proto::RunPlan& first = plan.runs(0);
  std::string text =
      absl::StrCat("plan of ", plan.scenario_name(), " (seed ", plan.seed(), ")\n\n");
  if (plan.has_environment_file()) {
    absl::StrAppend(&text, "  environment ", EnvironmentLine(plan.environment_file()), "\n");
  }
  // A proto map has no order of its own.
  const std::map<std::string, proto::Target> targets(scenario.targets().begin(),
                                                     scenario.targets().end());
  for (const auto& [name, target] : targets) {
    absl::StrAppend(&text, "  target ", name, name == plan.baseline() ? " (baseline): " : ": ",
                    target.url().empty() ? "a service of this project, started here" : target.url(),
                    "\n");
  }
  absl::StrAppend(&text, RequestLines(plan), "  load: ", LoadWords(first.load()),
                  "\n  agents: ", EngineWords(plan.engine()), "\n", RestartLine(plan, scenario),
                  "\nruns, in order:\n");
  for (const proto::RunPlan& run : plan.runs()) absl::StrAppend(&text, RunLine(run));
  absl::StrAppend(&text, "\nin each run (", plan.workers_per_agent(), " worker",
                  plan.workers_per_agent() == 1 ? "" : "s", " an agent):\n");
  for (uint32_t agent = 0; agent < plan.agent_count(); ++agent) {
    absl::StrAppend(&text, AgentLine(plan, LargestRun(plan), agent), "\n");
  }
  absl::StrAppend(&text, "\n", TotalLine(plan), "nothing was sent\n");
  return text;
}

}  // namespace drumline
