// The bytes of a request's body: from a file, from the scenario itself, or made to a size.
//
//     absl::StatusOr<std::string> body = BodyOf(request.body(), payload, scenario_directory);
//     MadeBody(1024)    // {"id":1,"user_agent":"drumline","metadata":["xxx…"]}, 1,024 bytes
//
// Files are read here, by the controller, and never by an agent.
#ifndef CONTROLLER_PLANNER_REQUEST_BODY_H_
#define CONTROLLER_PLANNER_REQUEST_BODY_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "proto/scenario.pb.h"

namespace drumline {

inline constexpr int64_t kMaxBodyBytes = 16 * 1024 * 1024;

// A JSON document of exactly [bytes] bytes in the shape that the echo service reads. [bytes] is at
// least kMinMadeBodyBytes.
inline constexpr int64_t kMinMadeBodyBytes = 64;
std::string MadeBody(int64_t bytes);

// Whether the body is filled in for each beat (core/template.h).
bool IsTemplate(const proto::Body& body);

// [payload] is the matrix's value of this run, or null where the matrix has none. With it, a file
// with {payload} in its name is read under that value, and any other body but a template is made to
// that size. NotFound or ResourceExhausted, in words that name the file, if it cannot be read or is
// too large.
absl::StatusOr<std::string> BodyOf(const proto::Body& body, const proto::Bytes* payload,
                                   const std::string& directory);

}  // namespace drumline

#endif  // CONTROLLER_PLANNER_REQUEST_BODY_H_
