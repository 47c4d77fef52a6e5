// Connections to the database that come back by themselves, and the queries that wait for one.
//
//   PgPool pool(loop, config, statements, LogDatabase);
//   pool.Start();
//   pool.Ask({&kCountUsers, {}, [](absl::StatusOr<PgRows> rows) { … }});
//
// A query goes to the ready connection with the least on its way. If all are full, or none is
// ready, it waits in turn: at most PgConfig::max_waiting of them (kResourceExhausted at once
// beyond) and at most max_wait each (kUnavailable then). A connection that is lost is made anew
// after a backoff, for as long as the pool lives. A query that was on its way is not repeated: it
// may have been carried out.
//
// `log` hears when the last connection is lost, with the reason, and when there is one again.
//
// Threads: the loop's; destroying it answers nobody (the server has ended then).
#ifndef TARGET_SERVICES_USERS_PG_POOL_H_
#define TARGET_SERVICES_USERS_PG_POOL_H_

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/types/span.h"
#include "target-services/users/backoff.h"
#include "target-services/users/pg_config.h"
#include "target-services/users/pg_connection.h"
#include "target-services/users/pg_query.h"

namespace drumline::target {

class PgPool {
 public:
  using Log = std::function<void(const std::string& line)>;

  // What `statements` refers to must outlive it.
  PgPool(boost::asio::io_context& loop, const PgConfig& config,
         absl::Span<const PgStatement> statements, Log log);
  PgPool(const PgPool&) = delete;
  PgPool& operator=(const PgPool&) = delete;

  // Once.
  void Start();

  void Ask(PgQuery query);

  // The last connection was lost and none is back. Not so while the first ones are being made.
  bool lost() const { return lost_; }
  size_t waiting() const { return waiting_.size(); }

 private:
  using Clock = std::chrono::steady_clock;

  struct Seat {
    Seat(boost::asio::io_context& loop, const PgConfig& config,
         absl::Span<const PgStatement> statements, PgConnection::Events events)
        : connection(loop, config, statements, std::move(events)),
          pause(loop),
          backoff(config.first_backoff, config.last_backoff) {}

    PgConnection connection;
    boost::asio::steady_timer pause;
    Backoff backoff;
  };

  struct Waiting {
    Clock::time_point deadline;
    PgQuery query;
  };

  size_t ready() const;
  // The connection that the next query goes to; null if all are full or gone.
  PgConnection* Best();
  void OnReady(Seat& seat);
  void OnLost(Seat& seat, const std::string& reason);
  void ServeWaiting();
  void AwaitExpiry();
  void OnExpiry();

  const PgConfig config_;
  const Log log_;
  std::vector<std::unique_ptr<Seat>> seats_;
  std::deque<Waiting> waiting_;
  boost::asio::steady_timer expiry_;
  bool awaits_expiry_ = false;
  bool lost_ = false;
};

}  // namespace drumline::target

#endif  // TARGET_SERVICES_USERS_PG_POOL_H_
