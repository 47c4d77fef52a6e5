// What a result of the database means.
#ifndef TARGET_SERVICES_USERS_PG_STATUS_H_
#define TARGET_SERVICES_USERS_PG_STATUS_H_

#include <postgresql/libpq-fe.h>

#include <string_view>

#include "absl/status/status.h"

namespace drumline::target {

bool IsSuccess(const PGresult* result);

// Of a result that is no success; the message is the database's own, on one line. By SQLSTATE:
// kAlreadyExists for a unique key, kUnavailable where the same query may succeed later (the
// database is starting or ending, is read-only after a failover, gave up a lock or ran out of
// something), kInternal for the rest.
absl::Status StatusOf(const PGresult* result);

// kAlreadyExists, kUnavailable or kInternal. `state` may be empty: the connection was lost.
absl::StatusCode CodeOfSqlState(std::string_view state);

}  // namespace drumline::target

#endif  // TARGET_SERVICES_USERS_PG_STATUS_H_
