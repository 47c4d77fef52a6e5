#include "agent/recorder.h"

#include <algorithm>
#include <utility>

namespace drumline {

void WorkerInterval::Clear() {
  number = 0;
  begin_ns = 0;
  end_ns = 0;
  phase = proto::PHASE_UNSPECIFIED;
  warmup.Clear();
  measure.Clear();
  opening.Clear();
  opening_before.Clear();
  for (Book& book : requests) book.Clear();
  hiccups.Clear();
  busy = 0;
  connections_open = 0;
  connects = 0;
  last = false;
}

Recorder::Recorder(Window window, std::function<Gauges()> gauges, Exchange exchange,
                   size_t requests)
    : window_(window),
      gauges_(std::move(gauges)),
      exchange_(std::move(exchange)),
      current_(std::make_unique<WorkerInterval>()),
      open_requests_(requests > 1 ? requests : 0) {
  if (window.measure_ns != kUnbounded) window_end_ns_ = window.warmup_ns + window.measure_ns;
}

void Recorder::Begin() {
  at_begin_ = gauges_();
  Open(0);
}

void Recorder::Open(int64_t begin_ns) {
  current_->number = ++number_;
  current_->begin_ns = begin_ns;
  current_->warmup.set_before(open_warmup_);
  current_->measure.set_before(open_measure_);
  // One that is new has none yet.
  current_->requests.resize(open_requests_.size());
  for (size_t i = 0; i < open_requests_.size(); ++i) {
    current_->requests[i].set_before(open_requests_[i]);
  }
  boundary_ns_ = (begin_ns / kIntervalNs + 1) * kIntervalNs;
  for (int64_t phase_end_ns : {window_.warmup_ns, window_end_ns_}) {
    if (phase_end_ns > begin_ns) boundary_ns_ = std::min(boundary_ns_, phase_end_ns);
  }
  // A run that is stopped in its warm-up goes on with the drain.
  current_->phase = begin_ns >= window_end_ns_     ? proto::PHASE_DRAIN
                    : begin_ns < window_.warmup_ns ? proto::PHASE_WARMUP
                                                   : proto::PHASE_MEASURE;
}

void Recorder::Close(int64_t end_ns, bool last) {
  const Gauges now = gauges_();
  const int64_t length_ns = end_ns - current_->begin_ns;
  current_->end_ns = end_ns;
  current_->warmup.set_after(open_warmup_);
  current_->measure.set_after(open_measure_);
  for (size_t i = 0; i < open_requests_.size(); ++i) {
    current_->requests[i].set_after(open_requests_[i]);
  }
  // A sliver of time at the end of a phase says nothing about a core.
  if (length_ns >= kShortestForBusyNs) {
    current_->busy = static_cast<double>(now.thread_cpu_ns - at_begin_.thread_cpu_ns) /
                     static_cast<double>(length_ns);
  }
  current_->connections_open = now.connections_open;
  current_->connects = static_cast<uint32_t>(now.connects - at_begin_.connects);
  current_->last = last;
  at_begin_ = now;
  current_ = exchange_(std::move(current_));
  if (!last) Open(end_ns);
}

void Recorder::EndWindow(int64_t now_ns) {
  AdvanceTo(now_ns);
  if (now_ns >= window_end_ns_) return;
  window_end_ns_ = now_ns;
  // An interval of no length says nothing: the current one is then the drain's already.
  if (now_ns > current_->begin_ns) {
    Close(now_ns, /*last=*/false);
  } else {
    current_->phase = proto::PHASE_DRAIN;
  }
}

void Recorder::Finish(int64_t now_ns) {
  AdvanceTo(now_ns);
  Close(std::max(now_ns, current_->begin_ns), /*last=*/true);
}

}  // namespace drumline
