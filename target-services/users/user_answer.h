// Users as JSON, from the rows of statements.h.
//
//   {"id":7,"email":"ada@example.org","name":"Ada","created_at":"2023-11-14T22:13:20.000042Z",
//    "updated_at":"2023-11-14T22:13:20.000042Z"}
//
// (on one line).
#ifndef TARGET_SERVICES_USERS_USER_ANSWER_H_
#define TARGET_SERVICES_USERS_USER_ANSWER_H_

#include <cstddef>
#include <string>

#include "target-services/users/pg_query.h"
#include "target-services/users/user_request.h"

namespace drumline::target {

// The user in that row.
std::string UserText(const PgRows& rows, size_t row);

// {"users":[…]}
std::string UsersText(const PgRows& rows);

// {"users":[…],"page":1,"limit":10}
std::string PageText(const PgRows& rows, const UserPage& page);

}  // namespace drumline::target

#endif  // TARGET_SERVICES_USERS_USER_ANSWER_H_
