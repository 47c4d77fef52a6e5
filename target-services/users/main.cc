// The users service: users in PostgreSQL.
#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <cstdlib>

#include "target-services/service/service_main.h"
#include "target-services/users/migrations.h"
#include "target-services/users/pg_config.h"
#include "target-services/users/users_service.h"

namespace drumline::target {
namespace {

struct UsersConfig {
  PgConfig database;
  // Over all event loops; each has its share, and at least one.
  size_t connections = 16;
};

absl::Status Prepare(UsersConfig& config, const ServerConfig& server) {
  const char* const variable = std::getenv("DATABASE_URL");
  if (config.database.url.empty() && variable != nullptr) config.database.url = variable;
  if (config.database.url.empty()) {
    return absl::InvalidArgumentError(
        "--database-url or the variable DATABASE_URL: expected where the database is, as in "
        "postgresql://user:password@localhost:5432/users");
  }
  const absl::Status url = CheckDatabaseUrl(config.database.url);
  if (!url.ok()) {
    return absl::InvalidArgumentError("--database-url or DATABASE_URL: " +
                                      std::string(url.message()));
  }
  config.database.connections = std::max<size_t>(config.connections / server.threads, 1);
  return Migrate(config.database.url, UsersMigrations());
}

}  // namespace
}  // namespace drumline::target

int main(int argc, char** argv) {
  drumline::target::UsersConfig config;
  drumline::target::Service service;
  service.name = "users";
  service.summary =
      "Keeps users in PostgreSQL: POST and GET /users, POST /users/batch,\n"
      "GET /users/count, GET /users/by-email/{email}, and GET, PUT, PATCH and\n"
      "DELETE /users/{id}. Also: GET /health, which asks the database, and\n"
      "GET /metrics. Tables are made, or brought up to date, at the start. Without its\n"
      "database it answers 503, and goes on once it is there again.";
  service.flags.AddText("database-url",
                        "where the database is, as libpq has it: "
                        "postgresql://user:password@host:port/database; by default DATABASE_URL "
                        "in the environment, which keeps a password out of the list of processes",
                        &config.database.url, /*secret=*/true);
  service.flags.AddCount("pool-size",
                         "connections to the database over all threads; each thread has its "
                         "share, and at least one",
                         {1, 1'000}, &config.connections);
  service.prepare = [&](drumline::target::ServerConfig& server) {
    return drumline::target::Prepare(config, server);
  };
  service.make_routes = [&](boost::asio::io_context& loop) {
    return drumline::target::MakeUsersRoutes(config.database, loop);
  };
  return drumline::target::ServiceMain(service, argc, argv);
}
