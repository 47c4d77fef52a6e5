// The users service: users in PostgreSQL.
//
//   POST   /users                    {"email", "name"} → 201 and the user; 400, 409
//   GET    /users?page=1&limit=10    200 {"users": […], "page", "limit"}, newest (highest id) first
//   POST   /users/batch              [{"email", "name"}, …], at most 100 → 201 {"users": […]}: all
//                                    of them or, on 409 and 400, none
//   GET    /users/count              200 {"count": n}
//   GET    /users/by-email/{email}   200 and the user; 400, 404
//   GET    /users/{id}               200 and the user; 400, 404
//   PUT    /users/{id}               {"email", "name"} → 200 and the user; 400, 404, 409
//   PATCH  /users/{id}               one or both of them → 200 and the user; 400, 404, 409
//   DELETE /users/{id}               204; 400, 404
//   GET    /health                   200 {"status":"healthy"}; 503 {"status":"unhealthy"} if the
//                                    database does not answer
//
// All but 204 answer JSON, errors as {"error": what is wrong and what was expected}. Any of them is
// answered 503 while the database is not there (PgPool's limits say how long it waits before that)
// and 500 if the database refuses what it should not.
//
// Threads: the loop's own; each has a pool of connections of its own.
#ifndef TARGET_SERVICES_USERS_USERS_SERVICE_H_
#define TARGET_SERVICES_USERS_USERS_SERVICE_H_

#include <boost/asio/io_context.hpp>

#include "target-services/http_server/routes.h"
#include "target-services/users/pg_config.h"

namespace drumline::target {

// Begins to connect at once. `config` must outlive the routes.
Routes MakeUsersRoutes(const PgConfig& config, boost::asio::io_context& loop);

}  // namespace drumline::target

#endif  // TARGET_SERVICES_USERS_USERS_SERVICE_H_
