#include "target-services/echo_dom/echo_dom_service.h"

#include <boost/asio/post.hpp>
#include <chrono>
#include <utility>

#include "target-services/echo/echo_answer.h"
#include "target-services/echo_dom/dom_request.h"
#include "target-services/http_server/json_text.h"
#include "target-services/service/timestamp.h"

namespace drumline::target {
namespace {

void AnswerFrom(const std::string& body, DeferredAnswer& answer) {
  const absl::StatusOr<DomRequest> request = DomRequest::Read(body);
  if (!request.ok()) return answer.RespondError(400, std::string(request.status().message()));
  std::string text;
  AppendEchoAnswer(request->fields(), MicrosSinceEpoch(), text, kDomProcessor);
  answer.Respond(200, kJsonContentType, std::move(text));
}

}  // namespace

// What still waits is dropped: its connections are gone by now.
EchoPool::~EchoPool() {
  threads_.stop();
  threads_.join();
}

void EchoPool::Answer(std::string body, DeferredAnswer answer) {
  const size_t size = body.size();
  if (queued_bytes_.fetch_add(size) + size > kMaxQueuedBodyBytes) {
    queued_bytes_.fetch_sub(size);
    return answer.RespondError(503, "service: too many requests wait for a thread");
  }
  boost::asio::post(threads_,
                    [this, size, body = std::move(body), answer = std::move(answer)]() mutable {
                      AnswerFrom(body, answer);
                      queued_bytes_.fetch_sub(size);
                    });
}

Routes MakeEchoDomRoutes(const std::shared_ptr<EchoPool>& pool) {
  Routes routes;
  routes.Add(Method::kPost, "/echo", [pool](const Request& request, ResponseWriter& writer) {
    pool->Answer(std::string(request.body()), writer.Defer());
  });
  return routes;
}

}  // namespace drumline::target
