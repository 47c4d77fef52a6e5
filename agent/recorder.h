// Recorder: one worker's books, cut into intervals.
//
//     Recorder recorder({warmup_ns, measure_ns}, gauges, [&](auto interval) { exchange.Put(…); });
//     recorder.AdvanceTo(now_ns);                 // closes the intervals that are over
//     recorder.Due(Kind::kMeasured);
//     recorder.Sent(Kind::kMeasured, lag_ns, lag_ns);
//     recorder.Answered(Kind::kMeasured, Outcome::kOk, response_time_ns, service_time_ns);
//     recorder.Finish(now_ns);                    // the last interval
//
// A request belongs to the warm-up or to the measured window by its intended start, and each event
// to the interval in which it happens: call AdvanceTo before recording an event of a later instant.
// Intervals end at whole seconds and where a phase ends. A closed interval is handed over whole and
// an empty one taken in its place, so that nobody ever waits for the worker, nor the worker for
// anybody.
//
// Where a plan has several requests, each one's part of the measured window has a book of its own
// besides, and an entry says which request it is of.
//
// All instants are nanoseconds from the common start. Used by one thread.
#ifndef AGENT_RECORDER_H_
#define AGENT_RECORDER_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <vector>

#include "core/book.h"
#include "core/histogram.h"
#include "core/opening_book.h"
#include "core/outcome.h"
#include "proto/interval.pb.h"

namespace drumline {

// What one worker measured in one interval.
struct WorkerInterval {
  uint64_t number = 0;  // from 1
  int64_t begin_ns = 0;
  int64_t end_ns = 0;
  proto::Phase phase = proto::PHASE_UNSPECIFIED;
  Book warmup;
  Book measure;
  // The parts of `measure` that are each request's; empty where the plan has but one.
  std::vector<Book> requests;
  OpeningBook opening;
  OpeningBook opening_before;  // the common start; of the first interval
  Histogram hiccups;           // of the thread; see HiccupMeter
  double busy = 0;  // the thread's CPU time, as a share of the interval; 0 if that is too short
  uint32_t connections_open = 0;
  uint32_t connects = 0;
  bool last = false;

  void Clear();
};

class Recorder {
 public:
  enum class Kind { kWarmup, kMeasured };
  // Whose books an event is entered in: those of the phase of the intended start, and of the
  // request by its number in the plan.
  struct Entry {
    Entry(Kind of_kind, uint32_t of_request = 0) : kind(of_kind), request(of_request) {}

    Kind kind;
    uint32_t request;
  };

  static constexpr int64_t kIntervalNs = 1'000'000'000;
  static constexpr int64_t kNoTls = -1;
  static constexpr int64_t kUnbounded = std::numeric_limits<int64_t>::max();

  struct Window {
    int64_t warmup_ns = 0;
    // kUnbounded if something else than time ends the measured window (see EndWindow).
    int64_t measure_ns = 0;
  };

  // Read when an interval is closed.
  struct Gauges {
    int64_t thread_cpu_ns = 0;
    uint32_t connections_open = 0;
    uint64_t connects = 0;  // since the worker began
  };

  // Gives a full interval away and returns an empty one.
  using Exchange =
      std::function<std::unique_ptr<WorkerInterval>(std::unique_ptr<WorkerInterval> full)>;

  // [requests] is how many the plan has.
  Recorder(Window window, std::function<Gauges()> gauges, Exchange exchange, size_t requests = 1);

  // The run has begun: instant 0 is now.
  void Begin();
  // Closes every interval that ends at or before [now_ns]. Cheap when there is none.
  void AdvanceTo(int64_t now_ns) {
    while (now_ns >= boundary_ns_) Close(boundary_ns_, /*last=*/false);
  }
  // The measured window ends now, sooner than planned or for another reason than time.
  void EndWindow(int64_t now_ns);
  // Closes the last interval. Nothing may be recorded after it.
  void Finish(int64_t now_ns);

  // When the current interval ends.
  int64_t boundary_ns() const { return boundary_ns_; }
  int64_t window_end_ns() const { return window_end_ns_; }
  Kind KindOf(int64_t intended_ns) const {
    return intended_ns < window_.warmup_ns ? Kind::kWarmup : Kind::kMeasured;
  }

  // So many beats of the hiccup meter, each that late.
  void Hiccup(int64_t delay_ns, uint64_t beats) { current_->hiccups.RecordMany(delay_ns, beats); }

  // A connection was opened, before the start or after it.
  void Opened(int64_t connect_ns, int64_t tls_ns, bool resumed) {
    OpeningBook& book = Openings();
    book.connect_time.Record(connect_ns);
    if (tls_ns != kNoTls) book.tls_time.Record(tls_ns);
    if (resumed) ++book.resumed;
  }
  void OpenFailed() { ++Openings().failed; }

  void Due(Entry entry) {
    Enter(entry, [](Book& book, Carry& open) {
      book.Due();
      ++open.waiting;
    });
  }
  void Sent(Entry entry, int64_t generator_lag_ns, int64_t send_lag_ns, uint64_t bytes) {
    Enter(entry, [=](Book& book, Carry& open) {
      book.Sent(generator_lag_ns, send_lag_ns);
      book.AddBytesSent(bytes);
      --open.waiting;
      ++open.in_flight;
    });
  }
  void Answered(Entry entry, Outcome outcome, int64_t response_time_ns, int64_t service_time_ns,
                uint64_t bytes) {
    Enter(entry, [=](Book& book, Carry& open) {
      book.Answered(outcome, response_time_ns, service_time_ns);
      book.AddBytesReceived(bytes);
      --open.in_flight;
    });
  }
  void Unanswered(Entry entry, Outcome outcome, int64_t waited_ns, int64_t since_send_ns) {
    Enter(entry, [=](Book& book, Carry& open) {
      book.Unanswered(outcome, waited_ns, since_send_ns);
      --open.in_flight;
    });
  }
  void Broken(Entry entry, Outcome outcome) {
    Enter(entry, [=](Book& book, Carry& open) {
      book.Broken(outcome);
      --open.in_flight;
    });
  }
  void Unsent(Entry entry, int64_t waited_ns) {
    Enter(entry, [=](Book& book, Carry& open) {
      book.Unsent(waited_ns);
      --open.waiting;
    });
  }
  void Refused(Entry entry) {
    Enter(entry, [](Book& book, Carry& open) {
      book.Refused();
      --open.waiting;
    });
  }
  // A step of a flow that will never come due.
  void Skipped(Entry entry) {
    Enter(entry, [](Book& book, Carry&) { book.Skip(1); });
  }

 private:
  static constexpr int64_t kShortestForBusyNs = kIntervalNs / 10;

  // The first interval is numbered when the run begins.
  OpeningBook& Openings() { return number_ == 0 ? current_->opening_before : current_->opening; }
  // Shows [write] each book in which the event belongs, with what is open in it.
  template <typename Write>
  void Enter(Entry entry, const Write& write) {
    if (entry.kind == Kind::kWarmup) {
      write(current_->warmup, open_warmup_);
      return;
    }
    write(current_->measure, open_measure_);
    if (!open_requests_.empty()) {
      write(current_->requests[entry.request], open_requests_[entry.request]);
    }
  }
  void Close(int64_t end_ns, bool last);
  void Open(int64_t begin_ns);

  const Window window_;
  const std::function<Gauges()> gauges_;
  const Exchange exchange_;

  std::unique_ptr<WorkerInterval> current_;
  Carry open_warmup_;
  Carry open_measure_;
  // Of each request, where there are several.
  std::vector<Carry> open_requests_;
  Gauges at_begin_;
  uint64_t number_ = 0;
  int64_t window_end_ns_ = kUnbounded;
  int64_t boundary_ns_ = kUnbounded;
};

}  // namespace drumline

#endif  // AGENT_RECORDER_H_
