// The request of the echo service, read with simdjson's on-demand parser.
//
//   EchoRequestReader reader;
//   absl::StatusOr<EchoRequest> request = reader.Read(body);
//
// Expects an object {"id": u64, "user_agent": string, "metadata": [string]} in any order. Other
// fields are checked for being JSON and passed over; a field given twice is refused.
//
// Ownership: the views of an EchoRequest are the reader's, until its next Read. Threads: one; a
// reader keeps its buffers, so that reading allocates nothing once they are large enough.
// Errors: kInvalidArgument, which names the field and what was expected.
#ifndef TARGET_SERVICES_ECHO_ECHO_REQUEST_H_
#define TARGET_SERVICES_ECHO_ECHO_REQUEST_H_

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace drumline::target {

struct EchoRequest {
  uint64_t id = 0;
  std::string_view user_agent;
  const std::vector<std::string_view>* metadata = nullptr;
};

class EchoRequestReader {
 public:
  EchoRequestReader();
  ~EchoRequestReader();

  absl::StatusOr<EchoRequest> Read(std::string_view body);

 private:
  // Holds simdjson's types, which depend on compiler flags and must not show in a header.
  struct Workspace;

  std::unique_ptr<Workspace> workspace_;
};

}  // namespace drumline::target

#endif  // TARGET_SERVICES_ECHO_ECHO_REQUEST_H_
