#include "controller/campaign/fleet.h"

#include <algorithm>
#include <boost/asio/ip/host_name.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <chrono>
#include <filesystem>
#include <functional>
#include <system_error>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "controller/campaign/clock.h"
#include "controller/campaign/environment.h"
#include "controller/campaign/gate.h"
#include "controller/fleet/binaries.h"
#include "controller/planner/tls_files.h"
#include "controller/scenario/enum_word.h"
#include "controller/scrape/metrics_client.h"
#include "controller/scrape/scraper.h"
#include "core/feed_table.h"
#include "core/plan.h"
#include "host/readiness.h"
#include "link/tls_context.h"

namespace drumline {

namespace asio = boost::asio;

namespace {

constexpr char kLoopback[] = "127.0.0.1";
// Words of agents that are remembered, so as not to be said again.
constexpr size_t kMostDeclined = 1'000;

LocalFleet::Options LocalFleetOptions(const std::string& log_directory) {
  LocalFleet::Options options;
  options.log_dir = log_directory;
  return options;
}

LocalFleet::Service ServiceOf(const proto::Target& target, uint32_t threads) {
  LocalFleet::Service service;
  service.name = EnumWord(target.service());
  service.threads = threads;
  service.arguments.assign(target.args().begin(), target.args().end());
  return service;
}

MetricsUrl PageOf(const ParsedUrl& url) { return {url.host, url.port, url.path_and_query}; }

// Where a target at a url has its metrics; nothing where the scenario names nothing.
absl::StatusOr<std::optional<MetricsSource>> SourceOf(const proto::Target& target,
                                                      const std::string& directory) {
  if (!target.has_metrics()) return std::nullopt;
  const proto::Metrics& metrics = target.metrics();
  MetricsSource source;
  source.watch.assign(target.watch().begin(), target.watch().end());
  source.histogram = metrics.histogram();
  source.pid = metrics.pid();
  source.cgroup = metrics.cgroup();
  if (metrics.pid() > 0) {
    source.kind = MetricsSource::Kind::kPid;
  } else if (!metrics.cgroup().empty()) {
    source.kind = MetricsSource::Kind::kCgroup;
  } else {
    const bool machine = !metrics.node_exporter().empty();
    if (machine) source.kind = MetricsSource::Kind::kNodeExporter;
    const absl::StatusOr<ParsedUrl> url =
        ParseUrl(machine ? metrics.node_exporter() : metrics.url());
    if (!url.ok()) return url.status();
    source.url = PageOf(*url);
    if (url->tls) {
      const absl::StatusOr<proto::TlsPlan> tls = TlsPlanOf(target, *url, directory);
      if (!tls.ok()) return tls.status();
      absl::StatusOr<std::unique_ptr<TlsContext>> context = TlsContext::Create(*tls);
      if (!context.ok()) return context.status();
      source.tls = *std::move(context);
    }
  }
  return source;
}

// Returns when a service that has just been started has answered with its page of metrics.
asio::awaitable<absl::Status> FirstAnswer(asio::io_context* loop, const MetricsUrl& url) {
  MetricsClient client(loop, url, Scraper::Options{}.max_bytes);
  const std::function<void()> on_sending = [] {};
  const absl::StatusOr<std::string> page =
      co_await client.Fetch(SteadyInstant(MonotonicNowNs() + Fleet::kFirstAnswerNs), on_sending);
  co_return page.status();
}

}  // namespace

std::string ControllerIdOf(const std::string& path) {
  boost::system::error_code unnamed;
  std::error_code ignored;
  return absl::StrCat(asio::ip::host_name(unnamed), ":",
                      std::filesystem::absolute(path, ignored).string());
}

Fleet::Fleet(asio::io_context* loop, const proto::Scenario& scenario, std::string directory,
             ClusterTerms terms, const std::string& log_directory, std::string controller_id,
             FleetEvents events)
    : loop_(loop),
      scenario_(scenario),
      directory_(std::move(directory)),
      terms_(std::move(terms)),
      events_(std::move(events)),
      roster_(loop),
      service_(loop, ServiceEvents(), &MonotonicNowNs, std::move(controller_id)),
      local_(loop, LocalFleetOptions(log_directory)),
      round_trip_probe_(loop, &service_) {}

AgentLinkService::Events Fleet::ServiceEvents() {
  return {
      .joined = [this](const proto::Join& join) { OnJoined(join); },
      .said =
          [this](const std::string& agent_id, const proto::FromAgent& message,
                 int64_t received_ns) {
            if (message.has_probed()) {
              round_trip_probe_.OnProbed(agent_id, message.probed());
            } else {
              events_.said(agent_id, message, received_ns);
            }
          },
      .left =
          [this](const std::string& agent_id) {
            roster_.Remove(agent_id);
            events_.left(agent_id);
          },
      .refused =
          [this](const std::string& peer, const std::string& reason) {
            events_.note(absl::StrCat("refused an agent at ", peer, ": ", reason));
          },
      .declined =
          [this](const std::string& peer, const std::string& reason) {
            if (declined_.size() >= kMostDeclined || !declined_.insert(reason).second) return;
            events_.note(absl::StrCat("the agent at ", peer, " does not join: ", reason));
          },
      .expelled = [this](const std::string& agent_id,
                         const std::string& reason) { events_.lost(agent_id, reason); },
  };
}

// A new process under the name of a former one knows nothing of the run that the other one was at.
void Fleet::OnJoined(const proto::Join& join) {
  const auto former = roster_.known().find(join.agent_id());
  const bool restarted =
      former != roster_.known().end() && former->second.incarnation() != join.incarnation();
  roster_.Add(join);
  if (restarted) events_.lost(join.agent_id(), "it was restarted");
  events_.joined(join);
}

asio::awaitable<absl::Status> Fleet::Assemble() {
  const bool local = !scenario_.has_cluster();
  const absl::StatusOr<int> port = local
                                       ? service_.Listen(absl::StrCat(kLoopback, ":0"))
                                       : service_.Listen(scenario_.cluster().listen(), terms_.tls);
  if (!port.ok()) co_return port.status();
  for (const auto& [name, target] : scenario_.targets()) {
    absl::Status status;
    // Not with `?:`: gcc 12 destroys the result of a co_await in it twice.
    if (target.service() == proto::SERVICE_UNSPECIFIED) {
      status = LocateTarget(name, target);
    } else {
      status = co_await StartTargets(name, target);
    }
    if (!status.ok()) co_return status;
  }
  co_return co_await GatherAgents(*port);
}

asio::awaitable<RoundTripsByAgent> Fleet::MeasureRoundTrips() {
  // The agents of a local fleet are all on this host.
  if (!scenario_.has_cluster() || targets_.empty()) co_return RoundTripsByAgent();
  proto::Probe probe;
  for (const auto& [key, address] : targets_) {
    proto::ProbeTarget& target = *probe.add_targets();
    target.set_name(key.name);
    target.set_host(address.host);
    target.set_port(address.port);
  }
  co_return co_await round_trip_probe_.Ask(Crew(), std::move(probe));
}

asio::awaitable<absl::Status> Fleet::GatherAgents(int port) {
  int64_t patience_ns = kLocalJoinNs;
  if (!scenario_.has_cluster()) {
    absl::Status status = local_.StartAgents(
        scenario_.agents().count(), absl::StrCat(kLoopback, ":", port), co_await AllowedTargets(),
        [this](const LocalFleet::Death& death) { events_.agent_died(death.id, death.Words()); });
    if (!status.ok()) co_return status;
  } else {
    patience_ns = terms_.wait_ns.value_or(scenario_.cluster().wait().ns());
    const std::string& listen = scenario_.cluster().listen();
    events_.note(absl::StrCat("waiting for ", AwaitedAgents(), " at ", listen,
                              terms_.tls ? "" : ", in plain text", " (agent --controller ", listen,
                              " --id NAME",
                              terms_.tls        ? " --tls-cert … --tls-key … --tls-ca …"
                              : terms_.insecure ? " --insecure"
                                                : "",
                              ")"));
    if (!NotifySupervisor("READY=1")) events_.note("NOTIFY_SOCKET could not be told of it");
  }
  const auto deadline = SteadyInstant(MonotonicNowNs() + patience_ns);
  const bool all_there = co_await roster_.WaitUntil([this] { return AllPresent(); }, deadline);
  co_return all_there ? absl::OkStatus() : absl::UnavailableError(MissingAgents());
}

uint32_t Fleet::AwaitedCount() const { return std::max(terms_.agents, scenario_.agents().count()); }

bool Fleet::AllPresent() const {
  if (terms_.expected.empty()) return roster_.present().size() >= AwaitedCount();
  return std::all_of(terms_.expected.begin(), terms_.expected.end(),
                     [this](const std::string& id) { return roster_.present().contains(id); });
}

std::string Fleet::AwaitedAgents() const {
  if (!terms_.expected.empty()) {
    return absl::StrCat("the agents ", absl::StrJoin(terms_.expected, ", "));
  }
  return absl::StrCat(AwaitedCount(), AwaitedCount() == 1 ? " agent" : " agents");
}

// Whether services are started again while the campaign lasts.
bool Fleet::MovesItsServices() const {
  const bool between =
      scenario_.restart() == proto::RESTART_BETWEEN_REPEATS && scenario_.repeats().count() > 1;
  const auto& wanted = scenario_.targets();
  return std::any_of(wanted.begin(), wanted.end(), [&](const auto& target) {
    return target.second.restart() ||
           (between && target.second.service() != proto::SERVICE_UNSPECIFIED);
  });
}

// Who starts a local fleet with a scenario means its targets: its agents may send to them, and to
// nothing else. A name that cannot be resolved is left to the agent, which says so.
asio::awaitable<std::vector<std::string>> Fleet::AllowedTargets() {
  std::vector<std::string> allowed;
  // A new process has a new port.
  if (MovesItsServices()) allowed.emplace_back(kLoopback);
  asio::ip::tcp::resolver resolver(*loop_);
  for (const auto& [key, target] : targets_) {
    const auto [error, found] = co_await resolver.async_resolve(
        target.host, absl::StrCat(target.port), asio::as_tuple(asio::use_awaitable));
    if (error) continue;
    for (const auto& entry : found) {
      const asio::ip::address address = entry.endpoint().address();
      const std::string text = address.to_string();
      allowed.push_back(
          absl::StrCat(address.is_v6() ? absl::StrCat("[", text, "]") : text, ":", target.port));
    }
  }
  co_return allowed;
}

std::string Fleet::MissingAgents() const {
  std::vector<std::string> names;
  for (const auto& [agent_id, join] : roster_.present()) names.push_back(agent_id);
  if (!terms_.expected.empty()) {
    std::vector<std::string> missing;
    for (const std::string& id : terms_.expected) {
      if (!roster_.present().contains(id)) missing.push_back(id);
    }
    return absl::StrCat("of ", terms_.expected.size(), " agents ", missing.size(),
                        " did not join in time: ", absl::StrJoin(missing, ", "));
  }
  return absl::StrCat("of ", AwaitedCount(), AwaitedCount() == 1 ? " agent" : " agents", " only ",
                      names.size(), " joined in time", names.empty() ? "" : ": ",
                      absl::StrJoin(names, ", "));
}

// One process for each number of threads that the matrix names; none yet where each run begins with
// a new one.
asio::awaitable<absl::Status> Fleet::StartTargets(const std::string& name,
                                                  const proto::Target& target) {
  if (target.restart()) co_return absl::OkStatus();
  std::vector<uint32_t> threads(scenario_.matrix().threads().begin(),
                                scenario_.matrix().threads().end());
  if (threads.empty()) threads.push_back(target.threads());
  for (const uint32_t count : threads) {
    const TargetKey key{name, count};
    absl::Status status = co_await StartTarget(key);
    if (!status.ok()) co_return status;
  }
  co_return absl::OkStatus();
}

asio::awaitable<absl::Status> Fleet::StartTarget(TargetKey key) {
  const proto::Target& target = scenario_.targets().at(key.name);
  Gate answered(loop_);
  absl::StatusOr<uint16_t> port = absl::UnknownError("");
  const int64_t exec_ns = MonotonicNowNs();
  TargetAddress address;
  address.service_id = local_.StartService(
      ServiceOf(target, key.threads),
      [&](absl::StatusOr<uint16_t> result) {
        port = std::move(result);
        answered.Open();
      },
      [this, name = key.name](const LocalFleet::Death& death) {
        events_.target_died(name, death.Words());
      });
  co_await answered.Wait();
  if (!port.ok()) co_return port.status();
  address.host = kLoopback;
  address.port = *port;
  address.authority = absl::StrCat(kLoopback, ":", *port);
  address.metrics.emplace();
  address.metrics->url = {kLoopback, *port, "/metrics"};
  address.metrics->watch.assign(target.watch().begin(), target.watch().end());
  const absl::Status answer = co_await FirstAnswer(loop_, address.metrics->url);
  if (!answer.ok()) {
    co_return absl::UnavailableError(
        absl::StrCat("the target ", key.name, " gave no answer: ", std::string(answer.message())));
  }
  address.cold_start_ns = MonotonicNowNs() - exec_ns;
  targets_[key] = std::move(address);
  co_return absl::OkStatus();
}

// Whether the run wants another process than the one that has served before.
bool Fleet::IsStale(const TargetAddress& address, const proto::RunPlan& run) const {
  if (address.first_run.empty()) return false;
  if (scenario_.targets().at(run.target()).restart()) return true;
  return scenario_.restart() == proto::RESTART_BETWEEN_REPEATS && address.repeat != run.repeat();
}

asio::awaitable<absl::Status> Fleet::PrepareRun(const proto::RunPlan& run) {
  const TargetKey key = KeyOf(run);
  if (key.threads == 0) co_return absl::OkStatus();
  auto found = targets_.find(key);
  if (found != targets_.end() && IsStale(found->second, run)) {
    Gate gone(loop_);
    local_.EndService(found->second.service_id, [&] { gone.Open(); });
    co_await gone.Wait();
    targets_.erase(found);
    found = targets_.end();
  }
  if (found == targets_.end()) {
    absl::Status status = co_await StartTarget(key);
    if (!status.ok()) co_return status;
  }
  TargetAddress& address = targets_.at(key);
  if (address.first_run.empty()) {
    address.first_run = run.run_id();
    address.repeat = run.repeat();
  }
  co_return absl::OkStatus();
}

Fleet::TargetKey Fleet::KeyOf(const proto::RunPlan& run) const {
  const proto::Target& target = scenario_.targets().at(run.target());
  if (target.service() == proto::SERVICE_UNSPECIFIED || !target.url().empty()) {
    return {run.target(), 0};
  }
  uint32_t threads = target.threads();
  const auto varied = run.point().find("threads");
  if (varied != run.point().end() && !absl::SimpleAtoi(varied->second, &threads)) threads = 0;
  return {run.target(), threads};
}

absl::Status Fleet::LocateTarget(const std::string& name, const proto::Target& target) {
  absl::StatusOr<ParsedUrl> url = ParseUrl(target.url());
  if (!url.ok()) return url.status();
  absl::StatusOr<std::optional<MetricsSource>> metrics = SourceOf(target, directory_);
  if (!metrics.ok()) return metrics.status();
  TargetAddress address;
  address.host = url->host;
  address.port = url->port;
  address.authority = url->authority;
  address.metrics = *std::move(metrics);
  if (url->tls) {
    absl::StatusOr<proto::TlsPlan> tls = TlsPlanOf(target, *url, directory_);
    if (!tls.ok()) return tls.status();
    address.tls = *std::move(tls);
  }
  targets_[{name, 0}] = std::move(address);
  return absl::OkStatus();
}

asio::awaitable<void> Fleet::Disband() {
  Gate gone(loop_);
  local_.Stop([&] { gone.Open(); });
  co_await gone.Wait();
  service_.Shutdown();
}

std::vector<std::string> Fleet::Crew() const {
  std::vector<std::string> crew;
  for (const auto& [agent_id, join] : roster_.present()) {
    const auto& expected = terms_.expected;
    const bool may =
        expected.empty() || std::find(expected.begin(), expected.end(), agent_id) != expected.end();
    if (may && crew.size() < scenario_.agents().count()) crew.push_back(agent_id);
  }
  return crew;
}

std::vector<proto::Join> Fleet::CrewJoins() const {
  std::vector<proto::Join> joins;
  for (const std::string& agent_id : Crew()) joins.push_back(roster_.present().at(agent_id));
  return joins;
}

std::map<std::string, proto::Slice> Fleet::SlicesOf(const proto::RunPlan& run,
                                                    const proto::Plan& plan) const {
  std::vector<std::string> crew = Crew();
  if (run.has_crew()) {
    std::vector<std::string> part;
    for (size_t i = run.crew().first(); i < crew.size() && part.size() < run.crew().count(); ++i) {
      part.push_back(crew[i]);
    }
    crew = std::move(part);
  }
  const TargetAddress& target = targets_.at(KeyOf(run));
  std::map<std::string, proto::Slice> slices;
  for (uint32_t i = 0; i < crew.size(); ++i) {
    proto::Slice slice = SliceOf(run,
                                 {.agent = i,
                                  .agents = static_cast<uint32_t>(crew.size()),
                                  .workers = scenario_.agents().workers()},
                                 plan.engine());
    ShareFeeds(plan.feeds(), plan.on_loss() == proto::ON_LOSS_REDISTRIBUTE, &slice);
    slice.set_host(target.host);
    slice.set_port(target.port);
    slice.set_authority(target.authority);
    if (target.tls) *slice.mutable_tls() = *target.tls;
    slices[crew[i]] = std::move(slice);
  }
  return slices;
}

std::optional<MetricsSource> Fleet::MetricsOf(const proto::RunPlan& run) const {
  return targets_.at(KeyOf(run)).metrics;
}

std::optional<int64_t> Fleet::ColdStartNs(const proto::RunPlan& run) const {
  const TargetAddress& address = targets_.at(KeyOf(run));
  return address.first_run == run.run_id() ? address.cold_start_ns : std::nullopt;
}

void Fleet::DescribeServices(proto::Environment* environment) const {
  const absl::StatusOr<std::string> self = OwnExecutable();
  if (!self.ok()) return;
  // Sorted: a proto map has no order of its own.
  const std::map<std::string, proto::Target> targets(scenario_.targets().begin(),
                                                     scenario_.targets().end());
  std::map<std::string, std::string> sums;
  for (const auto& [name, target] : targets) {
    if (target.service() == proto::SERVICE_UNSPECIFIED || !target.url().empty()) continue;
    const std::string kind = EnumWord(target.service());
    const std::optional<Binary> binary = ServiceBinary(kind);
    if (!binary.has_value()) continue;
    const absl::StatusOr<std::string> path = FindBinary(*binary, *self);
    if (!path.ok()) continue;
    if (!sums.contains(kind)) sums[kind] = Sha256OfFile(*path);
    proto::TargetArtifact& artifact = *environment->add_artifacts();
    artifact.set_target(name);
    artifact.set_sha256(sums[kind]);
    std::error_code error;
    const uint64_t bytes = std::filesystem::file_size(*path, error);
    if (!error) artifact.set_bytes(bytes);
  }
  std::vector<std::string> words;
  for (const auto& [kind, sum] : sums) words.push_back(sum);
  environment->set_target_sha256(absl::StrJoin(words, " "));
}

}  // namespace drumline
