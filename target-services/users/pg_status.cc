#include "target-services/users/pg_status.h"

#include <algorithm>
#include <string>

#include "target-services/service/log_line.h"

namespace drumline::target {

bool IsSuccess(const PGresult* result) {
  const ExecStatusType status = PQresultStatus(result);
  return status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK || status == PGRES_EMPTY_QUERY;
}

absl::StatusCode CodeOfSqlState(std::string_view state) {
  // Classes: 08 connection, 25 transaction state (a standby is read-only), 40 rollback (deadlock,
  // serialization), 53 resources, 57 operator intervention, 58 system error.
  constexpr std::string_view kLaterClasses[] = {"08", "25", "40", "53", "57", "58"};
  if (state == "23505") return absl::StatusCode::kAlreadyExists;
  const bool later = state.empty() || std::find(std::begin(kLaterClasses), std::end(kLaterClasses),
                                                state.substr(0, 2)) != std::end(kLaterClasses);
  return later ? absl::StatusCode::kUnavailable : absl::StatusCode::kInternal;
}

absl::Status StatusOf(const PGresult* result) {
  const char* state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
  return absl::Status(CodeOfSqlState(state == nullptr ? "" : state),
                      OneLine(PQresultErrorMessage(result)));
}

}  // namespace drumline::target
