// The request of the echo service, read by way of a document object model: Boost.JSON builds a tree
// of the whole body, in memory of its own, and the fields are looked up in it.
//
//   absl::StatusOr<DomRequest> request = DomRequest::Read(body);
//   if (request.ok()) AppendEchoAnswer(request->fields(), now, answer, kDomProcessor);
//
// It expects what echo_terms.h says and refuses with the same words as EchoRequestReader.
// What Boost.JSON would be lenient about is refused while it parses: numbers beyond 64 bits, which
// it would turn into doubles, and too many levels. A field given twice, of which an object of
// Boost.JSON would keep the last, shows because the outermost object is kept as the array
// [key, value, key, value …].
//
// Ownership: owns its tree; fields() are views into it. Threads: any, one at a time.
// Errors: kInvalidArgument.
#ifndef TARGET_SERVICES_ECHO_DOM_DOM_REQUEST_H_
#define TARGET_SERVICES_ECHO_DOM_DOM_REQUEST_H_

#include <boost/json/value.hpp>
#include <memory>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "target-services/echo/echo_terms.h"

namespace drumline::target {

inline constexpr std::string_view kDomProcessor = "drumline-echo-dom/1.0";

class DomRequest {
 public:
  static absl::StatusOr<DomRequest> Read(std::string_view body);

  // Valid until the request is moved or destroyed.
  EchoRequest fields() const;

 private:
  absl::Status ReadFields();

  boost::json::value members_;  // [key, value, key, value …]
  uint64_t id_ = 0;
  const boost::json::string* user_agent_ = nullptr;
  std::vector<std::string_view> metadata_;
};

}  // namespace drumline::target

#endif  // TARGET_SERVICES_ECHO_DOM_DOM_REQUEST_H_
