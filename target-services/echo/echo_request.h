// The request of the echo service, read with simdjson's on-demand parser.
//
//   EchoRequestReader reader;
//   absl::StatusOr<EchoRequest> request = reader.Read(body);
//
// echo_terms.h says what is expected of a body. Only a bad one is looked at twice: the fields are
// read first, and whether all of it is JSON is asked when one of them is wrong.
//
// Ownership: the views of an EchoRequest are the reader's, until its next Read. Threads: one; a
// reader keeps its buffers, so that reading allocates nothing once they are large enough.
// Errors: kInvalidArgument, which names the field and what was expected.
#ifndef TARGET_SERVICES_ECHO_ECHO_REQUEST_H_
#define TARGET_SERVICES_ECHO_ECHO_REQUEST_H_

#include <memory>
#include <string_view>

#include "absl/status/statusor.h"
#include "target-services/echo/echo_terms.h"

namespace drumline::target {

class EchoRequestReader {
 public:
  EchoRequestReader();
  ~EchoRequestReader();

  absl::StatusOr<EchoRequest> Read(std::string_view body);

 private:
  // Whether the body of the Read under way is one object of valid JSON.
  bool IsOneObject();
  absl::StatusOr<EchoRequest> ReadFields();

  // Holds simdjson's types, which depend on compiler flags and must not show in a header.
  struct Workspace;

  std::unique_ptr<Workspace> workspace_;
};

}  // namespace drumline::target

#endif  // TARGET_SERVICES_ECHO_ECHO_REQUEST_H_
