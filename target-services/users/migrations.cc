#include "target-services/users/migrations.h"

#include <postgresql/libpq-fe.h>

#include <cstdlib>
#include <memory>
#include <utility>

#include "absl/status/statusor.h"
#include "target-services/service/log_line.h"
#include "target-services/users/pg_status.h"

namespace drumline::target {
namespace {

using Connection = std::unique_ptr<PGconn, void (*)(PGconn*)>;
using Result = std::unique_ptr<PGresult, void (*)(PGresult*)>;

constexpr const char* kConnectTimeoutSeconds = "5";

// Of all programs that use this database, only ours takes this lock.
constexpr const char* kLock = "SELECT pg_advisory_lock(hashtext('drumline schema_migrations'))";

constexpr const char* kCreateVersions =
    "CREATE TABLE IF NOT EXISTS schema_migrations ("
    "  version integer PRIMARY KEY,"
    "  applied_at timestamptz NOT NULL DEFAULT now())";

constexpr const char* kLastVersion = "SELECT coalesce(max(version), 0) FROM schema_migrations";

constexpr Migration kUsersMigrations[] = {
    // Emails are kept in lower case, so that they are unique whatever their case.
    "CREATE TABLE users ("
    "  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,"
    "  email text NOT NULL UNIQUE CHECK (email = lower(email)),"
    "  name text NOT NULL,"
    "  created_at timestamptz NOT NULL DEFAULT now(),"
    "  updated_at timestamptz NOT NULL DEFAULT now())",
};

void IgnoreNotice(void*, const char*) {}

absl::StatusOr<Connection> Connect(const std::string& url) {
  const char* const keywords[] = {"connect_timeout", "fallback_application_name", "dbname",
                                  nullptr};
  const char* const values[] = {kConnectTimeoutSeconds, "drumline-users", url.c_str(), nullptr};
  Connection connection(PQconnectdbParams(keywords, values, /*expand_dbname=*/1), PQfinish);
  if (PQstatus(connection.get()) == CONNECTION_OK) {
    PQsetNoticeProcessor(connection.get(), IgnoreNotice, nullptr);
    return connection;
  }
  return absl::UnavailableError("database: " + OneLine(PQerrorMessage(connection.get())));
}

absl::StatusOr<Result> Execute(PGconn* connection, const std::string& sql) {
  Result result(PQexec(connection, sql.c_str()), PQclear);
  if (IsSuccess(result.get())) return result;
  const std::string message = "database: " + OneLine(PQerrorMessage(connection));
  if (PQstatus(connection) != CONNECTION_OK) return absl::UnavailableError(message);
  return absl::FailedPreconditionError(message);
}

absl::Status Apply(PGconn* connection, int version, Migration migration) {
  const std::string note =
      "INSERT INTO schema_migrations (version) VALUES (" + std::to_string(version) + ")";
  for (const std::string& sql :
       {std::string("BEGIN"), std::string(migration), note, std::string("COMMIT")}) {
    const absl::StatusOr<Result> result = Execute(connection, sql);
    if (result.ok()) continue;
    return absl::Status(result.status().code(), "migration " + std::to_string(version) + ": " +
                                                    std::string(result.status().message()));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Span<const Migration> UsersMigrations() { return kUsersMigrations; }

absl::Status CheckDatabaseUrl(const std::string& url) {
  char* message = nullptr;
  PQconninfoOption* options = PQconninfoParse(url.c_str(), &message);
  if (options != nullptr) {
    PQconninfoFree(options);
    return absl::OkStatus();
  }
  const absl::Status status =
      absl::InvalidArgumentError(OneLine(message == nullptr ? "out of memory" : message));
  PQfreemem(message);
  return status;
}

absl::Status Migrate(const std::string& url, absl::Span<const Migration> migrations) {
  absl::StatusOr<Connection> connection = Connect(url);
  if (!connection.ok()) return connection.status();
  PGconn* const database = connection->get();
  // The lock ends with the connection.
  for (const char* sql : {kLock, kCreateVersions}) {
    const absl::StatusOr<Result> result = Execute(database, sql);
    if (!result.ok()) return result.status();
  }
  const absl::StatusOr<Result> last = Execute(database, kLastVersion);
  if (!last.ok()) return last.status();
  const int made = std::atoi(PQgetvalue(last->get(), 0, 0));
  const int known = static_cast<int>(migrations.size());
  if (made > known) {
    return absl::FailedPreconditionError("database: it has migration " + std::to_string(made) +
                                         ", but this program knows " + std::to_string(known) +
                                         ": use the program that made it, or a newer one");
  }
  for (int version = made + 1; version <= known; ++version) {
    absl::Status status = Apply(database, version, migrations[static_cast<size_t>(version - 1)]);
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

}  // namespace drumline::target
