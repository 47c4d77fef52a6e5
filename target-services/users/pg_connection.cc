#include "target-services/users/pg_connection.h"

#include <boost/asio/post.hpp>
#include <utility>
#include <vector>

#include "target-services/users/pg_status.h"

namespace drumline::target {
namespace {

namespace asio = boost::asio;

void IgnoreNotice(void*, const char*) {}

}  // namespace

PgConnection::PgConnection(asio::io_context& loop, const PgConfig& config,
                           absl::Span<const PgStatement> statements, Events events)
    : loop_(loop),
      config_(config),
      statements_(statements),
      events_(std::move(events)),
      connection_(nullptr, PQfinish),
      socket_(loop),
      deadline_(loop),
      result_(nullptr, PQclear) {}

PgConnection::~PgConnection() {
  if (socket_.is_open()) socket_.release();
}

std::string PgConnection::LastError() const { return PQerrorMessage(connection_.get()); }

// Runs `step` on the loop, if this connection is still there by then.
template <typename Step>
void PgConnection::Later(Step step) {
  asio::post(loop_, [alive = std::weak_ptr(alive_), step = std::move(step)] {
    if (!alive.expired()) step();
  });
}

void PgConnection::Connect() {
  alive_ = std::make_shared<const char>();
  stage_ = Stage::kConnecting;
  const auto limit = std::chrono::ceil<std::chrono::milliseconds>(config_.statement_timeout);
  const std::string options = "-c statement_timeout=" + std::to_string(limit.count());
  // The last one wins: what the URL says goes before this.
  const char* const keywords[] = {"options", "fallback_application_name", "dbname", nullptr};
  const char* const values[] = {options.c_str(), "drumline-users", config_.url.c_str(), nullptr};
  connection_.reset(PQconnectStartParams(keywords, values, /*expand_dbname=*/1));
  if (!connection_ || PQstatus(connection_.get()) == CONNECTION_BAD) {
    return Later([this] { Lose(connection_ ? LastError() : "out of memory"); });
  }
  PQsetNoticeProcessor(connection_.get(), IgnoreNotice, nullptr);
  deadline_.expires_after(config_.connect_timeout);
  AwaitDeadline();
  // libpq asks to begin as if it had said that it wants to write.
  FollowSocket();
  AwaitSocket(asio::posix::stream_descriptor::wait_write, &PgConnection::Poll);
}

// libpq may go on to another address, and so to another socket, at any step.
void PgConnection::FollowSocket() {
  if (socket_.is_open()) socket_.release();
  ErrorCode error;
  socket_.assign(PQsocket(connection_.get()), error);
  if (error) Later([this, error] { Lose(error.message()); });
}

void PgConnection::AwaitSocket(asio::posix::stream_descriptor::wait_type direction,
                               void (PgConnection::*step)()) {
  socket_.async_wait(direction,
                     [this, step, alive = std::weak_ptr(alive_)](const ErrorCode& error) {
                       if (alive.expired() || error == asio::error::operation_aborted) return;
                       if (error) return Lose(error.message());
                       (this->*step)();
                     });
}

void PgConnection::Poll() {
  const PostgresPollingStatusType state = PQconnectPoll(connection_.get());
  if (state == PGRES_POLLING_FAILED) return Lose(LastError());
  FollowSocket();
  if (state == PGRES_POLLING_OK) return Prepare();
  AwaitSocket(state == PGRES_POLLING_READING ? asio::posix::stream_descriptor::wait_read
                                             : asio::posix::stream_descriptor::wait_write,
              &PgConnection::Poll);
}

void PgConnection::Prepare() {
  stage_ = Stage::kPreparing;
  PGconn* connection = connection_.get();
  bool sent = PQsetnonblocking(connection, 1) == 0 && PQenterPipelineMode(connection) == 1;
  for (const PgStatement& statement : statements_) {
    sent = sent && PQsendPrepare(connection, statement.name, statement.sql, 0, nullptr) == 1;
  }
  if (!sent || PQpipelineSync(connection) != 1) return Lose(LastError());
  AwaitSocket(asio::posix::stream_descriptor::wait_read, &PgConnection::OnReadable);
  Flush();
}

void PgConnection::Send(PgQuery query) {
  std::vector<const char*> values;
  for (const std::optional<std::string>& value : query.parameters) {
    values.push_back(value ? value->c_str() : nullptr);
  }
  const int count = static_cast<int>(values.size());
  const bool sent = PQsendQueryPrepared(connection_.get(), query.statement->name, count,
                                        values.data(), nullptr, nullptr, /*resultFormat=*/0) == 1 &&
                    PQpipelineSync(connection_.get()) == 1;
  in_flight_.push_back({std::move(query), Clock::now() + config_.query_timeout});
  if (!sent) return Later([this] { Lose(LastError()); });
  if (in_flight_.size() == 1 && !awaits_deadline_) {
    deadline_.expires_at(in_flight_.front().deadline);
    AwaitDeadline();
  }
  Flush();
}

void PgConnection::Flush() {
  if (writing_) return;
  const int left = PQflush(connection_.get());
  if (left < 0) return Later([this] { Lose(LastError()); });
  if (left == 0) return;
  writing_ = true;
  AwaitSocket(asio::posix::stream_descriptor::wait_write, &PgConnection::OnWritable);
}

void PgConnection::OnWritable() {
  writing_ = false;
  Flush();
}

void PgConnection::OnReadable() {
  if (PQconsumeInput(connection_.get()) != 1) return Lose(LastError());
  const std::weak_ptr<const char> alive = alive_;
  TakeResults();
  if (alive.expired()) return;
  AwaitSocket(asio::posix::stream_descriptor::wait_read, &PgConnection::OnReadable);
}

void PgConnection::TakeResults() {
  const std::weak_ptr<const char> alive = alive_;
  while (!PQisBusy(connection_.get())) {
    PGresult* result = PQgetResult(connection_.get());
    if (result == nullptr) {  // One query's results are complete, or there is nothing to wait for.
      if (PQstatus(connection_.get()) == CONNECTION_BAD) return Lose(LastError());
      if (stage_ == Stage::kReady && in_flight_.empty()) return;
      continue;
    }
    if (PQresultStatus(result) != PGRES_PIPELINE_SYNC) {
      KeepResult(result);
      continue;
    }
    PQclear(result);
    if (stage_ == Stage::kPreparing) {
      OnPrepared();
    } else {
      Reply();
    }
    if (alive.expired()) return;
  }
}

// An error counts more than what came before it: the transaction ends with the sync point.
void PgConnection::KeepResult(PGresult* result) {
  if (!result_ || (IsSuccess(result_.get()) && !IsSuccess(result))) {
    result_.reset(result);
  } else {
    PQclear(result);
  }
}

void PgConnection::OnPrepared() {
  const auto result = std::exchange(result_, {nullptr, PQclear});
  if (result && !IsSuccess(result.get())) return Lose(PQresultErrorMessage(result.get()));
  stage_ = Stage::kReady;
  deadline_.cancel();
  awaits_deadline_ = false;
  events_.on_ready();
}

void PgConnection::Reply() {
  PgQuery query = std::move(in_flight_.front().query);
  in_flight_.pop_front();
  PGresult* result = result_.release();
  if (result == nullptr) {
    query.on_reply(absl::InternalError("no result"));
  } else if (IsSuccess(result)) {
    query.on_reply(PgRows(result));
  } else {
    query.on_reply(StatusOf(result));
    PQclear(result);
  }
  events_.on_room();
}

// One wait serves all queries: it is moved on when it ends, not with each query.
void PgConnection::AwaitDeadline() {
  awaits_deadline_ = true;
  deadline_.async_wait([this, alive = std::weak_ptr(alive_)](const ErrorCode& error) {
    if (error || alive.expired()) return;
    awaits_deadline_ = false;
    if (stage_ != Stage::kReady) return Lose("no connection within the time for it");
    if (in_flight_.empty()) return;
    if (in_flight_.front().deadline <= Clock::now())
      return Lose("no answer within the time for it");
    deadline_.expires_at(in_flight_.front().deadline);
    AwaitDeadline();
  });
}

void PgConnection::Lose(const std::string& reason) {
  alive_.reset();
  stage_ = Stage::kIdle;
  writing_ = false;
  awaits_deadline_ = false;
  deadline_.cancel();
  if (socket_.is_open()) socket_.release();
  connection_.reset();
  result_.reset();
  for (Sent& sent : std::exchange(in_flight_, {})) {
    sent.query.on_reply(absl::UnavailableError(reason));
  }
  events_.on_lost(reason);
}

}  // namespace drumline::target
