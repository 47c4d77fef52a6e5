#include "agent/armed_run.h"

#include <sys/resource.h>

#include <algorithm>
#include <boost/asio/post.hpp>
#include <cerrno>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "agent/clock.h"
#include "agent/engine/make_engine.h"
#include "agent/host_cost.h"
#include "agent/http/request_template.h"
#include "agent/http/request_text.h"
#include "core/plan.h"
#include "core/text_hash.h"

namespace drumline {

namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

absl::StatusOr<tcp::endpoint> Resolve(asio::io_context* loop, const proto::Slice& slice) {
  if (slice.has_null_service()) return tcp::endpoint();
  if (slice.port() == 0 || slice.port() > 65535) {
    return absl::InvalidArgumentError(absl::StrCat("the target's port is ", slice.port()));
  }
  tcp::resolver resolver(*loop);
  boost::system::error_code error;
  const auto found = resolver.resolve(slice.host(), absl::StrCat(slice.port()),
                                      tcp::resolver::numeric_service, error);
  if (error || found.empty()) {
    return absl::NotFoundError(
        absl::StrCat("the target ", slice.host(), " has no address: ", error.message()));
  }
  return found.begin()->endpoint();
}

Worker::Pacing PacingOf(const proto::EnginePlan& engine) {
  switch (engine.pacing()) {
    case proto::PACING_COALESCED:
      return Worker::Pacing::kCoalesced;
    case proto::PACING_SPIN:
      return Worker::Pacing::kSpin;
    default:
      return Worker::Pacing::kPrecise;
  }
}

// No tick may be longer than the longest sleep.
static_assert(kMaxTickNs <= Dispatcher::kMaxSleepNs);

// Empty where no request follows another.
std::vector<FlowSteps::Shape> FlowShapesOf(const std::vector<const proto::RequestPlan*>& requests) {
  std::vector<FlowSteps::Shape> shapes(requests.size());
  bool any = false;
  for (size_t i = requests.size(); i-- > 1;) {
    if (!requests[i]->follows()) continue;
    any = true;
    shapes[i - 1] = {shapes[i].steps_left + 1, requests[i]->think_ns()};
  }
  if (!any) shapes.clear();
  return shapes;
}

// The names of the values that each request's flow takes, by slot, up to that request's own.
std::vector<std::string> TakenNames(const std::vector<const proto::RequestPlan*>& requests,
                                    size_t number) {
  std::vector<std::string> names;
  size_t first = number;
  while (first > 0 && requests[first]->follows()) --first;
  for (size_t i = first; i <= number; ++i) {
    for (const proto::TakePlan& take : requests[i]->take()) {
      if (std::find(names.begin(), names.end(), take.name()) == names.end()) {
        names.push_back(take.name());
      }
    }
  }
  return names;
}

absl::Status CheckDescriptors(const proto::Slice& slice) {
  uint64_t connections = 0;
  for (const auto& worker : slice.workers()) connections += worker.connections();
  uint64_t of_each_worker = ArmedRun::kDescriptorsOfEngine;
  if (slice.has_null_service()) {
    // Both ends of them are this program's.
    connections *= 2;
    of_each_worker += NullService::kDescriptors;
  }
  const uint64_t own =
      ArmedRun::kSpareDescriptors + of_each_worker * static_cast<uint64_t>(slice.workers_size());
  rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return absl::ErrnoToStatus(errno, "getrlimit");
  if (connections + own <= limit.rlim_cur) return absl::OkStatus();
  return absl::ResourceExhaustedError(
      absl::StrCat(connections, " connections do not fit into this agent's limit of ",
                   limit.rlim_cur, " open files: raise it (ulimit -n) or use more agents"));
}

}  // namespace

absl::StatusOr<std::shared_ptr<ArmedRun>> ArmedRun::Create(const proto::Slice& slice,
                                                           const std::string& agent_id,
                                                           const OwnLimits& limits,
                                                           asio::io_context* loop, Events events) {
  if (absl::Status status = CheckSlice(slice); !status.ok()) return status;
  for (const proto::RequestPlan* request : RequestsOf(slice)) {
    absl::Status status = http::CheckRequest(*request, slice.authority(), request->path());
    if (!status.ok()) return status;
  }
  if (absl::Status status = CheckDescriptors(slice); !status.ok()) return status;
  absl::StatusOr<tcp::endpoint> target = Resolve(loop, slice);
  if (!target.ok()) return target.status();
  if (absl::Status status = CheckLimits(limits, slice, *target); !status.ok()) return status;
  absl::StatusOr<LoadProfile> profile = ProfileOf(slice.load());
  if (!profile.ok()) return profile.status();
  std::shared_ptr<ArmedRun> run(
      new ArmedRun(slice, agent_id, limits, *std::move(profile), *target, loop, std::move(events)));
  absl::Status status = run->MakeEngines();
  if (status.ok()) status = run->MakeTlsContexts();
  if (status.ok()) status = run->MakeRequests();
  if (status.ok()) status = run->StartNullServices();
  if (!status.ok()) return status;
  return run;
}

ArmedRun::ArmedRun(const proto::Slice& slice, const std::string& agent_id, const OwnLimits& limits,
                   LoadProfile profile, const tcp::endpoint& target, asio::io_context* loop,
                   Events events)
    : AgentRun(slice, agent_id, limits, std::move(events)),
      profile_(std::move(profile)),
      loop_(loop),
      target_(target) {
  const Choices choices = ChoicesOf(RequestsOf(slice));
  if (choices.first.size() > 1) {
    mix_ = std::make_unique<const Mix>(choices.weights, slice.load().seed());
  }
}

ArmedRun::~ArmedRun() = default;

absl::Status ArmedRun::MakeEngines() {
  for (int i = 0; i < slice().workers_size(); ++i) {
    absl::StatusOr<std::unique_ptr<Engine>> engine = MakeEngine(slice().engine().engine());
    if (!engine.ok()) return engine.status();
    engines_.push_back(*std::move(engine));
  }
  return absl::OkStatus();
}

// One for each worker: they share nothing.
absl::Status ArmedRun::MakeTlsContexts() {
  for (int i = 0; i < slice().workers_size() && slice().has_tls(); ++i) {
    absl::StatusOr<std::unique_ptr<TlsContext>> context = TlsContext::Create(slice().tls());
    if (!context.ok()) return context.status();
    tls_contexts_.push_back(*std::move(context));
  }
  return absl::OkStatus();
}

absl::Status ArmedRun::MakeRequests() {
  TemplateNames names;
  std::vector<const proto::FeedRows*> feeds;
  for (const proto::FeedRows& feed : slice().feeds()) {
    if (absl::Status status = CheckFeed(feed); !status.ok()) return status;
    names.feeds.push_back({feed.name(), {feed.columns().begin(), feed.columns().end()}});
    feeds.push_back(&feed);
    feeds_.emplace_back(feed, slice().load().seed());
  }
  // UUIDs of different runs are different.
  const uint64_t seed = slice().load().seed() + TextHash(slice().run_id());
  const bool several = slice().more_requests_size() > 0;
  const std::vector<const proto::RequestPlan*> plans = RequestsOf(slice());
  for (size_t i = 0; i < plans.size(); ++i) {
    const proto::RequestPlan* const plan = plans[i];
    ConnectionPool::Request request{"", plan->method() == "HEAD",
                                    several ? "" : plan->expect_body_contains(),
                                    AnswerCheck(*plan, /*searches=*/several)};
    request.taker = ValueTaker(*plan, TakenNames(plans, i));
    names.taken = i > 0 && plan->follows() ? TakenNames(plans, i - 1) : std::vector<std::string>();
    if (http::IsTemplated(*plan)) {
      absl::StatusOr<http::RequestTemplate> made =
          http::RequestTemplate::Create(*plan, slice().authority(), names, feeds, seed);
      if (!made.ok()) return made.status();
      request.made = std::make_shared<const http::RequestTemplate>(*std::move(made));
    } else {
      request.text = http::RenderRequest(*plan, slice().authority(), plan->path());
    }
    requests_.push_back(std::move(request));
  }
  return absl::OkStatus();
}

absl::Status ArmedRun::StartNullServices() {
  for (int i = 0; i < slice().workers_size() && slice().has_null_service(); ++i) {
    absl::StatusOr<std::unique_ptr<NullService>> service =
        NullService::Start(slice().null_service().answer());
    if (!service.ok()) return service.status();
    null_services_.push_back(*std::move(service));
  }
  return absl::OkStatus();
}

void ArmedRun::Launch() {
  exchange_ =
      std::make_unique<IntervalExchange>([this] { Post([](ArmedRun& run) { run.Collect(); }); });
  for (size_t i = 0; i < worker_count(); ++i) {
    workers_.push_back(std::make_unique<Worker>(TermsOf(i), std::move(engines_[i]), exchange_.get(),
                                                WorkerEvents()));
  }
  engines_.clear();
  for (auto& worker : workers_) worker->Launch();
}

Worker::Terms ArmedRun::TermsOf(size_t index) const {
  const proto::LoadPlan& load = slice().load();
  const proto::WorkerSlice& share = slice().workers(static_cast<int>(index));
  Worker::Terms terms;
  terms.index = index;
  terms.pacing = PacingOf(slice().engine());
  if (terms.pacing == Worker::Pacing::kCoalesced) terms.tick_ns = slice().engine().tick_ns();
  terms.dispatch = {.closed_loop = load.closed_loop(),
                    .timeout_ns = slice().request().timeout_ns(),
                    .drain_ns = load.drain_ns(),
                    .warmup_ns = load.warmup_ns(),
                    .by_count = load.closed_loop() && load.requests() > 0,
                    .requests = share.requests(),
                    .mix = mix_.get(),
                    .first = {},
                    .flows = {},
                    .users = share.connections(),
                    .lane = {share.lane().first(), share.lane().stride()},
                    .timeouts_ns = {}};
  terms.window = {load.warmup_ns(),
                  terms.dispatch.by_count ? Recorder::kUnbounded : load.measure_ns()};
  terms.profile = load.closed_loop() ? nullptr : &profile_;
  terms.arrivals = ArrivalsOf(load);
  terms.seed = load.seed();
  terms.beats = load.beats();
  terms.lane = {share.lane().first(), share.lane().stride()};
  terms.connections = share.connections();
  terms.target = null_services_.empty() ? target_ : null_services_[index]->endpoint();
  if (!tls_contexts_.empty()) terms.tls = tls_contexts_[index];
  terms.manner = {.requests_each = load.requests_per_connection(),
                  .open_over_ns = load.connect_over_ns(),
                  .first = share.lane().first(),
                  .stride = std::max<uint64_t>(share.lane().stride(), 1),
                  .total = std::max<uint64_t>(load.connections(), 1),
                  .tls = terms.tls.get()};
  const bool several = slice().more_requests_size() > 0;
  const std::vector<const proto::RequestPlan*> requests = RequestsOf(slice());
  for (const proto::RequestPlan* request : requests) {
    if (several) terms.dispatch.timeouts_ns.push_back(request->timeout_ns());
  }
  terms.dispatch.first = ChoicesOf(requests).first;
  terms.dispatch.flows = FlowShapesOf(requests);
  terms.requests = requests_;
  terms.feeds = &feeds_;
  return terms;
}

// Runs [action] on the main loop, if this run still exists by then.
void ArmedRun::Post(std::function<void(ArmedRun&)> action) {
  asio::post(*loop_, [weak = weak_from_this(), action = std::move(action)] {
    if (std::shared_ptr<ArmedRun> run = weak.lock()) action(*run);
  });
}

Worker::Events ArmedRun::WorkerEvents() {
  return {
      .ready =
          [this](size_t, const absl::Status& status) {
            Post([status](ArmedRun& run) { run.OnReady(status); });
          },
      .finished =
          [this](size_t worker, int64_t began_ns) {
            Post([worker, began_ns](ArmedRun& run) { run.OnFinished(worker, began_ns); });
          },
  };
}

void ArmedRun::BeginWorkers(int64_t start_ns) {
  for (auto& worker : workers_) worker->Begin(start_ns);
}

void ArmedRun::HoldLease(int64_t until_ns) {
  for (auto& worker : workers_) worker->HoldLease(until_ns);
}

void ArmedRun::StopWorkers(int64_t drain_ns) {
  for (auto& worker : workers_) worker->Stop(drain_ns);
}

void ArmedRun::AdoptBeats(size_t worker, Lane lane, int64_t from_ns) {
  workers_[worker]->Adopt(lane, from_ns);
}

AgentRun::Spent ArmedRun::ReadSpent() const { return {ProgramCpuNs(), ReadHostCost()}; }

std::string ArmedRun::engine_name() const {
  std::set<std::string> names;
  for (const auto& worker : workers_) names.emplace(worker->engine_name());
  return absl::StrJoin(names, " and ");
}

uint32_t ArmedRun::connections() const {
  size_t sum = 0;
  for (const auto& worker : workers_) sum += worker->connections();
  return static_cast<uint32_t>(sum);
}

}  // namespace drumline
