// RunResult: what is known of a run once it is over; all that a report is built from.
//
// A plain value, filled by whoever carried the run out or read it back from its bundle.
#ifndef CONTROLLER_REPORT_RUN_RESULT_H_
#define CONTROLLER_REPORT_RUN_RESULT_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/block_series.h"
#include "core/book.h"
#include "core/histogram.h"
#include "core/opening_book.h"
#include "proto/interval.pb.h"
#include "proto/plan.pb.h"

namespace drumline {

// What happened between the beginning and the end of the measured window, by the instant of the
// event and whatever the intended start: what the wire saw.
struct WindowCounts {
  uint64_t sent = 0;
  // Complete responses (ok, bad_status, bad_body), and the ok ones among them.
  uint64_t answered = 0;
  uint64_t ok = 0;
};

// Adds one book of an interval that lies in `phase`. Call it for the warm-up's book too: the late
// answers to its requests fall into the measured window.
void AddToWindow(const Book& book, proto::Phase phase, WindowCounts* counts);

struct AgentResult {
  std::string agent_id;
  // All its intervals of this run, merged, by the phase of the intended start.
  Book warmup;
  Book measure;
  // The parts of `measure` that are each request's, by number; empty where the plan has but one.
  std::vector<Book> requests;
  // The busiest worker's busiest second, as a share of a core.
  double worker_busy_max = 0;
  // How late its threads could look at the clock during the measured window.
  Histogram hiccups;
  // The engine that it really used; empty if it did not say.
  std::string engine;
  // Connections when the measured window began, and how many were opened in it.
  uint32_t connections_open = 0;
  uint64_t connects = 0;
  // How they were opened in it, and before it.
  OpeningBook opening_in_window;
  OpeningBook opening_before;
  // CPU time of the agent's process in the measured window, and how much of the window it reported:
  // less than the others if it was lost.
  int64_t cpu_ns = 0;
  double measured_seconds = 0;
  // Absent if it never said when it started.
  std::optional<double> start_skew_us;
  double clock_uncertainty_us = 0;
  // Seconds from the common start at which the agent was lost, if it was; where its last interval
  // ends; and from when on others had its beats.
  std::optional<double> lost_at_s;
  double reported_until_s = 0;
  std::optional<double> taken_over_at_s;
  // Whether its beats were accounted for: not in closed loops and flows, nor where the run was
  // stopped or has a fault, nor where no agent was lost. Then the counts that follow are 0.
  bool beats_known = false;
  // Beats that were this agent's and of which it never said that they came due, by phase: it was
  // lost, or the window was cut.
  uint64_t missed_warmup = 0;
  uint64_t missed_measure = 0;
  // Of the missed ones, those that were to go to others, of whom none had room for them.
  uint64_t nobodys = 0;
  // The parts of missed_measure that are each request's, where the plan has several of them; empty
  // where they are not known.
  std::vector<uint64_t> missed_requests;
  // The busiest worker of each second, as a share of a core, on average over the window; of the
  // host's cores what the hypervisor took; of the window the part in which a CPU limit held it.
  double busiest_core_mean = 0;
  double host_steal_share = 0;
  double throttled_share = 0;
  // Requests of the measured window that a worker had turned to by the window's end.
  uint64_t turned_to_in_window = 0;
  // How far its clock went from the controller's during the run.
  std::optional<double> clock_drift_us;
  double clock_drift_uncertainty_us = 0;

  // Beats of the measured window that nobody is known to have sent: the missed ones, and those that
  // waited for a connection when it was lost. 0 where nobody counted them.
  uint64_t MissedInWindow() const {
    return beats_known ? missed_measure + measure.after().waiting : 0;
  }
};

struct RunResult {
  // Not owned; outlives this value.
  const proto::RunPlan* plan = nullptr;
  std::vector<AgentResult> agents;
  // Of any run and target; those of other runs are ignored.
  std::vector<proto::Scrape> scrapes;
  // Why the run is INVALID, as the one who carried it out saw it; whole sentences without a full
  // stop.
  std::vector<std::string> faults;
  // What happened and was dealt with as the scenario has it; in words, too.
  std::vector<std::string> notes;
  // The measured window was cut here, in seconds from the common start.
  std::optional<double> cut_at_s;
  // The load was told to end early, in seconds from the common start.
  std::optional<double> stopped_at_s;
  // Length of the measured window as it was carried out. It begins at plan->load().warmup_ns().
  double measured_seconds = 0;
  WindowCounts in_window;
  // Response times of the measured window's requests, of all agents, by the time of their end.
  BlockSeries response_time_blocks;
  // Of a target that was started for this run: from its exec to its first complete answer.
  std::optional<int64_t> cold_start_ns;
  // The user ended it, or it ended early for another reason that is no fault.
  bool interrupted = false;
  // The condition of the scenario's abort_when that held, in words; empty if none did.
  std::string aborted;
  // The controller ended before the run did: what was open then was never closed.
  bool cut_off = false;
};

// Beats of the measured window that no agent said came due, because theirs was lost or the window
// was cut.
uint64_t NeverCameDue(const RunResult& run);

// All beats of the measured window, [measure] being all agents': with those of NeverCameDue.
uint64_t DueInWindow(const RunResult& run, const Book& measure);

}  // namespace drumline

#endif  // CONTROLLER_REPORT_RUN_RESULT_H_
