// One connection to PostgreSQL, in libpq's pipeline mode on an Asio loop.
//
//   PgConnection connection(loop, config, statements, {on_ready, on_lost});
//   connection.Connect();
//   // … on_ready is called …
//   connection.Send(std::move(query));        // As often as one likes; replies come in order.
//
//   idle ─Connect─▶ connecting ─▶ preparing ─on_ready─▶ ready
//     ▲                 │              │                  │
//     └───────────────on_lost◀─────────┴──────────────────┘
//
// Each query is a transaction of its own (a sync point stands behind it), so that one that fails
// leaves the others alone. When the connection is lost all queries on it are answered kUnavailable
// first, then on_lost is called; Connect may be called again.
//
// To look up a host by its name blocks the loop while the resolver works (libpq knows no other
// way); an address or a socket directory does not.
//
// Threads: the loop's. Callbacks come from the loop, never from within a call.
#ifndef TARGET_SERVICES_USERS_PG_CONNECTION_H_
#define TARGET_SERVICES_USERS_PG_CONNECTION_H_

#include <postgresql/libpq-fe.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/system/error_code.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>

#include "absl/types/span.h"
#include "target-services/users/pg_config.h"
#include "target-services/users/pg_query.h"

namespace drumline::target {

class PgConnection {
 public:
  struct Events {
    std::function<void()> on_ready;
    // After every reply: there may be room for a query that waits.
    std::function<void()> on_room;
    std::function<void(const std::string& reason)> on_lost;
  };

  // `config` and `statements` must outlive it.
  PgConnection(boost::asio::io_context& loop, const PgConfig& config,
               absl::Span<const PgStatement> statements, Events events);
  ~PgConnection();
  PgConnection(const PgConnection&) = delete;
  PgConnection& operator=(const PgConnection&) = delete;

  // Only while idle.
  void Connect();

  bool ready() const { return stage_ == Stage::kReady; }
  // Queries sent and not answered.
  size_t in_flight() const { return in_flight_.size(); }

  // Only while ready.
  void Send(PgQuery query);

 private:
  enum class Stage : uint8_t { kIdle, kConnecting, kPreparing, kReady };
  using ErrorCode = boost::system::error_code;
  using Clock = std::chrono::steady_clock;

  struct Sent {
    PgQuery query;
    Clock::time_point deadline;
  };

  template <typename Step>
  void Later(Step step);
  void FollowSocket();
  void AwaitSocket(boost::asio::posix::stream_descriptor::wait_type direction,
                   void (PgConnection::*step)());
  void Poll();
  void Prepare();
  void Flush();
  void OnWritable();
  void OnReadable();
  // Takes all results that are there.
  void TakeResults();
  void KeepResult(PGresult* result);
  void OnPrepared();
  void Reply();
  void AwaitDeadline();
  void Lose(const std::string& reason);
  std::string LastError() const;

  boost::asio::io_context& loop_;
  const PgConfig& config_;
  const absl::Span<const PgStatement> statements_;
  const Events events_;
  Stage stage_ = Stage::kIdle;
  std::unique_ptr<PGconn, void (*)(PGconn*)> connection_;
  // libpq's socket; released, never closed here.
  boost::asio::posix::stream_descriptor socket_;
  boost::asio::steady_timer deadline_;
  bool awaits_deadline_ = false;
  bool writing_ = false;  // The socket takes no more for now.
  // The result of the query that is being answered, until its sync point comes.
  std::unique_ptr<PGresult, void (*)(PGresult*)> result_;
  std::deque<Sent> in_flight_;
  // Callbacks that are queued belong to the connection of one Connect.
  std::shared_ptr<const char> alive_;
};

}  // namespace drumline::target

#endif  // TARGET_SERVICES_USERS_PG_CONNECTION_H_
