#include "target-services/users/statements.h"

#include <string>
#include <vector>

// The columns of a user; a macro, so that each statement is one literal.
#define USER_COLUMNS                                     \
  "id, email, name, "                                    \
  "(extract(epoch FROM created_at) * 1000000)::bigint, " \
  "(extract(epoch FROM updated_at) * 1000000)::bigint"

namespace drumline::target {

const PgStatement kInsertUser = {
    "insert_user", "INSERT INTO users (email, name) VALUES ($1, $2) RETURNING " USER_COLUMNS};

const PgStatement kInsertUsers = {
    "insert_users",
    "INSERT INTO users (email, name) "
    "SELECT new.email, new.name "
    "FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS new (email, name, place) "
    "ORDER BY new.place RETURNING " USER_COLUMNS};

const PgStatement kListUsers = {
    "list_users", "SELECT " USER_COLUMNS " FROM users ORDER BY id DESC LIMIT $1 OFFSET $2"};

const PgStatement kGetUser = {"get_user", "SELECT " USER_COLUMNS " FROM users WHERE id = $1"};

const PgStatement kGetUserByEmail = {"get_user_by_email",
                                     "SELECT " USER_COLUMNS " FROM users WHERE email = $1"};

const PgStatement kReplaceUser = {
    "replace_user",
    "UPDATE users SET email = $2, name = $3, updated_at = now() WHERE id = $1 "
    "RETURNING " USER_COLUMNS};

const PgStatement kUpdateUser = {
    "update_user",
    "UPDATE users SET email = coalesce($2, email), name = coalesce($3, name), updated_at = now() "
    "WHERE id = $1 RETURNING " USER_COLUMNS};

const PgStatement kDeleteUser = {"delete_user",
                                 "DELETE FROM users WHERE id = $1 RETURNING " USER_COLUMNS};

const PgStatement kCountUsers = {"count_users", "SELECT count(*) FROM users"};

const PgStatement kCheckDatabase = {"check_database", "SELECT 1"};

absl::Span<const PgStatement> AllStatements() {
  static const std::vector<PgStatement> all = {
      kInsertUser,  kInsertUsers, kListUsers,  kGetUser,    kGetUserByEmail,
      kReplaceUser, kUpdateUser,  kDeleteUser, kCountUsers, kCheckDatabase};
  return all;
}

std::string ArrayLiteral(const std::vector<std::string>& elements) {
  std::string literal = "{";
  for (const std::string& element : elements) {
    if (literal.size() > 1) literal += ',';
    literal += '"';
    for (char c : element) {
      if (c == '"' || c == '\\') literal += '\\';
      literal += c;
    }
    literal += '"';
  }
  return literal += '}';
}

}  // namespace drumline::target
