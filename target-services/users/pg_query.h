// A query, and what comes of it.
#ifndef TARGET_SERVICES_USERS_PG_QUERY_H_
#define TARGET_SERVICES_USERS_PG_QUERY_H_

#include <postgresql/libpq-fe.h>

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"

namespace drumline::target {

// Prepared once on each connection, then called by its name.
struct PgStatement {
  const char* name;
  const char* sql;
};

// Rows of text.
class PgRows {
 public:
  explicit PgRows(PGresult* result) : result_(result, PQclear) {}

  size_t size() const { return static_cast<size_t>(PQntuples(result_.get())); }
  // Valid as long as the rows.
  std::string_view Text(size_t row, size_t column) const {
    const int r = static_cast<int>(row);
    const int c = static_cast<int>(column);
    return {PQgetvalue(result_.get(), r, c), static_cast<size_t>(PQgetlength(result_.get(), r, c))};
  }

 private:
  std::unique_ptr<PGresult, void (*)(PGresult*)> result_;
};

struct PgQuery {
  const PgStatement* statement = nullptr;
  // Text; nothing stands for NULL.
  std::vector<std::optional<std::string>> parameters;
  // Called once, on the loop. Errors: kUnavailable, the database is not there (or was lost before
  // it answered: then nobody knows whether the query was carried out); kResourceExhausted, too
  // many wait; kAlreadyExists, a unique key is taken; kInternal, anything else that the database
  // refuses.
  absl::AnyInvocable<void(absl::StatusOr<PgRows>)> on_reply;
};

}  // namespace drumline::target

#endif  // TARGET_SERVICES_USERS_PG_QUERY_H_
