#include "agent/worker.h"

#include <pthread.h>

#include <boost/asio/post.hpp>
#include <utility>

#include "absl/strings/str_cat.h"
#include "agent/clock.h"

namespace drumline {

namespace asio = boost::asio;

// How often the loop looks after the connections while nothing else wakes it.
constexpr int64_t kOpeningTickNs = 2'000'000;

Worker::Worker(Terms terms, IntervalExchange* exchange, Events events)
    : terms_(std::move(terms)),
      events_(std::move(events)),
      loop_(/*concurrency_hint=*/1),
      timer_(loop_),
      pool_(&loop_, terms_.target, terms_.request, terms_.connections, PoolEvents()),
      recorder_(
          terms_.window, [this] { return ReadGauges(); },
          [exchange, index = terms_.index](std::unique_ptr<WorkerInterval> full) {
            return exchange->Swap(index, std::move(full));
          }),
      dispatcher_(terms_.dispatch,
                  terms_.profile == nullptr
                      ? nullptr
                      : &schedule_.emplace(*terms_.profile, terms_.arrivals, terms_.seed,
                                           terms_.beats, terms_.lane),
                  &recorder_, &pool_) {}

Worker::~Worker() {
  loop_.stop();
  Join();
}

ConnectionPool::Events Worker::PoolEvents() {
  return {
      .opened = [this] { OnOpened(); },
      .open_failed = [this](const std::string& reason) { OnOpenFailed(reason); },
      .answered = [this](const Flight& flight,
                         const Connection::Response& response) { OnAnswered(flight, response); },
      .broken = [this](const Flight& flight,
                       Connection::Break reason) { OnBroken(flight, reason); },
  };
}

Recorder::Gauges Worker::ReadGauges() const {
  return {ThreadCpuNs(), static_cast<uint32_t>(pool_.open()), pool_.connects()};
}

// From the common start.
int64_t Worker::Now() const { return MonotonicNowNs() - start_ns_; }

void Worker::Launch() {
  launched_ns_ = MonotonicNowNs();
  thread_ = std::thread([this] { Run(); });
  pthread_setname_np(thread_.native_handle(), absl::StrCat("worker-", terms_.index).c_str());
}

void Worker::Join() {
  if (thread_.joinable()) thread_.join();
}

void Worker::Run() {
  Wake();
  loop_.run();
  pool_.Shutdown();
}

void Worker::Begin(int64_t start_ns) {
  asio::post(loop_, [this, start_ns] {
    if (stage_ != Stage::kReady) return;
    stage_ = Stage::kCountdown;
    start_ns_ = start_ns;
    WakeAt(start_ns);
  });
}

void Worker::Stop(int64_t drain_ns) {
  asio::post(loop_, [this, drain_ns] {
    if (stage_ == Stage::kFinished) return;
    if (stage_ == Stage::kRunning) {
      dispatcher_.Stop(Now(), drain_ns);
      FinishIfDone();
    } else {
      // It never began: there is nothing to measure and nothing to hand over.
      Finish();
    }
  });
}

void Worker::WakeAt(int64_t monotonic_ns) {
  timer_.expires_at(SteadyInstant(monotonic_ns));
  timer_.async_wait([this](const boost::system::error_code& error) {
    if (!error) Wake();
  });
}

// Everything that time brings about. Responses come by handlers of their own.
void Worker::Wake() {
  pool_.Tick(MonotonicNowNs());
  if (stage_ == Stage::kFinished) return;
  if (stage_ != Stage::kRunning) {
    WakeBeforeStart();
    return;
  }
  dispatcher_.AdvanceTo(Now());
  TurnToBeats(Now());
  FinishIfDone();
  if (stage_ == Stage::kRunning) WakeAt(start_ns_ + dispatcher_.WakeAt(Now()));
}

void Worker::WakeBeforeStart() {
  const int64_t now_ns = MonotonicNowNs();
  if (stage_ == Stage::kCountdown) {
    if (now_ns >= start_ns_) {
      began_ns_ = now_ns;
      stage_ = Stage::kRunning;
      dispatcher_.Begin(Now());
    }
    WakeAt(start_ns_);
    return;
  }
  CheckReady();
  WakeAt(now_ns + kOpeningTickNs);
}

void Worker::CheckReady() {
  if (stage_ != Stage::kOpening) return;
  if (pool_.open() == pool_.size()) {
    stage_ = Stage::kReady;
    events_.ready(terms_.index, absl::OkStatus());
  } else if (MonotonicNowNs() - launched_ns_ >= kOpenDeadlineNs) {
    stage_ = Stage::kReady;
    events_.ready(terms_.index,
                  absl::UnavailableError(absl::StrCat(
                      "of ", pool_.size(), " connections to ", terms_.target.address().to_string(),
                      ":", terms_.target.port(), " only ", pool_.open(), " could be opened within ",
                      kOpenDeadlineNs / 1'000'000'000,
                      " s: ", open_failure_.empty() ? "no answer" : open_failure_)));
  }
}

// A beat at a time, each with the instant at which it is really dealt with.
void Worker::TurnToBeats(int64_t now_ns) {
  while (dispatcher_.next_start_ns() <= now_ns) {
    dispatcher_.Beat(now_ns);
    now_ns = Now();
  }
}

void Worker::OnOpened() {
  if (stage_ == Stage::kRunning) {
    dispatcher_.Opened(Now());
    FinishIfDone();
  } else {
    pool_.Tick(MonotonicNowNs());
    CheckReady();
  }
}

void Worker::OnOpenFailed(const std::string& reason) {
  open_failure_ = reason;
  if (stage_ != Stage::kRunning || pool_.open() > 0) return;
  dispatcher_.Refused(Now());
  FinishIfDone();
}

void Worker::OnAnswered(const Flight& flight, const Connection::Response& response) {
  if (stage_ != Stage::kRunning) return;
  const Outcome outcome = response.status != terms_.expect_status ? Outcome::kBadStatus
                          : response.body_matches                 ? Outcome::kOk
                                                                  : Outcome::kBadBody;
  dispatcher_.Answered(flight, outcome, Now(), response.bytes);
  // Under load the loop spends its time here: a beat must not wait for the timer's turn.
  TurnToBeats(Now());
  FinishIfDone();
}

void Worker::OnBroken(const Flight& flight, Connection::Break reason) {
  if (stage_ != Stage::kRunning) return;
  dispatcher_.Broken(
      flight, reason == Connection::Break::kReset ? Outcome::kReset : Outcome::kProtocolError,
      Now());
  FinishIfDone();
}

void Worker::FinishIfDone() {
  if (stage_ == Stage::kRunning && dispatcher_.finished()) Finish();
}

void Worker::Finish() {
  stage_ = Stage::kFinished;
  timer_.cancel();
  events_.finished(terms_.index, began_ns_);
  loop_.stop();
}

}  // namespace drumline
