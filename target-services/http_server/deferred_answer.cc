#include "target-services/http_server/deferred_answer.h"

#include "target-services/http_server/json_text.h"

namespace drumline::target {

DeferredAnswer& DeferredAnswer::operator=(DeferredAnswer&& other) noexcept {
  if (this != &other) {
    Drop();
    deliver_ = std::exchange(other.deliver_, nullptr);
  }
  return *this;
}

void DeferredAnswer::Respond(int status, std::string_view content_type, std::string body) {
  if (const Deliver deliver = std::exchange(deliver_, nullptr)) {
    deliver({status, std::string(content_type), std::move(body)});
  }
}

void DeferredAnswer::RespondError(int status, std::string_view message) {
  Respond(status, kJsonContentType, ErrorText(message));
}

void DeferredAnswer::Drop() {
  if (deliver_) RespondError(500, kGaveNoAnswer);
}

}  // namespace drumline::target
