// The database's shape, in numbered steps that are each made once.
//
//   absl::Status status = Migrate(url, UsersMigrations());
//
// The table schema_migrations (version, applied_at) says which steps were made. Each step is a
// transaction of its own, together with the row that says so; a lock in the database makes services
// that start at the same time take turns. A step is never changed once it was released: a new one
// is added behind it.
//
// Blocks until done; for the start of a service. Threads: any.
// Errors: kInvalidArgument, the URL is none; kUnavailable, the database cannot be reached or breaks
// off; kFailedPrecondition, it has a step that is not known here (a newer program made it), or
// refuses one of ours.
#ifndef TARGET_SERVICES_USERS_MIGRATIONS_H_
#define TARGET_SERVICES_USERS_MIGRATIONS_H_

#include <string>

#include "absl/status/status.h"
#include "absl/types/span.h"

namespace drumline::target {

// The step's number is its place, from 1 on. Several statements may stand in one.
using Migration = const char*;

absl::Span<const Migration> UsersMigrations();

absl::Status Migrate(const std::string& url, absl::Span<const Migration> migrations);

// kInvalidArgument with what libpq finds wrong with it.
absl::Status CheckDatabaseUrl(const std::string& url);

}  // namespace drumline::target

#endif  // TARGET_SERVICES_USERS_MIGRATIONS_H_
