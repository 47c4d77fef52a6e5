// Gate: a coroutine waits until something has happened, however early or late it comes to wait.
//
//     Gate gate(&loop);
//     co_await gate.Wait();               // here
//     gate.Open();                        // there; those who wait go on, later ones do not stop
//     bool opened = co_await gate.WaitUntil(deadline);
//
// Used from the loop's thread.
#ifndef CONTROLLER_CAMPAIGN_GATE_H_
#define CONTROLLER_CAMPAIGN_GATE_H_

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>

namespace drumline {

class Gate {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  explicit Gate(boost::asio::io_context* loop) : timer_(*loop) {}

  void Open() {
    open_ = true;
    timer_.cancel();
  }
  bool is_open() const { return open_; }

  boost::asio::awaitable<void> Wait() { co_await WaitUntil(TimePoint::max()); }

  // False if the deadline came first. One coroutine may wait at a time.
  boost::asio::awaitable<bool> WaitUntil(TimePoint deadline) {
    while (!open_ && std::chrono::steady_clock::now() < deadline) {
      timer_.expires_at(deadline);
      co_await timer_.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
    }
    co_return open_;
  }

 private:
  boost::asio::steady_timer timer_;
  bool open_ = false;
};

}  // namespace drumline

#endif  // CONTROLLER_CAMPAIGN_GATE_H_
