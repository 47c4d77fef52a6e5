// Dispatcher: decides which request is sent when, and how it ended. The agent's hot path without
// its sockets and without its clock.
//
//     Dispatcher dispatcher(terms, &schedule, &recorder, &wire);
//     for (;;) {                                        // what a worker's loop does
//       while (dispatcher.next_start_ns() <= (now = …)) dispatcher.Beat(now);
//       …                                               // responses: dispatcher.Answered(…)
//       dispatcher.AdvanceTo(now, delivered);           // intervals, deadlines, the window's end
//       if (dispatcher.finished()) break;
//       sleep until dispatcher.WakeAt(now);
//     }
//
// Open loop: intended starts come from the schedule alone. A beat that finds an idle connection is
// sent at once; otherwise it waits its turn, in order, until a connection becomes free (late, and
// its response time says so) or its deadline passes (unsent). Closed loop: every connection sends
// again as soon as it has its answer; the intended start is the send itself.
//
// The measured window ends by time or, in a closed loop, by count. What waits or is in flight then
// has the drain's length to be answered; the rest is unsent or censored.
//
// A beat may begin a flow: then the answer to one step and its think time give the next one its
// intended start, and steps are dealt with as beats are. A step that does not end ok, or would come
// due after the measured window, is the last of its flow: the others are skipped, and counted so.
// In a closed loop each connection stands for a user, who begins a flow when his last one has
// ended.
//
// Beats have a position in the plan, by which a mix chooses the request that each one sends. In a
// closed loop the lane's positions are taken in the order of the sends.
//
// All instants are nanoseconds from the common start and never go back. Used by one thread. Holds
// pointers to schedule, recorder and wire, which must outlive it.
#ifndef AGENT_DISPATCHER_H_
#define AGENT_DISPATCHER_H_

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "agent/flow_steps.h"
#include "agent/recorder.h"
#include "agent/ring_queue.h"
#include "core/mix.h"
#include "core/outcome.h"
#include "core/schedule.h"

namespace drumline {

// A request in flight; kept with the connection that carries it.
struct Flight {
  int64_t intended_ns = 0;
  int64_t sent_ns = 0;
  Recorder::Kind kind = Recorder::Kind::kWarmup;
  // Its number among the plan's requests.
  uint32_t request = 0;
  // The beat's number in the plan: what seeds and counters of templates are addressed by.
  uint64_t position = 0;
  // A response that comes at this instant or later is a timeout.
  int64_t deadline_ns = 0;
  // The flow that it is a step of, and what the flow has taken from answers so far.
  uint32_t flow = FlowSteps::kNone;
  std::vector<std::string>* taken = nullptr;

  Recorder::Entry entry() const { return {kind, request}; }
};

// The connections, as the dispatcher sees them: sockets (ConnectionPool), or a test's model of
// them.
class Wire {
 public:
  virtual ~Wire() = default;
  virtual bool HasIdle() const = 0;
  // Hands the request to an idle connection; there is one. Returns the request's size in bytes.
  virtual uint64_t Send(const Flight& flight) = 0;
  // The request in flight whose deadline comes first, if any.
  virtual const Flight* Oldest() const = 0;
  // Closes its connection, which is not idle afterwards.
  virtual void AbandonOldest() = 0;
};

class Dispatcher {
 public:
  static constexpr int64_t kNever = std::numeric_limits<int64_t>::max();
  // Short enough for a stop of the platform to be seen (see HiccupMeter).
  static constexpr int64_t kMaxSleepNs = 1'000'000;

  struct Terms {
    bool closed_loop = false;
    // From the intended start.
    int64_t timeout_ns = 0;
    int64_t drain_ns = 0;
    int64_t warmup_ns = 0;
    // Closed loop: the measured window ends with the answer to so many requests, not by time.
    bool by_count = false;
    uint64_t requests = 0;
    // Which request a beat sends; null where there is but one. Must outlive the dispatcher.
    const Mix* mix = nullptr;
    // The request with which each choice of the mix begins; empty where it is the choice itself.
    std::vector<uint32_t> first = {};
    // Of each request; empty where there are no flows.
    std::vector<FlowSteps::Shape> flows = {};
    // Closed loop with flows: how many may be under way at once.
    size_t users = 0;
    // Closed loop: the positions that this worker takes, one a request.
    Lane lane = {};
    // Of each request of a mix, from the intended start; empty where all have timeout_ns.
    std::vector<int64_t> timeouts_ns = {};
  };

  // [schedule] is null in a closed loop.
  Dispatcher(const Terms& terms, Schedule* schedule, Recorder* recorder, Wire* wire);

  // Nothing is sent later than that; what came due waits for a lease that lasts longer, or for its
  // deadline. For ever, unless it is said otherwise.
  void HoldLease(int64_t until_ns) { lease_ns_ = until_ns; }
  bool HasLease(int64_t now_ns) const { return now_ns <= lease_ns_; }

  // The common start is now: a closed loop sends on every connection.
  void Begin(int64_t now_ns);

  // When the next beat or the next step of a flow is due; kNever if there is none any more.
  int64_t next_start_ns() const { return next_start_ns_; }
  // Deals with it; it is due.
  void Beat(int64_t now_ns);

  // Deals with all that time alone brings about. All that was received by [delivered_ns] has been
  // told: only requests whose time was over by then are given up, so that an answer which is there
  // and was not looked at yet is never taken for missing.
  void AdvanceTo(int64_t now_ns, int64_t delivered_ns);
  // When AdvanceTo or Beat is wanted next; at most kMaxSleepNs away.
  int64_t WakeAt(int64_t now_ns) const;

  // A complete response has come and its connection is idle again (or gone, if it may not be
  // reused). Its last byte was received at [received_ns], which may be before now: a loop that
  // looks late does not make the response late. One that was received at its deadline or later is a
  // timeout.
  void Answered(const Flight& flight, Outcome outcome, int64_t received_ns, int64_t now_ns,
                uint64_t bytes);
  // The connection of a request in flight broke: reset or protocol_error.
  void Broken(const Flight& flight, Outcome outcome, int64_t now_ns);
  // A connection has become idle by being opened.
  void Opened(int64_t now_ns);
  // No connection is open and none could be opened: what waits is refused.
  void Refused(int64_t now_ns);

  // Open loop: beats of an agent that was lost come due here too, those at [from_ns] and later.
  // Once the window is closed nothing is taken over any more.
  void Adopt(Lane lane, int64_t from_ns);

  // No further beats; what is in flight has [drain_ns] left, and ends with an AdvanceTo.
  void Stop(int64_t now_ns, int64_t drain_ns);

  // The last interval has been closed. Nothing may be called any more.
  bool finished() const { return finished_; }

 private:
  // Came due, but is not sent yet.
  struct Waiting {
    Flight flight;
    int64_t generator_lag_ns = 0;
  };

  // The next beat's request, which came due at [intended_ns] and was turned to so much later.
  Waiting Take(int64_t intended_ns, int64_t generator_lag_ns);
  // The same of the beat or the step that is due now.
  Waiting TakeDue(int64_t now_ns);
  Waiting MakeWaiting(int64_t intended_ns, int64_t generator_lag_ns, uint32_t request,
                      uint64_t position, uint32_t flow) const;
  void NoteNextStart();
  // A request has ended; if it was the step of a flow, what becomes of the next one.
  void Advance(const Flight& ended, bool ok, int64_t ended_ns) {
    if (flows_.any()) AdvanceFlow(ended.entry(), ended.flow, ok, ended_ns);
  }
  void AdvanceFlow(Recorder::Entry entry, uint32_t flow, bool ok, int64_t ended_ns);
  void SkipAfter(Recorder::Entry entry);

  // Its flight begins.
  void Send(Waiting& request, int64_t now_ns);
  // A connection may be idle: whoever has waited the longest gets it.
  void UseIdle(int64_t now_ns) {
    held_back_ = !HasLease(now_ns);
    if (held_back_) return;
    if (!waiting_.empty()) SendWaiting(now_ns);
    if (terms_.closed_loop) SendClosedLoop(now_ns);
  }
  void SendWaiting(int64_t now_ns);
  void SendClosedLoop(int64_t now_ns);
  bool WindowOpen(int64_t now_ns) const {
    if (drain_end_ns_ != kNever || now_ns >= recorder_->window_end_ns()) return false;
    return !terms_.by_count || now_ns < terms_.warmup_ns || requests_left_ > 0;
  }
  void FetchBeat();
  void GiveUpWaiting(int64_t now_ns);
  void GiveUp(const Flight& oldest, Outcome outcome, int64_t now_ns);
  void ExpireWaiting(int64_t now_ns);
  void ExpireInFlight(int64_t now_ns, int64_t delivered_ns);
  void CloseWindow(int64_t now_ns, int64_t drain_ns);
  // Looks closer only if nothing more will come due: this follows every answer.
  void FinishIfDone(int64_t now_ns) {
    const bool window_open = drain_end_ns_ == kNever && (!terms_.by_count || WindowOpen(now_ns));
    if (!window_open) FinishIfNothingIsOpen(now_ns);
  }
  void FinishIfNothingIsOpen(int64_t now_ns);
  void Cut(int64_t now_ns);

  const Terms terms_;
  // All beats send the same request, and none begins a flow: nothing to choose.
  const bool one_request_;
  Schedule* const schedule_;
  Recorder* const recorder_;
  Wire* const wire_;

  RingQueue<Waiting> waiting_;
  // Of the next beat.
  uint64_t next_position_;
  FlowSteps flows_;
  // Of the next beat, and the earlier of that and the next step of a flow.
  int64_t next_beat_ns_ = kNever;
  int64_t next_start_ns_ = kNever;
  // Closed loop by count: measured requests that are not sent yet.
  uint64_t requests_left_ = 0;
  // kNever until the measured window is over.
  int64_t drain_end_ns_ = kNever;
  int64_t lease_ns_ = kNever;
  // There was no lease when a connection may have been idle.
  bool held_back_ = false;
  bool finished_ = false;
};

}  // namespace drumline

#endif  // AGENT_DISPATCHER_H_
