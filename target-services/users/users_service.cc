#include "target-services/users/users_service.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "target-services/http_server/json_text.h"
#include "target-services/service/log_line.h"
#include "target-services/service/query_text.h"
#include "target-services/users/pg_pool.h"
#include "target-services/users/statements.h"
#include "target-services/users/user_answer.h"
#include "target-services/users/user_request.h"

namespace drumline::target {
namespace {

using Parameters = std::vector<std::optional<std::string>>;

constexpr const char* kUnhealthy = R"({"status":"unhealthy","database":"not available"})";

void Log(const std::string& line) { LogLine("users", line); }

void RespondFailure(const absl::Status& status, DeferredAnswer& answer) {
  switch (status.code()) {
    case absl::StatusCode::kAlreadyExists:
      return answer.RespondError(409, "email: already taken");
    case absl::StatusCode::kUnavailable:
      return answer.RespondError(503, "database: not available, try again later");
    case absl::StatusCode::kResourceExhausted:
      return answer.RespondError(503, "database: too many requests wait, try again later");
    default:
      Log("database: " + std::string(status.message()));
      return answer.RespondError(500, "database: refused the request");
  }
}

// One for each event loop.
class Users {
 public:
  Users(const PgConfig& config, boost::asio::io_context& loop)
      : pool_(loop, config, AllStatements(), Log) {
    pool_.Start();
  }

  void Create(const Request& request, ResponseWriter& writer) {
    absl::StatusOr<UserFields> user = reader_.Read(request.body());
    if (!user.ok()) return Refuse(user.status(), writer);
    AnswerUser(201, kInsertUser, {std::move(user->email), std::move(user->name)}, writer);
  }

  void CreateBatch(const Request& request, ResponseWriter& writer) {
    const absl::StatusOr<std::vector<UserFields>> users = reader_.ReadBatch(request.body());
    if (!users.ok()) return Refuse(users.status(), writer);
    std::vector<std::string> emails;
    std::vector<std::string> names;
    for (const UserFields& user : *users) {
      emails.push_back(*user.email);
      names.push_back(*user.name);
    }
    Ask(kInsertUsers, {ArrayLiteral(emails), ArrayLiteral(names)}, writer,
        [](const PgRows& rows, DeferredAnswer& answer) {
          answer.Respond(201, kJsonContentType, UsersText(rows));
        });
  }

  void List(const Request& request, ResponseWriter& writer) {
    const absl::StatusOr<UserPage> page = ReadPage(request.query());
    if (!page.ok()) return Refuse(page.status(), writer);
    const uint64_t offset = (page->page - 1) * page->limit;
    Ask(kListUsers, {std::to_string(page->limit), std::to_string(offset)}, writer,
        [page = *page](const PgRows& rows, DeferredAnswer& answer) {
          answer.Respond(200, kJsonContentType, PageText(rows, page));
        });
  }

  void Count(ResponseWriter& writer) {
    Ask(kCountUsers, {}, writer, [](const PgRows& rows, DeferredAnswer& answer) {
      answer.Respond(200, kJsonContentType, R"({"count":)" + std::string(rows.Text(0, 0)) + "}");
    });
  }

  void Get(const Request& request, ResponseWriter& writer) {
    const absl::StatusOr<std::string> id = ReadUserId(request.path_parameter());
    if (!id.ok()) return Refuse(id.status(), writer);
    AnswerUser(200, kGetUser, {*id}, writer);
  }

  void GetByEmail(const Request& request, ResponseWriter& writer) {
    const absl::StatusOr<std::string> text = PercentDecode(request.path_parameter());
    const absl::StatusOr<std::string> email = text.ok() ? ReadEmail(*text) : text.status();
    if (!email.ok()) return Refuse(email.status(), writer);
    AnswerUser(200, kGetUserByEmail, {*email}, writer);
  }

  void Replace(const Request& request, ResponseWriter& writer) {
    const absl::StatusOr<std::string> id = ReadUserId(request.path_parameter());
    if (!id.ok()) return Refuse(id.status(), writer);
    absl::StatusOr<UserFields> user = reader_.Read(request.body());
    if (!user.ok()) return Refuse(user.status(), writer);
    AnswerUser(200, kReplaceUser, {*id, std::move(user->email), std::move(user->name)}, writer);
  }

  void Update(const Request& request, ResponseWriter& writer) {
    const absl::StatusOr<std::string> id = ReadUserId(request.path_parameter());
    if (!id.ok()) return Refuse(id.status(), writer);
    absl::StatusOr<UserFields> change = reader_.ReadChange(request.body());
    if (!change.ok()) return Refuse(change.status(), writer);
    AnswerUser(200, kUpdateUser, {*id, std::move(change->email), std::move(change->name)}, writer);
  }

  void Delete(const Request& request, ResponseWriter& writer) {
    const absl::StatusOr<std::string> id = ReadUserId(request.path_parameter());
    if (!id.ok()) return Refuse(id.status(), writer);
    Ask(kDeleteUser, {*id}, writer, [](const PgRows& rows, DeferredAnswer& answer) {
      if (rows.size() == 0) return answer.RespondError(404, kNoSuchUser);
      answer.Respond(204, kJsonContentType, "");
    });
  }

  // Does not wait for a lost connection: that there is none is what it is asked for.
  void Health(ResponseWriter& writer) {
    if (pool_.lost()) return writer.Respond(503, kJsonContentType, kUnhealthy);
    pool_.Ask({&kCheckDatabase, {}, [answer = writer.Defer()](absl::StatusOr<PgRows> rows) mutable {
                 if (!rows.ok()) return answer.Respond(503, kJsonContentType, kUnhealthy);
                 answer.Respond(200, kJsonContentType,
                                R"({"status":"healthy","database":"connected"})");
               }});
  }

 private:
  static constexpr const char* kNoSuchUser = "user: there is none such";

  static void Refuse(const absl::Status& status, ResponseWriter& writer) {
    writer.RespondError(400, std::string(status.message()));
  }

  template <typename OnRows>
  void Ask(const PgStatement& statement, Parameters parameters, ResponseWriter& writer,
           OnRows on_rows) {
    pool_.Ask({&statement, std::move(parameters),
               [answer = writer.Defer(), on_rows](absl::StatusOr<PgRows> rows) mutable {
                 if (!rows.ok()) return RespondFailure(rows.status(), answer);
                 on_rows(*rows, answer);
               }});
  }

  // Answers the one user that the statement gives, or 404.
  void AnswerUser(int status, const PgStatement& statement, Parameters parameters,
                  ResponseWriter& writer) {
    Ask(statement, std::move(parameters), writer,
        [status](const PgRows& rows, DeferredAnswer& answer) {
          if (rows.size() == 0) return answer.RespondError(404, kNoSuchUser);
          answer.Respond(status, kJsonContentType, UserText(rows, 0));
        });
  }

  UserReader reader_;
  PgPool pool_;
};

}  // namespace

Routes MakeUsersRoutes(const PgConfig& config, boost::asio::io_context& loop) {
  auto users = std::make_shared<Users>(config, loop);
  Routes routes;
  const auto add = [&](Method method, std::string_view path,
                       void (Users::*answer)(const Request&, ResponseWriter&)) {
    routes.Add(method, path, [users, answer](const Request& request, ResponseWriter& writer) {
      (users.get()->*answer)(request, writer);
    });
  };
  add(Method::kPost, "/users", &Users::Create);
  add(Method::kGet, "/users", &Users::List);
  add(Method::kPost, "/users/batch", &Users::CreateBatch);
  add(Method::kGet, "/users/{id}", &Users::Get);
  add(Method::kPut, "/users/{id}", &Users::Replace);
  add(Method::kPatch, "/users/{id}", &Users::Update);
  add(Method::kDelete, "/users/{id}", &Users::Delete);
  add(Method::kGet, "/users/by-email/{email}", &Users::GetByEmail);
  routes.Add(Method::kGet, "/users/count",
             [users](const Request&, ResponseWriter& writer) { users->Count(writer); });
  routes.Add(Method::kGet, "/health",
             [users](const Request&, ResponseWriter& writer) { users->Health(writer); });
  return routes;
}

}  // namespace drumline::target
