#include "agent/worker.h"

#include <pthread.h>
#include <sys/prctl.h>

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "agent/clock.h"

namespace drumline {

namespace {

// How often the loop looks after the connections before the start.
constexpr int64_t kTurnBeforeStartNs = 2'000'000;

}  // namespace

Worker::Worker(Terms terms, std::unique_ptr<Engine> engine, IntervalExchange* exchange,
               Events events)
    : terms_(std::move(terms)),
      events_(std::move(events)),
      pool_(engine.get(), terms_.target, terms_.requests, terms_.connections, terms_.manner,
            PoolEvents(), terms_.feeds),
      engine_(std::move(engine)),
      recorder_(
          terms_.window, [this] { return ReadGauges(); },
          [exchange, index = terms_.index](std::unique_ptr<WorkerInterval> full) {
            return exchange->Swap(index, std::move(full));
          },
          terms_.requests.size()),
      dispatcher_(terms_.dispatch,
                  terms_.profile == nullptr
                      ? nullptr
                      : &schedule_.emplace(*terms_.profile, terms_.arrivals, terms_.seed,
                                           terms_.beats, terms_.lane),
                  &recorder_, &pool_) {}

Worker::~Worker() {
  Order([](Orders& orders) { orders.quit = true; });
  Join();
}

ConnectionPool::Events Worker::PoolEvents() {
  return {
      .opened = [this](const Connection::Opening& opening) { OnOpened(opening); },
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

void Worker::Launch() {
  launched_ns_ = MonotonicNowNs();
  thread_ = std::thread([this] { Run(); });
  pthread_setname_np(thread_.native_handle(), absl::StrCat("worker-", terms_.index).c_str());
}

void Worker::Join() {
  if (thread_.joinable()) thread_.join();
}

void Worker::Order(const std::function<void(Orders&)>& write) {
  {
    const std::lock_guard<std::mutex> lock(orders_mutex_);
    write(orders_);
    has_orders_.store(true, std::memory_order_release);
  }
  engine_->Interrupt();
}

void Worker::Begin(int64_t start_ns) {
  Order([start_ns](Orders& orders) { orders.start_ns = start_ns; });
}

void Worker::Stop(int64_t drain_ns) {
  Order([drain_ns](Orders& orders) {
    orders.stop_drain_ns = std::min(orders.stop_drain_ns.value_or(drain_ns), drain_ns);
  });
}

void Worker::Adopt(Lane lane, int64_t from_ns) {
  Order([=](Orders& orders) { orders.adoptions.emplace_back(lane, from_ns); });
}

void Worker::FollowOrders() {
  Orders orders;
  {
    const std::lock_guard<std::mutex> lock(orders_mutex_);
    std::swap(orders, orders_);
    has_orders_.store(false, std::memory_order_relaxed);
  }
  if (orders.start_ns && stage_ == Stage::kReady) {
    stage_ = Stage::kCountdown;
    start_ns_ = *orders.start_ns;
  }
  for (const auto& [lane, from_ns] : orders.adoptions) dispatcher_.Adopt(lane, from_ns);
  if (orders.stop_drain_ns && stage_ == Stage::kRunning) {
    // Without a lease, what is overdue is nobody's to send: the drain must not make up for it.
    const int64_t now_ns = Look();
    dispatcher_.Stop(now_ns, HasLease(now_ns) ? *orders.stop_drain_ns : 0);
    // What has come before the stop still counts.
    Poll(Look());
    FinishIfDone();
  } else if (orders.stop_drain_ns && stage_ != Stage::kFinished) {
    // It never began: there is nothing to measure and nothing to hand over.
    Finish();
  }
  if (orders.quit) stage_ = Stage::kFinished;
}

void Worker::Run() {
  // The kernel may put a sleeper's wake-up off by its timer slack, 50 µs unless told otherwise.
  prctl(PR_SET_TIMERSLACK, 1);
  const absl::Status attached = engine_->AttachToThread();
  if (!attached.ok()) {
    stage_ = Stage::kReady;
    events_.ready(terms_.index, attached);
  }
  while (stage_ != Stage::kFinished) {
    if (has_orders_.load(std::memory_order_acquire)) {
      FollowOrders();
    } else if (!attached.ok()) {
      // The owner knows, and will send it home.
      SleepUntil(MonotonicNowNs() + kTurnBeforeStartNs);
    } else if (stage_ == Stage::kRunning) {
      Turn();
    } else {
      TurnBeforeStart();
    }
  }
  pool_.Shutdown();
}

// The time from the common start, which the hiccup meter is shown.
int64_t Worker::Look() {
  const int64_t now_ns = MonotonicNowNs() - start_ns_;
  meter_.Look(now_ns,
              [this](int64_t delay_ns, uint64_t beats) { recorder_.Hiccup(delay_ns, beats); });
  return now_ns;
}

void Worker::TurnBeforeStart() {
  const int64_t now_ns = MonotonicNowNs();
  pool_.Tick(now_ns);
  CheckReady();
  if (stage_ != Stage::kCountdown) {
    engine_->Wait(now_ns + kTurnBeforeStartNs);
  } else if (now_ns < start_ns_) {
    engine_->Wait(std::min(start_ns_, now_ns + kTurnBeforeStartNs));
  } else {
    began_ns_ = now_ns;
    stage_ = Stage::kRunning;
    pool_.BeginOpening(now_ns);
    meter_.Start(now_ns - start_ns_);
    LookUpLease();
    dispatcher_.Begin(now_ns - start_ns_);
  }
}

void Worker::Turn() {
  pool_.Tick(MonotonicNowNs());
  dispatcher_.AdvanceTo(LookAtLease(), delivered_ns_);
  const int64_t now_ns = TurnToBeats(Look());
  FinishIfDone();
  if (stage_ == Stage::kRunning) Rest(now_ns);
}

// Looked up only when the one that is known is over.
bool Worker::HasLease(int64_t now_ns) {
  if (dispatcher_.HasLease(now_ns)) return true;
  LookUpLease();
  return dispatcher_.HasLease(now_ns);
}

void Worker::LookUpLease() {
  dispatcher_.HoldLease(lease_until_ns_.load(std::memory_order_acquire) - start_ns_);
}

// Before whatever may make the dispatcher send.
int64_t Worker::LookAtLease() {
  const int64_t now_ns = Look();
  HasLease(now_ns);
  return now_ns;
}

// A beat at a time, each with the instant at which it is really dealt with. Returns the last look
// at the clock.
int64_t Worker::TurnToBeats(int64_t now_ns) {
  while (dispatcher_.next_start_ns() <= now_ns && HasLease(now_ns)) {
    dispatcher_.Beat(now_ns);
    now_ns = Look();
  }
  return now_ns;
}

// Waits for what comes next, and delivers what has come.
void Worker::Rest(int64_t now_ns) {
  const int64_t due_ns = dispatcher_.WakeAt(now_ns);
  if (terms_.pacing == Pacing::kSpin || due_ns <= now_ns) {
    Poll(now_ns);
    return;
  }
  const bool coalesced = terms_.pacing == Pacing::kCoalesced && schedule_.has_value();
  const int64_t wake_ns = coalesced ? NextTick(due_ns, now_ns) : due_ns;
  meter_.AsleepUntil(wake_ns);
  // Whoever sleeps blindly sees late that a connection stands, and the kernel keeps no stamp of it;
  // and the next step of a flow waits for an answer, whose beat nobody knows beforehand.
  if (schedule_.has_value() && terms_.dispatch.flows.empty() && pool_.HasIdle() &&
      !pool_.is_opening() && engine_->stamps_receipt()) {
    SleepBlindly(wake_ns);
  } else if (engine_->Wait(start_ns_ + wake_ns)) {
    delivered_ns_ = now_ns;
  }
}

// The first tick that is not before [due_ns], or the last one that a sleep may reach. The grid is
// at least as fine as the longest sleep.
int64_t Worker::NextTick(int64_t due_ns, int64_t now_ns) const {
  const int64_t tick_ns = (due_ns + terms_.tick_ns - 1) / terms_.tick_ns * terms_.tick_ns;
  const int64_t last_ns = (now_ns + Dispatcher::kMaxSleepNs) / terms_.tick_ns * terms_.tick_ns;
  return std::min(tick_ns, last_ns);
}

void Worker::SleepBlindly(int64_t until_ns) {
  SleepUntil(start_ns_ + until_ns);
  // What is due goes out before anything else is looked at.
  Poll(TurnToBeats(Look()));
}

void Worker::Poll(int64_t now_ns) {
  if (engine_->Poll()) delivered_ns_ = now_ns;
}

int64_t Worker::OpenDeadlineNs() const {
  return kOpenDeadlineNs + kOpenDeadlineEachNs * static_cast<int64_t>(pool_.size());
}

void Worker::CheckReady() {
  if (stage_ != Stage::kOpening) return;
  if (pool_.open() >= pool_.size_at_start()) {
    stage_ = Stage::kReady;
    events_.ready(terms_.index, absl::OkStatus());
  } else if (MonotonicNowNs() - launched_ns_ >= OpenDeadlineNs()) {
    stage_ = Stage::kReady;
    events_.ready(terms_.index,
                  absl::UnavailableError(absl::StrCat(
                      "of ", pool_.size(), " connections to ", terms_.target.address().to_string(),
                      ":", terms_.target.port(), " only ", pool_.open(), " could be opened within ",
                      OpenDeadlineNs() / 1'000'000'000,
                      " s: ", open_failure_.empty() ? "no answer" : open_failure_)));
  }
}

void Worker::OnOpened(const Connection::Opening& opening) {
  if (stage_ == Stage::kRunning) recorder_.AdvanceTo(Look());
  const bool secured = opening.secured_ns != 0;
  recorder_.Opened(opening.connected_ns - opening.begun_ns,
                   secured ? opening.secured_ns - opening.connected_ns : Recorder::kNoTls,
                   opening.resumed);
  if (stage_ == Stage::kRunning) {
    dispatcher_.Opened(LookAtLease());
    FinishIfDone();
  } else {
    pool_.Tick(MonotonicNowNs());
    CheckReady();
  }
}

void Worker::OnOpenFailed(const std::string& reason) {
  open_failure_ = reason;
  recorder_.OpenFailed();
  if (stage_ != Stage::kRunning || pool_.open() > 0) return;
  dispatcher_.Refused(Look());
  FinishIfDone();
}

void Worker::OnAnswered(const Flight& flight, const Connection::Response& response) {
  if (stage_ != Stage::kRunning) return;
  const ConnectionPool::Request& request = terms_.requests[flight.request];
  Outcome outcome =
      request.check.Judge(response.status, response.body_matches, response.kept, &json_reader_);
  if (request.taker.any() && outcome == Outcome::kOk && flight.taken != nullptr &&
      !request.taker.Take(response.kept, &json_reader_, flight.taken)) {
    outcome = Outcome::kBadBody;
  }
  const int64_t now_ns = LookAtLease();
  dispatcher_.Answered(flight, outcome, response.received_ns - start_ns_, now_ns, response.bytes);
  // Under load the loop spends its time here: a beat must not wait for the loop's next turn.
  if (dispatcher_.next_start_ns() <= now_ns) TurnToBeats(Look());
  FinishIfDone();
}

void Worker::OnBroken(const Flight& flight, Connection::Break reason) {
  if (stage_ != Stage::kRunning) return;
  dispatcher_.Broken(
      flight, reason == Connection::Break::kReset ? Outcome::kReset : Outcome::kProtocolError,
      LookAtLease());
  FinishIfDone();
}

void Worker::FinishIfDone() {
  if (stage_ == Stage::kRunning && dispatcher_.finished()) Finish();
}

void Worker::Finish() {
  stage_ = Stage::kFinished;
  events_.finished(terms_.index, began_ns_);
}

}  // namespace drumline
