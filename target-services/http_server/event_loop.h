// One thread's share of the server: an accept queue, the connections taken from it, one clock tick
// a second. Loops share nothing but the port.
//
//   auto context = std::make_shared<boost::asio::io_context>(1);
//   EventLoop loop(config, context, MakeRoutes(*context), recorder);
//   absl::Status status = loop.Listen(endpoint);
//   std::thread thread([&] { loop.Run(); });
//   loop.Drain();
//   thread.join();
//
// Ownership: owns its connections; `config` and `recorder` must outlive it. Shares the context with
// nobody in earnest: answers that are delivered later only look whether it still lives.
// Threads: Run takes one, Drain may be called from any, the rest belongs to the thread of Run.
// Errors: kUnavailable and kPermissionDenied from Listen.
#ifndef TARGET_SERVICES_HTTP_SERVER_EVENT_LOOP_H_
#define TARGET_SERVICES_HTTP_SERVER_EVENT_LOOP_H_

#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/system/error_code.hpp>
#include <chrono>
#include <list>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "target-services/http_server/connection.h"
#include "target-services/http_server/routes.h"
#include "target-services/http_server/server_config.h"
#include "target-services/metrics/request_metrics.h"

namespace drumline::target {

class EventLoop {
 public:
  using Endpoint = boost::asio::ip::tcp::endpoint;

  EventLoop(const ServerConfig& config, std::shared_ptr<boost::asio::io_context> context,
            Routes routes, RequestRecorder& recorder);
  EventLoop(const EventLoop&) = delete;
  EventLoop& operator=(const EventLoop&) = delete;

  // Shares the port with the other loops, which must use the endpoint returned by local_endpoint.
  absl::Status Listen(const Endpoint& endpoint);
  Endpoint local_endpoint() const;

  // Returns once drained, whatever else a service still waits for on the loop.
  void Run() { context_->run(); }
  // Stops accepting, answers what has been received, closes, and has Run return.
  void Drain();

  // For Connection:
  std::weak_ptr<boost::asio::io_context> context() const { return context_; }
  const ServerConfig& config() const { return config_; }
  const Routes& routes() const { return routes_; }
  RequestRecorder& recorder() { return recorder_; }
  // Where the answers of one batch are gathered; empty between callbacks.
  std::string& output() { return output_; }
  // The Date field's value, at most a second old.
  const std::string& date() const { return date_; }
  bool draining() const { return draining_; }
  Connection::TimePoint Now() const { return std::chrono::steady_clock::now(); }
  // Keeps the connections in the order of their last progress, so that a tick finds the stalled
  // ones in front.
  void MoveToBack(Connection& connection);
  void MoveToLingering(Connection& connection);
  // Deletes the connection.
  void Remove(Connection& connection);

 private:
  using Executor = boost::asio::io_context::executor_type;
  using Acceptor = boost::asio::basic_socket_acceptor<boost::asio::ip::tcp, Executor>;
  using Timer = boost::asio::basic_waitable_timer<
      std::chrono::steady_clock, boost::asio::wait_traits<std::chrono::steady_clock>, Executor>;
  using ErrorCode = boost::system::error_code;

  void Accept();
  void OnAccept(const ErrorCode& error, Connection::Socket socket);
  // Null if there are too many already; the socket is then closed.
  Connection* Take(Connection::Socket socket);
  void ScheduleTick();
  void OnTick();
  void BeginDrain();
  void TakeWaiting();
  void CloseAll();
  bool Drained() const;
  void FinishIfDrained();

  const ServerConfig& config_;
  const std::shared_ptr<boost::asio::io_context> context_;  // Outlives all that follows.
  const Routes routes_;
  RequestRecorder& recorder_;
  Acceptor acceptor_;
  Timer tick_;
  Timer drain_deadline_;
  std::string output_;
  std::string date_;
  bool draining_ = false;
  bool accept_pending_ = false;
  bool accept_paused_ = false;
  std::list<Connection> active_;     // In the order of last progress.
  std::list<Connection> lingering_;  // In the order in which their end began.
};

}  // namespace drumline::target

#endif  // TARGET_SERVICES_HTTP_SERVER_EVENT_LOOP_H_
