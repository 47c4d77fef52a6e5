#include "target-services/api/api_service.h"

#include <boost/asio/steady_timer.hpp>
#include <boost/system/error_code.hpp>
#include <deque>
#include <string>
#include <utility>
#include <vector>

#include "target-services/api/api_document.h"
#include "target-services/http_server/json_text.h"
#include "target-services/service/timestamp.h"

namespace drumline::target {
namespace {

namespace asio = boost::asio;
using TimePoint = WorkLimit::TimePoint;

constexpr const char* kOverloaded = "Server overloaded";

// One for each event loop.
class Api {
 public:
  Api(std::shared_ptr<ApiShared> shared, asio::io_context& loop)
      : shared_(std::move(shared)), work_timer_(loop), wait_timer_(loop) {}

  void Answer(ResponseWriter& writer) {
    WorkLimit& limit = shared_->limit;
    if (limit.Enter()) {
      if (shared_->config.work_time > std::chrono::nanoseconds(0)) return Begin(writer.Defer());
      writer.Respond(200, kJsonContentType, NextDocument());
      return GoOn(limit.Leave());
    }
    DeferredAnswer answer = writer.Defer();
    switch (limit.EnterOrWait(Now(), answer)) {
      case WorkLimit::Entry::kInWork:
        return GoOn(std::move(answer));
      case WorkLimit::Entry::kWaiting:
        return AwaitExpiry();
      case WorkLimit::Entry::kRefused:
        return answer.RespondError(503, kOverloaded);
    }
  }

  void AnswerHealth(ResponseWriter& writer) const {
    writer.Respond(200, kJsonContentType,
                   R"({"status":"healthy","active_connections":)" +
                       std::to_string(shared_->limit.in_work()) + "}");
  }

 private:
  struct Work {
    TimePoint end;
    DeferredAnswer answer;
  };

  static TimePoint Now() { return std::chrono::steady_clock::now(); }

  const std::string& NextDocument() {
    document_.clear();
    const uint64_t id = shared_->last_id.fetch_add(1, std::memory_order_relaxed) + 1;
    AppendApiDocument(id, MicrosSinceEpoch(), document_);
    return document_;
  }

  void Begin(DeferredAnswer answer) {
    in_work_.push_back({Now() + shared_->config.work_time, std::move(answer)});
    if (in_work_.size() == 1) AwaitWork();
  }

  // The work of whoever was handed a slot: waited for, or done at once.
  void GoOn(std::optional<DeferredAnswer> next) {
    while (next) {
      if (shared_->config.work_time > std::chrono::nanoseconds(0)) return Begin(std::move(*next));
      DeferredAnswer answer = *std::exchange(next, shared_->limit.Leave());
      answer.Respond(200, kJsonContentType, NextDocument());
    }
  }

  // All work takes equally long, so that the first in the queue ends first.
  void AwaitWork() {
    work_timer_.expires_at(in_work_.front().end);
    work_timer_.async_wait([this](const boost::system::error_code& error) {
      if (!error) OnWorkDone();
    });
  }

  void OnWorkDone() {
    const TimePoint now = Now();
    while (!in_work_.empty() && in_work_.front().end <= now) {
      DeferredAnswer answer = std::move(in_work_.front().answer);
      in_work_.pop_front();
      // Not through Begin, which would wait for the first in the queue a second time.
      if (std::optional<DeferredAnswer> next = shared_->limit.Leave()) {
        in_work_.push_back({now + shared_->config.work_time, std::move(*next)});
      }
      // Behind Leave: whoever has an answer finds its work counted no more.
      answer.Respond(200, kJsonContentType, NextDocument());
    }
    if (!in_work_.empty()) AwaitWork();
  }

  // Each loop that has had a request wait looks when the first in line gives up, whosever it is, as
  // long as anybody waits.
  void AwaitExpiry() {
    if (awaits_expiry_) return;
    const std::optional<TimePoint> deadline = shared_->limit.next_deadline();
    if (!deadline) return;
    awaits_expiry_ = true;
    wait_timer_.expires_at(*deadline);
    wait_timer_.async_wait([this](const boost::system::error_code& error) {
      if (!error) OnExpiry();
    });
  }

  void OnExpiry() {
    awaits_expiry_ = false;
    for (DeferredAnswer& late : shared_->limit.Expire(Now())) late.RespondError(503, kOverloaded);
    AwaitExpiry();
  }

  const std::shared_ptr<ApiShared> shared_;
  asio::steady_timer work_timer_;
  asio::steady_timer wait_timer_;
  std::deque<Work> in_work_;
  bool awaits_expiry_ = false;
  std::string document_;
};

}  // namespace

Routes MakeApiRoutes(std::shared_ptr<ApiShared> shared, asio::io_context& loop) {
  auto api = std::make_shared<Api>(std::move(shared), loop);
  Routes routes;
  routes.Add(Method::kGet, "/api",
             [api](const Request&, ResponseWriter& writer) { api->Answer(writer); });
  routes.Add(Method::kGet, "/health",
             [api](const Request&, ResponseWriter& writer) { api->AnswerHealth(writer); });
  return routes;
}

}  // namespace drumline::target
