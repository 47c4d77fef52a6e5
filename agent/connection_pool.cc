#include "agent/connection_pool.h"

#include <algorithm>
#include <system_error>
#include <utility>

namespace drumline {

namespace {

// A connection looks for one text while the body arrives. Where requests expect different ones,
// each answer is looked through when it is complete.
Connection::Expectation ExpectationOf(const std::vector<ConnectionPool::Request>& requests) {
  return {requests.size() == 1 ? requests.front().body_contains : std::string_view()};
}

std::string Reason(int error) { return std::generic_category().message(error); }

}  // namespace

ConnectionPool::ConnectionPool(Engine* engine, const boost::asio::ip::tcp::endpoint& target,
                               std::vector<Request> requests, size_t count, const Manner& manner,
                               Events events, const std::vector<FeedTable>* feeds)
    : target_(target),
      requests_(std::move(requests)),
      manner_(manner),
      events_(std::move(events)),
      connection_events_(ConnectionEvents()),
      feeds_(feeds),
      busy_(requests_.size()) {
  connections_.reserve(count);
  for (size_t i = 0; i < count; ++i) {
    connections_.push_back(std::make_unique<Connection>(
        engine, &connection_events_, http::ResponseParser::Limits{}, &known_head_, &target_,
        ExpectationOf(requests_), manner_.tls));
    unborn_.push_back(*connections_.back());
  }
}

ConnectionPool::~ConnectionPool() {
  unborn_.clear();
  closed_.clear();
  opening_.clear();
  idle_.clear();
  for (List& busy : busy_) busy.clear();
}

Connection::Events ConnectionPool::ConnectionEvents() {
  return {
      .opened = [this](Connection& connection) { OnOpened(connection); },
      .open_failed = [this](Connection& connection,
                            const std::string& reason) { OnOpenFailed(connection, reason); },
      .answered = [this](Connection& connection,
                         const auto& response) { OnAnswered(connection, response); },
      .broken = [this](Connection& connection, Connection::Break reason,
                       bool busy) { OnBroken(connection, reason, busy); },
  };
}

void ConnectionPool::Release(int64_t now_ns) {
  while (!unborn_.empty()) {
    if (manner_.open_over_ns > 0 && released_ > 0) {
      if (opening_from_ns_ == 0) return;
      const double part = static_cast<double>(released_ * manner_.stride + manner_.first) /
                          static_cast<double>(manner_.total);
      const auto after_ns = static_cast<int64_t>(part * static_cast<double>(manner_.open_over_ns));
      if (now_ns < opening_from_ns_ + after_ns) return;
    }
    Connection& connection = unborn_.front();
    unborn_.pop_front();
    closed_.push_back(connection);
    ++released_;
  }
}

void ConnectionPool::Tick(int64_t now_ns) {
  now_ns_ = now_ns;
  if (!unborn_.empty()) Release(now_ns);
  while (!opening_.empty() && opening_.front().opening_since_ns + kOpenTimeoutNs <= now_ns) {
    Connection& connection = opening_.front();
    connection.Close();
    OnOpenFailed(connection, "no answer");
  }
  while (!shut_down_ && !closed_.empty() && opening_.size() < kMaxOpening &&
         now_ns >= open_from_ns_) {
    Connection& connection = closed_.front();
    closed_.pop_front();
    opening_.push_back(connection);
    connection.opening_since_ns = now_ns;
    if (const int error = connection.Open(); error != 0) OnOpenFailed(connection, Reason(error));
  }
}

void ConnectionPool::Shutdown() {
  shut_down_ = true;
  for (auto& connection : connections_) connection->Close();
}

void ConnectionPool::OnOpened(Connection& connection) {
  opening_.erase(opening_.iterator_to(connection));
  ++connects_;
  backoff_ns_ = 0;
  idle_.push_back(connection);
  events_.opened(connection.opening());
}

void ConnectionPool::OnOpenFailed(Connection& connection, const std::string& reason) {
  opening_.erase(opening_.iterator_to(connection));
  if (connection.opening_since_ns >= open_from_ns_) {
    backoff_ns_ = std::clamp(2 * backoff_ns_, kFirstBackoffNs, kMaxBackoffNs);
    open_from_ns_ = now_ns_ + backoff_ns_;
  }
  closed_.push_back(connection);
  events_.open_failed(reason);
}

uint64_t ConnectionPool::Send(const Flight& flight) {
  Connection& connection = idle_.front();
  idle_.pop_front();
  connection.flight = flight;
  BusyOf(connection).push_back(connection);
  ++in_flight_;
  const Request& request = requests_[flight.request];
  const std::string_view text = TextOf(request, connection);
  connection.Send(text, request.is_head, request.needs_head(), request.needs_body());
  return text.size();
}

std::string_view ConnectionPool::TextOf(const Request& request, Connection& connection) {
  if (request.made == nullptr) return request.text;
  request.made->Render(
      {.position = connection.flight.position, .feeds = feeds_, .taken = connection.flight.taken},
      &scratch_, &connection.request_text);
  return connection.request_text;
}

const Flight* ConnectionPool::Oldest() const {
  const Flight* oldest = nullptr;
  for (const List& busy : busy_) {
    if (busy.empty()) continue;
    const Flight& flight = busy.front().flight;
    if (oldest == nullptr || flight.deadline_ns < oldest->deadline_ns) oldest = &flight;
  }
  return oldest;
}

// The request that it carried is no longer in flight.
void ConnectionPool::Leave(Connection& connection) {
  List& busy = BusyOf(connection);
  busy.erase(busy.iterator_to(connection));
  --in_flight_;
}

void ConnectionPool::AbandonOldest() {
  Connection& connection = busy_[Oldest()->request].front();
  Leave(connection);
  connection.Close();
  closed_.push_back(connection);
}

void ConnectionPool::OnAnswered(Connection& connection, const Connection::Response& response) {
  Leave(connection);
  const bool used_up = manner_.requests_each > 0 && ++connection.carried >= manner_.requests_each;
  if (used_up && response.reusable) connection.Close();
  (response.reusable && !used_up ? idle_ : closed_).push_back(connection);
  events_.answered(connection.flight, response);
}

void ConnectionPool::OnBroken(Connection& connection, Connection::Break reason, bool busy) {
  if (busy) {
    Leave(connection);
  } else {
    idle_.erase(idle_.iterator_to(connection));
  }
  closed_.push_back(connection);
  if (busy) events_.broken(connection.flight, reason);
}

}  // namespace drumline
