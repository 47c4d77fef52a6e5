#include "target-services/users/pg_pool.h"

#include <boost/system/error_code.hpp>
#include <utility>

#include "target-services/service/log_line.h"

namespace drumline::target {

using boost::system::error_code;

PgPool::PgPool(boost::asio::io_context& loop, const PgConfig& config,
               absl::Span<const PgStatement> statements, Log log)
    : config_(config), log_(std::move(log)), expiry_(loop) {
  for (size_t i = 0; i < config_.connections; ++i) {
    PgConnection::Events events;
    events.on_ready = [this, i] { OnReady(*seats_[i]); };
    events.on_room = [this] { ServeWaiting(); };
    events.on_lost = [this, i](const std::string& reason) { OnLost(*seats_[i], reason); };
    seats_.push_back(std::make_unique<Seat>(loop, config_, statements, std::move(events)));
  }
}

void PgPool::Start() {
  for (const auto& seat : seats_) seat->connection.Connect();
}

size_t PgPool::ready() const {
  size_t count = 0;
  for (const auto& seat : seats_) count += seat->connection.ready() ? 1 : 0;
  return count;
}

PgConnection* PgPool::Best() {
  PgConnection* best = nullptr;
  for (const auto& seat : seats_) {
    PgConnection& connection = seat->connection;
    if (!connection.ready() || connection.in_flight() >= config_.max_in_flight) continue;
    if (best == nullptr || connection.in_flight() < best->in_flight()) best = &connection;
  }
  return best;
}

void PgPool::Ask(PgQuery query) {
  // Nobody overtakes those who wait.
  PgConnection* connection = waiting_.empty() ? Best() : nullptr;
  if (connection != nullptr) return connection->Send(std::move(query));
  if (waiting_.size() >= config_.max_waiting) {
    return query.on_reply(absl::ResourceExhaustedError("too many queries wait"));
  }
  waiting_.push_back({Clock::now() + config_.max_wait, std::move(query)});
  AwaitExpiry();
}

void PgPool::ServeWaiting() {
  while (!waiting_.empty()) {
    PgConnection* connection = Best();
    if (connection == nullptr) return;
    PgQuery query = std::move(waiting_.front().query);
    waiting_.pop_front();
    connection->Send(std::move(query));
  }
}

void PgPool::OnReady(Seat& seat) {
  seat.backoff.Reset();
  if (std::exchange(lost_, false)) log_("database: connected again");
  ServeWaiting();
}

void PgPool::OnLost(Seat& seat, const std::string& reason) {
  if (ready() == 0 && !std::exchange(lost_, true)) {
    log_("database: no connection, trying again: " + OneLine(reason));
  }
  seat.pause.expires_after(seat.backoff.Next());
  seat.pause.async_wait([&seat](const error_code& error) {
    if (!error) seat.connection.Connect();
  });
}

// All wait equally long at most, so that the first in line is the first to give up.
void PgPool::AwaitExpiry() {
  if (awaits_expiry_ || waiting_.empty()) return;
  awaits_expiry_ = true;
  expiry_.expires_at(waiting_.front().deadline);
  expiry_.async_wait([this](const error_code& error) {
    if (!error) OnExpiry();
  });
}

void PgPool::OnExpiry() {
  awaits_expiry_ = false;
  const Clock::time_point now = Clock::now();
  while (!waiting_.empty() && waiting_.front().deadline <= now) {
    PgQuery query = std::move(waiting_.front().query);
    waiting_.pop_front();
    query.on_reply(absl::UnavailableError("no connection became free in time"));
  }
  AwaitExpiry();
}

}  // namespace drumline::target
