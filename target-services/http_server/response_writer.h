// Through which a service answers a request.
//
//   writer.Respond(200, kJsonContentType, body);
//   writer.RespondError(400, "id: required");
//
// A service answers exactly once, before its callback returns; the server answers 500 for one that
// did not. Answers that come later are not built yet. The place for them: a method here that gives
// out a token naming the connection, and sets a mark at which the connection stops taking requests
// from its buffer, as it already does while a slow client has not read its answers; the token's
// answer, posted to the event loop, resumes it. The order of pipelined answers then holds by
// itself.
//
// Ownership: writes to the buffer it was given. Threads: the event loop's own.
#ifndef TARGET_SERVICES_HTTP_SERVER_RESPONSE_WRITER_H_
#define TARGET_SERVICES_HTTP_SERVER_RESPONSE_WRITER_H_

#include <string>
#include <string_view>

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
  ResponseWriter(const ResponseTerms& terms, std::string& output)
      : terms_(terms), output_(output) {}

  // `allow`, where not empty, is the value of the Allow field of a 405.
  void Respond(int status, std::string_view content_type, std::string_view body,
               std::string_view allow = {});
  // Answers {"error": message}.
  void RespondError(int status, std::string_view message, std::string_view allow = {});

  // The status answered with; 0 before.
  int status() const { return status_; }

 private:
  const ResponseTerms terms_;
  std::string& output_;
  int status_ = 0;
};

// "OK" for 200; "Status" for a code that has no phrase here.
std::string_view ReasonPhrase(int status);

}  // namespace drumline::target

#endif  // TARGET_SERVICES_HTTP_SERVER_RESPONSE_WRITER_H_
