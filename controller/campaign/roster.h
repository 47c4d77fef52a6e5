// Roster: the agents that are there.
//
//     Roster roster(&loop);
//     roster.Add(join); roster.Remove("agent-1");
//     bool enough = co_await roster.WaitUntil([&] { return roster.present().size() >= 4; },
//     deadline);
//
// Used from the loop's thread.
#ifndef CONTROLLER_CAMPAIGN_ROSTER_H_
#define CONTROLLER_CAMPAIGN_ROSTER_H_

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <functional>
#include <map>
#include <string>

#include "proto/agent_link.pb.h"

namespace drumline {

class Roster {
 public:
  explicit Roster(boost::asio::io_context* loop) : changed_(*loop) {}

  void Add(const proto::Join& join) {
    present_[join.agent_id()] = join;
    known_[join.agent_id()] = join;
    changed_.cancel();
  }
  void Remove(const std::string& agent_id) {
    present_.erase(agent_id);
    changed_.cancel();
  }
  // Those who wait go on without.
  void GiveUp() {
    given_up_ = true;
    changed_.cancel();
  }

  const std::map<std::string, proto::Join>& present() const { return present_; }
  // All that ever joined.
  const std::map<std::string, proto::Join>& known() const { return known_; }

  // False if the deadline came first, or GiveUp. One coroutine may wait at a time.
  // [enough] is asked whenever somebody comes or goes.
  boost::asio::awaitable<bool> WaitUntil(std::function<bool()> enough,
                                         std::chrono::steady_clock::time_point deadline) {
    while (!enough() && !given_up_ && std::chrono::steady_clock::now() < deadline) {
      changed_.expires_at(deadline);
      co_await changed_.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
    }
    co_return enough();
  }

 private:
  boost::asio::steady_timer changed_;
  std::map<std::string, proto::Join> present_;
  std::map<std::string, proto::Join> known_;
  bool given_up_ = false;
};

}  // namespace drumline

#endif  // CONTROLLER_CAMPAIGN_ROSTER_H_
