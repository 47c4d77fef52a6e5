// An answer that a service owes: it has returned from its callback and gives the answer later, from
// whatever thread it likes.
//
//   void Answer(const Request& request, ResponseWriter& writer) {
//     pool.Post([body = std::string(request.body()), answer = writer.Defer()]() mutable {
//       answer.Respond(200, kJsonContentType, Work(body));
//     });
//   }
//
// Meanwhile the connection takes no further request, so that pipelined answers keep their order. A
// promise that is dropped unanswered is answered 500; one whose client is gone, or whose server has
// ended, is dropped without harm. ServerConfig::stall_timeout bounds the wait (503).
//
// Ownership: the holder's, by moving. Threads: any, one at a time; the answer is posted to the
// connection's event loop, never written from within Respond.
#ifndef TARGET_SERVICES_HTTP_SERVER_DEFERRED_ANSWER_H_
#define TARGET_SERVICES_HTTP_SERVER_DEFERRED_ANSWER_H_

#include <functional>
#include <string>
#include <string_view>
#include <utility>

namespace drumline::target {

// What a client is told whose request its service forgot.
inline constexpr std::string_view kGaveNoAnswer = "service: gave no answer";

class DeferredAnswer {
 public:
  struct Content {
    int status = 0;
    std::string content_type;
    std::string body;
  };
  using Deliver = std::function<void(Content)>;

  // Holds no promise.
  DeferredAnswer() = default;
  // `deliver` is called once, by whoever answers.
  explicit DeferredAnswer(Deliver deliver) : deliver_(std::move(deliver)) {}
  DeferredAnswer(DeferredAnswer&& other) noexcept
      : deliver_(std::exchange(other.deliver_, nullptr)) {}
  DeferredAnswer& operator=(DeferredAnswer&& other) noexcept;
  ~DeferredAnswer() { Drop(); }

  // The first answer counts; others do nothing.
  void Respond(int status, std::string_view content_type, std::string body);
  // Answers {"error": message}.
  void RespondError(int status, std::string_view message);

 private:
  void Drop();

  Deliver deliver_;
};

}  // namespace drumline::target

#endif  // TARGET_SERVICES_HTTP_SERVER_DEFERRED_ANSWER_H_
