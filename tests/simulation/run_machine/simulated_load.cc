#include "tests/simulation/run_machine/simulated_load.h"

#include <algorithm>
#include <utility>

#include "core/plan.h"

namespace drumline {
namespace {

// The longest rest of a worker for which nothing is due, and once its window is closed.
constexpr int64_t kLongestRestNs = 250 * kMs;
constexpr int64_t kRestInDrainNs = 10 * kMs;

}  // namespace

SimulatedLoad::SimulatedLoad(const proto::Slice& slice, const std::string& agent_id,
                             const OwnLimits& limits, uint64_t seed, Surroundings surroundings,
                             Events events)
    : AgentRun(slice, agent_id, limits, std::move(events)),
      surroundings_(std::move(surroundings)),
      profile_(*ProfileOf(slice.load())),
      dice_(seed),
      workers_(worker_count()) {}

void SimulatedLoad::MakeWorker(size_t index) {
  SimulatedWorker& worker = workers_[index];
  const proto::LoadPlan& load = slice().load();
  const proto::WorkerSlice& share = slice().workers(static_cast<int>(index));
  worker.schedule =
      std::make_unique<Schedule>(profile_, ArrivalsOf(load), load.seed(), load.beats(),
                                 Lane{share.lane().first(), share.lane().stride()});
  worker.recorder = std::make_unique<Recorder>(
      Recorder::Window{load.warmup_ns(),
                       surroundings_.rogue ? Recorder::kUnbounded : load.measure_ns()},
      [] { return Recorder::Gauges(); },
      [this, index](std::unique_ptr<WorkerInterval> full) {
        surroundings_.measured(*full);
        return exchange_->Swap(index, std::move(full));
      });
  worker.wire = std::make_unique<ModelWire>(
      share.connections(), share.connections(), slice().request().timeout_ns(),
      ModelWire::Target{[this](int64_t) { return DrawReply(); },
                        [](int64_t) { return ModelWire::Opening{}; }});
  Dispatcher::Terms terms;
  terms.timeout_ns = slice().request().timeout_ns();
  terms.drain_ns = load.drain_ns();
  terms.warmup_ns = load.warmup_ns();
  worker.dispatcher = std::make_unique<Dispatcher>(terms, worker.schedule.get(),
                                                   worker.recorder.get(), worker.wire.get());
}

ModelWire::Reply SimulatedLoad::DrawReply() {
  ModelWire::Reply reply;
  if (dice_.Chance(0.03)) return reply;
  reply.outcome = dice_.Chance(0.9) ? Outcome::kOk : Outcome::kBadStatus;
  reply.after_ns = dice_.Between(1, dice_.Chance(0.9) ? 20 : 400) * kMs;
  return reply;
}

// What was asked for on behalf of a run that is gone by then is nobody's.
void SimulatedLoad::At(int64_t at_ns, std::function<void()> event) {
  surroundings_.at(at_ns, [weak = weak_from_this(), event = std::move(event)] {
    if (const std::shared_ptr<SimulatedLoad> load = weak.lock()) event();
  });
}

void SimulatedLoad::Soon(std::function<void()> event) {
  At(surroundings_.now_ns() + dice_.Between(0, 2000) * 1000, std::move(event));
}

void SimulatedLoad::Launch() {
  exchange_ = std::make_unique<IntervalExchange>(
      [this] { At(surroundings_.now_ns(), [this] { Collect(); }); });
  for (size_t i = 0; i < workers_.size(); ++i) {
    MakeWorker(i);
    At(surroundings_.now_ns() + dice_.Between(1, 300) * kMs, [this, i] {
      if (!workers_[i].finished) OnReady(absl::OkStatus());
    });
  }
}

uint32_t SimulatedLoad::connections() const {
  size_t sum = 0;
  for (const SimulatedWorker& worker : workers_) sum += worker.wire->open();
  return static_cast<uint32_t>(sum);
}

void SimulatedLoad::BeginWorkers(int64_t start_ns) {
  start_ns_ = start_ns;
  for (size_t i = 0; i < workers_.size(); ++i) {
    At(start_ns, [this, i] { BeginWorker(i); });
  }
}

void SimulatedLoad::BeginWorker(size_t index) {
  SimulatedWorker& worker = workers_[index];
  if (worker.finished) return;
  worker.running = true;
  worker.began_ns = surroundings_.now_ns();
  surroundings_.began(worker.began_ns);
  if (!surroundings_.rogue) worker.dispatcher->HoldLease(lease_until_ns_ - start_ns_);
  worker.wire->set_now(SinceStart());
  worker.dispatcher->Begin(SinceStart());
  Turn(index);
}

void SimulatedLoad::HoldLease(int64_t until_ns) {
  lease_until_ns_ = until_ns;
  for (size_t i = 0; i < workers_.size(); ++i) {
    if (workers_[i].running) Soon([this, i] { Turn(i); });
  }
}

void SimulatedLoad::StopWorkers(int64_t drain_ns) {
  for (size_t i = 0; i < workers_.size() && !surroundings_.rogue; ++i) {
    Soon([this, i, drain_ns] { StopWorker(i, drain_ns); });
  }
}

void SimulatedLoad::StopWorker(size_t index, int64_t drain_ns) {
  SimulatedWorker& worker = workers_[index];
  if (worker.running) {
    const int64_t now_ns = SinceStart();
    worker.wire->set_now(now_ns);
    worker.dispatcher->HoldLease(lease_until_ns_ - start_ns_);
    worker.dispatcher->Stop(now_ns, worker.dispatcher->HasLease(now_ns) ? drain_ns : 0);
    Turn(index);
  } else if (!worker.finished) {
    Finish(index, 0);
  }
}

void SimulatedLoad::AdoptBeats(size_t worker, Lane lane, int64_t from_ns) {
  Soon([this, worker, lane, from_ns] {
    workers_[worker].dispatcher->Adopt(lane, from_ns);
    Turn(worker);
  });
}

void SimulatedLoad::HearAnswers(SimulatedWorker* worker) {
  const int64_t now_ns = SinceStart();
  while (!worker->dispatcher->finished() && worker->wire->NextEventNs() <= now_ns) {
    const ModelWire::Event event = worker->wire->TakeEvent();
    if (event.kind == ModelWire::Event::Kind::kAnswered) {
      worker->dispatcher->Answered(event.flight, event.outcome, event.at_ns, now_ns, 100);
    } else {
      worker->dispatcher->Opened(now_ns);
    }
  }
}

// As Worker::Turn.
void SimulatedLoad::Turn(size_t index) {
  SimulatedWorker& worker = workers_[index];
  if (!worker.running) return;
  Dispatcher& dispatcher = *worker.dispatcher;
  const int64_t now_ns = SinceStart();
  worker.wire->set_now(now_ns);
  if (!surroundings_.rogue) dispatcher.HoldLease(lease_until_ns_ - start_ns_);
  HearAnswers(&worker);
  if (!dispatcher.finished()) dispatcher.AdvanceTo(now_ns, now_ns);
  while (!dispatcher.finished() && dispatcher.next_start_ns() <= now_ns &&
         dispatcher.HasLease(now_ns)) {
    surroundings_.turned_to(dispatcher.next_start_ns());
    dispatcher.Beat(now_ns);
  }
  if (dispatcher.finished()) {
    Finish(index, worker.began_ns);
    return;
  }
  At(start_ns_ + NextTurnNs(&worker, now_ns), [this, index, turn = ++worker.turns] {
    if (turn == workers_[index].turns) Turn(index);
  });
}

// The real worker looks every millisecond; here only when something may be due.
int64_t SimulatedLoad::NextTurnNs(SimulatedWorker* worker, int64_t now_ns) const {
  const bool drains = now_ns >= worker->recorder->window_end_ns();
  int64_t next_ns = now_ns + (drains ? kRestInDrainNs : kLongestRestNs);
  next_ns = std::min({next_ns, worker->recorder->boundary_ns(), worker->wire->NextEventNs()});
  const int64_t beat_ns = worker->dispatcher->next_start_ns();
  // One that is overdue waits for a lease.
  if (beat_ns > now_ns) next_ns = std::min(next_ns, beat_ns);
  return std::max(next_ns, now_ns + 1);
}

void SimulatedLoad::Finish(size_t index, int64_t began_ns) {
  workers_[index].running = false;
  workers_[index].finished = true;
  At(surroundings_.now_ns(), [this, index, began_ns] { OnFinished(index, began_ns); });
}

}  // namespace drumline
