// Through which a service answers a request.
//
//   writer.Respond(200, kJsonContentType, body);
//   writer.RespondError(400, "id: required");
//   DeferredAnswer answer = writer.Defer();   // To be answered later, from any thread.
//
// A service answers or defers exactly once before its callback returns; the server answers 500 for
// one that did neither.
//
// Ownership: writes to the buffer it was given. Threads: the event loop's own.
#ifndef TARGET_SERVICES_HTTP_SERVER_RESPONSE_WRITER_H_
#define TARGET_SERVICES_HTTP_SERVER_RESPONSE_WRITER_H_

#include <functional>
#include <string>
#include <string_view>
#include <utility>

#include "target-services/http_server/deferred_answer.h"

namespace drumline::target {

// What the connection decides about an answer, whatever the service says.
struct ResponseTerms {
  std::string_view date;         // The value of the Date field.
  bool head_only = false;        // The request was a HEAD.
  bool close = false;            // This answer is the connection's last.
  bool name_keep_alive = false;  // HTTP/1.0 clients need to be told.
};

class ResponseWriter {
 public:
  // Makes the connection's promise to deliver an answer later.
  using Promise = std::function<DeferredAnswer::Deliver()>;

  // Without `promise` a deferred answer goes nowhere.
  ResponseWriter(const ResponseTerms& terms, std::string& output, Promise promise = nullptr)
      : terms_(terms), output_(output), promise_(std::move(promise)) {}

  // `allow`, where not empty, is the value of the Allow field of a 405.
  void Respond(int status, std::string_view content_type, std::string_view body,
               std::string_view allow = {});
  // Answers {"error": message}.
  void RespondError(int status, std::string_view message, std::string_view allow = {});

  // The request's views end with the callback: copy what the answer will need.
  DeferredAnswer Defer();

  // The status answered with; 0 before.
  int status() const { return status_; }
  bool deferred() const { return deferred_; }

 private:
  const ResponseTerms terms_;
  std::string& output_;
  Promise promise_;
  int status_ = 0;
  bool deferred_ = false;
};

// "OK" for 200; "Status" for a code that has no phrase here.
std::string_view ReasonPhrase(int status);

}  // namespace drumline::target

#endif  // TARGET_SERVICES_HTTP_SERVER_RESPONSE_WRITER_H_
