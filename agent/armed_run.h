// ArmedRun: this agent's part in one run, from the slice to the last acknowledged interval.
//
//     auto run = ArmedRun::Create(slice, agent_id, limits, &loop, {.ready = …, .progressed =
//     …});
//     (*run)->Launch();                        // opens connections; then ready is called
//     (*run)->Begin(start_ns);
//     (*run)->collector()->TakeUnsent();       // whenever progressed is called
//
// Lives on the agent's main loop; its workers have threads of their own and reach it by posting to
// that loop. Events are called from the loop.
#ifndef AGENT_ARMED_RUN_H_
#define AGENT_ARMED_RUN_H_

#include <boost/asio/io_context.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "agent/engine/engine.h"
#include "agent/interval_collector.h"
#include "agent/interval_exchange.h"
#include "agent/null_service/null_service.h"
#include "agent/own_limits.h"
#include "agent/worker.h"
#include "core/feed_table.h"
#include "core/load_profile.h"
#include "core/mix.h"
#include "proto/agent_link.pb.h"
#include "proto/plan.pb.h"

namespace drumline {

class ArmedRun : public std::enable_shared_from_this<ArmedRun> {
 public:
  // Descriptors that are left for everything but connections to the target, and those that a
  // worker's engine needs itself.
  static constexpr uint64_t kSpareDescriptors = 64;
  static constexpr uint64_t kDescriptorsOfEngine = 2;

  struct Events {
    // All workers have their connections, or one of them could not get them.
    std::function<void(const absl::Status&)> ready;
    // Intervals were added to the collector, or the last worker has finished.
    std::function<void()> progressed;
  };

  // Resolves the target, or starts the null service, one for each worker, and checks the slice:
  // PermissionDenied if it asks for more than [limits] allow, ResourceExhausted if the machine's
  // limits do not hold so many connections.
  static absl::StatusOr<std::shared_ptr<ArmedRun>> Create(const proto::Slice& slice,
                                                          const std::string& agent_id,
                                                          const OwnLimits& limits,
                                                          boost::asio::io_context* loop,
                                                          Events events);
  ~ArmedRun();

  void Launch();
  void Begin(int64_t start_ns);
  // See Worker::HoldLease.
  void HoldLease(int64_t until_ns);
  // [reason] is kept if the run had not ended by itself.
  void Stop(int64_t drain_ns, const std::string& reason);
  // Beats of a lost agent, one lane for each worker. One that came before is not carried out again;
  // InvalidArgument for lanes that there are not, PermissionDenied for more than the limits allow.
  absl::Status Adopt(const proto::Adopt& adopt);

  const std::string& run_id() const { return slice_.run_id(); }
  // Whether it was armed with this very slice: run ids of different campaigns may be the same.
  bool IsFor(const proto::Slice& slice) const {
    return slice.SerializeAsString() == slice_.SerializeAsString();
  }
  // All connections are open.
  bool ready() const {
    return !workers_.empty() && workers_ready_ == workers_.size() && readiness_.ok();
  }
  bool begun() const { return begun_; }
  bool finished() const { return workers_finished_ == workers_.size(); }
  // The latest of the workers' real beginnings, on CLOCK_MONOTONIC; 0 if there was none.
  int64_t began_ns() const { return began_ns_; }
  // Why the run ended early; empty if it did not.
  const std::string& cut_short() const { return cut_short_; }
  uint32_t connections() const;
  // What its workers really use: "epoll", "io_uring", or both names; empty before Launch.
  std::string engine_name() const;
  IntervalCollector* collector() { return &collector_; }

 private:
  ArmedRun(const proto::Slice& slice, const std::string& agent_id, const OwnLimits& limits,
           LoadProfile profile, const boost::asio::ip::tcp::endpoint& target,
           boost::asio::io_context* loop, Events events);

  absl::Status MakeEngines();
  absl::Status MakeTlsContexts();
  absl::Status MakeRequests();
  absl::Status StartNullServices();
  Worker::Terms TermsOf(size_t index) const;
  Worker::Events WorkerEvents();
  void Post(std::function<void(ArmedRun&)> action);
  void OnReady(const absl::Status& status);
  void OnFinished(size_t worker, int64_t began_ns);
  void Collect();

  const proto::Slice slice_;
  const OwnLimits limits_;
  const LoadProfile profile_;
  // Null where there is but one request.
  std::unique_ptr<const Mix> mix_;
  std::vector<FeedTable> feeds_;
  // What the workers send; made once.
  std::vector<ConnectionPool::Request> requests_;
  boost::asio::io_context* const loop_;
  const Events events_;
  boost::asio::ip::tcp::endpoint target_;

  IntervalCollector collector_;
  std::unique_ptr<IntervalExchange> exchange_;
  // Until the workers are launched.
  std::vector<std::unique_ptr<Engine>> engines_;
  // Of each worker, where the target speaks TLS.
  std::vector<std::shared_ptr<TlsContext>> tls_contexts_;
  // Of each worker, where the slice has a null service.
  std::vector<std::unique_ptr<NullService>> null_services_;
  std::vector<std::unique_ptr<Worker>> workers_;

  size_t workers_ready_ = 0;
  size_t workers_finished_ = 0;
  absl::Status readiness_;
  bool begun_ = false;
  uint64_t adoptions_ = 0;
  // Of all beats of the plan, what was taken over included.
  double share_of_beats_ = 0;
  int64_t began_ns_ = 0;
  std::string cut_short_;
};

}  // namespace drumline

#endif  // AGENT_ARMED_RUN_H_
