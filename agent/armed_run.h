// ArmedRun: an AgentRun on threads and sockets.
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
#include <boost/asio/ip/tcp.hpp>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "agent/agent_run.h"
#include "agent/engine/engine.h"
#include "agent/null_service/null_service.h"
#include "agent/own_limits.h"
#include "agent/worker.h"
#include "core/feed_table.h"
#include "core/load_profile.h"
#include "core/mix.h"
#include "proto/plan.pb.h"

namespace drumline {

class ArmedRun : public AgentRun, public std::enable_shared_from_this<ArmedRun> {
 public:
  // Descriptors that are left for everything but connections to the target, and those that a
  // worker's engine needs itself.
  static constexpr uint64_t kSpareDescriptors = 64;
  static constexpr uint64_t kDescriptorsOfEngine = 2;

  // Resolves the target, or starts the null service, one for each worker, and checks the slice:
  // PermissionDenied if it asks for more than [limits] allow, ResourceExhausted if the machine's
  // limits do not hold so many connections.
  static absl::StatusOr<std::shared_ptr<ArmedRun>> Create(const proto::Slice& slice,
                                                          const std::string& agent_id,
                                                          const OwnLimits& limits,
                                                          boost::asio::io_context* loop,
                                                          Events events);
  ~ArmedRun() override;

  void Launch() override;
  void HoldLease(int64_t until_ns) override;
  uint32_t connections() const override;
  std::string engine_name() const override;

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

  void BeginWorkers(int64_t start_ns) override;
  void StopWorkers(int64_t drain_ns) override;
  void AdoptBeats(size_t worker, Lane lane, int64_t from_ns) override;
  Spent ReadSpent() const override;

  const LoadProfile profile_;
  // Null where there is but one request.
  std::unique_ptr<const Mix> mix_;
  std::vector<FeedTable> feeds_;
  // What the workers send; made once.
  std::vector<ConnectionPool::Request> requests_;
  boost::asio::io_context* const loop_;
  const boost::asio::ip::tcp::endpoint target_;

  // Until the workers are launched.
  std::vector<std::unique_ptr<Engine>> engines_;
  // Of each worker, where the target speaks TLS.
  std::vector<std::shared_ptr<TlsContext>> tls_contexts_;
  // Of each worker, where the slice has a null service.
  std::vector<std::unique_ptr<NullService>> null_services_;
  std::vector<std::unique_ptr<Worker>> workers_;
};

}  // namespace drumline

#endif  // AGENT_ARMED_RUN_H_
