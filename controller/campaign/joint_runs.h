// JointRuns: the runs that are carried out now, one or a pair, from one common start to the end of
// the last of them.
//
//     JointRuns runs(&loop);
//     RunDriver& driver = runs.Add(std::make_unique<RunDriver>(…));        // each
//     co_await runs.Drive();
//     for (const auto& driver : runs.drivers()) driver->machine().outcome();
//
// Whoever has the streams finds by an agent's name which run it belongs to. Lives on the loop and
// is used from its thread.
#ifndef CONTROLLER_CAMPAIGN_JOINT_RUNS_H_
#define CONTROLLER_CAMPAIGN_JOINT_RUNS_H_

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <memory>
#include <string>
#include <vector>

#include "controller/campaign/run_driver.h"

namespace drumline {

class JointRuns {
 public:
  explicit JointRuns(boost::asio::io_context* loop) : loop_(loop) {}

  // Forgets the runs that were carried out before.
  void Clear() { drivers_.clear(); }
  RunDriver& Add(std::unique_ptr<RunDriver> driver);
  bool empty() const { return drivers_.empty(); }
  // Whoever watches is shown the first.
  const RunDriver& first() const { return *drivers_.front(); }
  const std::vector<std::unique_ptr<RunDriver>>& drivers() const { return drivers_; }
  // The run in which the agent has a part; null if there is none.
  RunDriver* With(const std::string& agent_id);

  // Until all are over. One that ends before the start leaves nothing to start together with.
  boost::asio::awaitable<void> Drive();
  void OnTargetDied(const std::string& target, const std::string& how);
  void Stop(const std::string& reason);

 private:
  void StartTogether();

  boost::asio::io_context* const loop_;
  std::vector<std::unique_ptr<RunDriver>> drivers_;
};

}  // namespace drumline

#endif  // CONTROLLER_CAMPAIGN_JOINT_RUNS_H_
