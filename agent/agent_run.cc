#include "agent/agent_run.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"

namespace drumline {
namespace {

// Far beyond the lanes of any fleet, and far from the range of what is computed with it.
constexpr uint64_t kMaxStride = uint64_t{1} << 40;

}  // namespace

AgentRun::AgentRun(const proto::Slice& slice, const std::string& agent_id, const OwnLimits& limits,
                   Events events)
    : slice_(slice),
      limits_(limits),
      events_(std::move(events)),
      collector_(slice.run_id(), agent_id, static_cast<size_t>(slice.workers_size())),
      share_of_beats_(ShareOfBeats(slice)) {}

void AgentRun::Begin(int64_t start_ns) {
  if (begun_) return;
  begun_ = true;
  collector_.SetHostCost(ReadSpent().host);
  BeginWorkers(start_ns);
}

void AgentRun::Stop(int64_t drain_ns, const std::string& reason) {
  if (!finished() && cut_short_.empty()) cut_short_ = reason;
  StopWorkers(drain_ns);
}

absl::Status AgentRun::Adopt(const proto::Adopt& adopt) {
  if (adopt.number() <= adoptions_ || !begun_ || finished()) return absl::OkStatus();
  if (slice_.load().closed_loop() || adopt.number() != adoptions_ + 1 || adopt.from_ns() < 0 ||
      static_cast<size_t>(adopt.lanes_size()) != worker_count()) {
    return absl::InvalidArgumentError("an adoption that does not fit this run");
  }
  double share = share_of_beats_;
  for (const proto::Lane& lane : adopt.lanes()) {
    if (lane.first() >= lane.stride() || lane.stride() > kMaxStride) {
      return absl::InvalidArgumentError(
          absl::StrCat("lane ", lane.first(), " of ", lane.stride(), ", which there is not"));
    }
    share += 1.0 / static_cast<double>(lane.stride());
  }
  if (absl::Status status = CheckShare(limits_, slice_, share); !status.ok()) return status;
  share_of_beats_ = share;
  adoptions_ = adopt.number();
  for (size_t i = 0; i < worker_count(); ++i) {
    const proto::Lane& lane = adopt.lanes(static_cast<int>(i));
    AdoptBeats(i, {lane.first(), lane.stride()}, adopt.from_ns());
  }
  return absl::OkStatus();
}

void AgentRun::OnReady(const absl::Status& status) {
  readiness_.Update(status);
  if (++workers_ready_ == worker_count()) events_.ready(readiness_);
}

void AgentRun::OnFinished(size_t worker, int64_t began_ns) {
  ++workers_finished_;
  if (began_ns == 0) collector_.AddAbsent(worker, ReadSpent().program_cpu_ns);
  began_ns_ = std::max(began_ns_, began_ns);
  if (finished()) {
    Collect();
    events_.progressed();
  }
}

void AgentRun::Collect() {
  const Spent spent = ReadSpent();
  collector_.SetHostCost(spent.host);
  bool any = false;
  for (auto& [worker, interval] : exchange_->TakeFull()) {
    collector_.Add(worker, *interval, spent.program_cpu_ns);
    exchange_->Return(std::move(interval));
    any = true;
  }
  if (collector_.Full()) Stop(0, "an hour's intervals were not acknowledged");
  if (any) events_.progressed();
}

}  // namespace drumline
