#include "controller/campaign/joint_runs.h"

#include <boost/asio/co_spawn.hpp>
#include <cstdint>
#include <exception>
#include <utility>

#include "controller/campaign/clock.h"
#include "controller/campaign/gate.h"

namespace drumline {

RunDriver& JointRuns::Add(std::unique_ptr<RunDriver> driver) {
  drivers_.push_back(std::move(driver));
  drivers_.back()->WhenReady([this] { StartTogether(); });
  return *drivers_.back();
}

RunDriver* JointRuns::With(const std::string& agent_id) {
  for (const auto& driver : drivers_) {
    if (driver->HasAgent(agent_id)) return driver.get();
  }
  return nullptr;
}

// At one instant, once each of them is ready.
void JointRuns::StartTogether() {
  for (const auto& driver : drivers_) {
    if (!driver->machine().ready()) return;
  }
  const int64_t start_ns = MonotonicNowNs() + RunMachine::Limits().lead_ns;
  for (const auto& driver : drivers_) driver->StartAt(start_ns);
}

boost::asio::awaitable<void> JointRuns::Drive() {
  Gate over(loop_);
  size_t left = drivers_.size();
  for (const auto& driver : drivers_) {
    boost::asio::co_spawn(*loop_, driver->Run(), [&](const std::exception_ptr& bug) {
      if (bug) std::rethrow_exception(bug);
      for (const auto& other : drivers_) {
        if (!other->machine().started()) other->Stop("the other run of its pair has ended");
      }
      if (--left == 0) over.Open();
    });
  }
  co_await over.Wait();
}

void JointRuns::OnTargetDied(const std::string& target, const std::string& how) {
  for (const auto& driver : drivers_) {
    if (driver->plan().target() == target) driver->OnTargetDied(how);
  }
}

void JointRuns::Stop(const std::string& reason) {
  for (const auto& driver : drivers_) driver->Stop(reason);
}

}  // namespace drumline
