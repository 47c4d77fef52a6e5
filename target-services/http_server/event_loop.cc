#include "target-services/http_server/event_loop.h"

#include <sys/socket.h>

#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <cerrno>
#include <ctime>
#include <iterator>
#include <utility>

#include "target-services/http_server/http_date.h"

namespace drumline::target {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

constexpr std::chrono::seconds kTick{1};

absl::Status ListenError(const char* step, const EventLoop::Endpoint& endpoint,
                         const error_code& error) {
  const std::string message = endpoint.address().to_string() + " port " +
                              std::to_string(endpoint.port()) + ": " + step + ": " +
                              error.message();
  if (error == asio::error::access_denied) return absl::PermissionDeniedError(message);
  return absl::UnavailableError(message);
}

}  // namespace

EventLoop::EventLoop(const ServerConfig& config, std::shared_ptr<asio::io_context> context,
                     Routes routes, RequestRecorder& recorder)
    : config_(config),
      context_(std::move(context)),
      routes_(std::move(routes)),
      recorder_(recorder),
      acceptor_(*context_),
      tick_(*context_),
      drain_deadline_(*context_),
      date_(HttpDate(std::time(nullptr))) {}

absl::Status EventLoop::Listen(const Endpoint& endpoint) {
  error_code error;
  acceptor_.open(endpoint.protocol(), error);
  if (error) return ListenError("open", endpoint, error);
  acceptor_.set_option(Acceptor::reuse_address(true), error);
  if (error) return ListenError("set SO_REUSEADDR", endpoint, error);
  const int on = 1;
  if (setsockopt(acceptor_.native_handle(), SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on)) != 0) {
    return ListenError("set SO_REUSEPORT", endpoint,
                       error_code(errno, boost::system::system_category()));
  }
  // Linux hands this option down to accepted connections, which saves a call for each of them.
  acceptor_.set_option(asio::ip::tcp::no_delay(true), error);
  if (error) return ListenError("set TCP_NODELAY", endpoint, error);
  acceptor_.bind(endpoint, error);
  if (error) return ListenError("bind", endpoint, error);
  acceptor_.listen(config_.accept_backlog, error);
  if (error) return ListenError("listen", endpoint, error);
  Accept();
  ScheduleTick();
  return absl::OkStatus();
}

EventLoop::Endpoint EventLoop::local_endpoint() const {
  error_code ignored;
  return acceptor_.local_endpoint(ignored);
}

void EventLoop::Accept() {
  accept_pending_ = true;
  acceptor_.async_accept([this](const ErrorCode& error, Connection::Socket socket) {
    OnAccept(error, std::move(socket));
  });
}

void EventLoop::OnAccept(const ErrorCode& error, Connection::Socket socket) {
  accept_pending_ = false;
  if (!error) {
    if (Connection* connection = Take(std::move(socket))) {
      connection->Start();
      if (draining_) connection->Drain();
    }
  }
  if (draining_) return FinishIfDrained();
  // Out of file descriptors, most likely: to try again at once would spin, so the tick does it.
  accept_paused_ = static_cast<bool>(error);
  if (!error) Accept();
}

Connection* EventLoop::Take(Connection::Socket socket) {
  ErrorCode error;
  socket.non_blocking(true, error);
  if (error || active_.size() + lingering_.size() >= config_.max_connections_per_thread) {
    recorder_.ConnectionRefused();
    return nullptr;
  }
  Connection& connection = active_.emplace_back(*this, std::move(socket), Now());
  connection.self_ = std::prev(active_.end());
  return &connection;
}

void EventLoop::MoveToBack(Connection& connection) {
  active_.splice(active_.end(), active_, connection.self_);
}

void EventLoop::MoveToLingering(Connection& connection) {
  lingering_.splice(lingering_.end(), active_, connection.self_);
}

void EventLoop::Remove(Connection& connection) {
  std::list<Connection>& list = connection.lingering_ ? lingering_ : active_;
  list.erase(connection.self_);
  FinishIfDrained();
}

void EventLoop::ScheduleTick() {
  tick_.expires_after(kTick);
  tick_.async_wait([this](const ErrorCode& error) {
    if (!error) OnTick();
  });
}

void EventLoop::OnTick() {
  date_ = HttpDate(std::time(nullptr));
  const Connection::TimePoint now = Now();
  // A connection given up stays in its list until its pending operation has ended.
  for (auto next = active_.begin(); next != active_.end();) {
    Connection& connection = *next++;  // Giving it up moves it to the back.
    if (now - connection.last_progress() < config_.stall_timeout) break;
    connection.GiveUp();
  }
  for (Connection& connection : lingering_) {
    if (now - connection.last_progress() < config_.linger_timeout) break;
    if (!connection.closed()) connection.Close();
  }
  if (accept_paused_ && !draining_) {
    accept_paused_ = false;
    Accept();
  }
  if (!Drained()) ScheduleTick();
}

void EventLoop::Drain() {
  asio::post(*context_, [this] { BeginDrain(); });
}

void EventLoop::BeginDrain() {
  if (draining_) return;
  draining_ = true;
  drain_deadline_.expires_after(config_.drain_timeout);
  drain_deadline_.async_wait([this](const ErrorCode& error) {
    if (!error) CloseAll();
  });
  TakeWaiting();
  ErrorCode ignored;
  acceptor_.close(ignored);
  for (Connection& connection : active_) connection.Drain();
  FinishIfDrained();
}

// Clients whose connection the kernel made already may have sent a request with it.
void EventLoop::TakeWaiting() {
  ErrorCode error;
  acceptor_.non_blocking(true, error);
  while (!error) {
    Connection::Socket socket(*context_);
    acceptor_.accept(socket, error);
    if (error) break;
    if (Connection* connection = Take(std::move(socket))) connection->Start();
  }
}

void EventLoop::CloseAll() {
  for (std::list<Connection>* list : {&active_, &lingering_}) {
    for (auto next = list->begin(); next != list->end();) {
      Connection& connection = *next++;  // Closing may delete it.
      if (!connection.closed()) connection.Close();
    }
  }
}

bool EventLoop::Drained() const {
  return draining_ && !accept_pending_ && active_.empty() && lingering_.empty();
}

// A service's own timers and sockets must not keep Run from returning.
void EventLoop::FinishIfDrained() {
  if (Drained()) context_->stop();
}

}  // namespace drumline::target
