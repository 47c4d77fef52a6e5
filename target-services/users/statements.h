// All that the users service asks of the database.
//
// Every statement that answers users has the columns id, email, name and the microseconds since the
// epoch at which the user was created and last changed; the next one its own count or flag.
#ifndef TARGET_SERVICES_USERS_STATEMENTS_H_
#define TARGET_SERVICES_USERS_STATEMENTS_H_

#include "absl/types/span.h"
#include "target-services/users/pg_query.h"

namespace drumline::target {

extern const PgStatement kInsertUser;      // email, name → the user
extern const PgStatement kInsertUsers;     // emails[], names[] → the users, in that order
extern const PgStatement kListUsers;       // limit, offset → users, newest first
extern const PgStatement kGetUser;         // id → the user, if there is one
extern const PgStatement kGetUserByEmail;  // email → the user, if there is one
extern const PgStatement kReplaceUser;     // id, email, name → the user, if there is one
extern const PgStatement kUpdateUser;      // id, email?, name? → the user, if there is one
extern const PgStatement kDeleteUser;      // id → the user as it was, if there was one
extern const PgStatement kCountUsers;      // → count
extern const PgStatement kCheckDatabase;   // → 1

absl::Span<const PgStatement> AllStatements();

// {"a","b"}: an array as PostgreSQL reads it.
std::string ArrayLiteral(const std::vector<std::string>& elements);

}  // namespace drumline::target

#endif  // TARGET_SERVICES_USERS_STATEMENTS_H_
