// All knobs of the way to the database: each one here once, with its default and its unit.
#ifndef TARGET_SERVICES_USERS_PG_CONFIG_H_
#define TARGET_SERVICES_USERS_PG_CONFIG_H_

#include <chrono>
#include <cstddef>
#include <string>

namespace drumline::target {

struct PgConfig {
  // A connection string of libpq: postgresql://USER:PASSWORD@HOST:PORT/DATABASE, or key=value ….
  std::string url;
  // Connections of one pool; each event loop has a pool.
  size_t connections = 1;
  // Queries on their way on one connection (in pipeline mode); more wait in the pool.
  size_t max_in_flight = 64;
  // Queries that wait in one pool, for a connection that is free or there again. One more is
  // refused.
  size_t max_waiting = 1'024;
  // How long a query waits before it is refused.
  std::chrono::nanoseconds max_wait = std::chrono::seconds(1);
  // The database gives up a statement that takes longer.
  std::chrono::nanoseconds statement_timeout = std::chrono::seconds(4);
  // A connection that has not answered for so long is given up, with all queries on it.
  std::chrono::nanoseconds query_timeout = std::chrono::seconds(5);
  std::chrono::nanoseconds connect_timeout = std::chrono::seconds(5);
  // Between two attempts to connect: doubled each time, from the first to the last. Less than
  // max_wait, so that whoever begins to wait when the database is back is still answered.
  std::chrono::nanoseconds first_backoff = std::chrono::milliseconds(50);
  std::chrono::nanoseconds last_backoff = std::chrono::milliseconds(500);
};

}  // namespace drumline::target

#endif  // TARGET_SERVICES_USERS_PG_CONFIG_H_
