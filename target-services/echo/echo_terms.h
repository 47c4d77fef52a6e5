// What the echo services have in common, however they read: the fields of a request, and the words
// in which a bad one is refused.
//
// A request is one JSON object {"id": u64, "user_agent": string, "metadata": [string]}, its fields
// in any order. Other fields are checked for being JSON and passed over. What is wrong is looked
// for in this order: whether the whole body is such JSON at all; then field by field as they stand
// in the body; then what is missing. So the same body is refused with the same words by any reader.
#ifndef TARGET_SERVICES_ECHO_ECHO_TERMS_H_
#define TARGET_SERVICES_ECHO_ECHO_TERMS_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"

namespace drumline::target {

// The views are those of whoever read the request.
struct EchoRequest {
  uint64_t id = 0;
  std::string_view user_agent;
  const std::vector<std::string_view>* metadata = nullptr;
};

inline constexpr const char* kIdExpectation = "an unsigned 64-bit integer";
inline constexpr const char* kUserAgentExpectation = "a string";
inline constexpr const char* kMetadataExpectation = "an array of strings";
inline constexpr const char* kOnceExpectation = "to be given once";

// All are kInvalidArgument.
inline absl::Status Expected(const std::string& field, const std::string& expectation) {
  return absl::InvalidArgumentError(field + ": expected " + expectation);
}
inline absl::Status Missing(const std::string& field, const std::string& expectation) {
  return Expected(field, expectation + ", but it is missing");
}
inline absl::Status ExpectedElement(size_t index) {
  return Expected("metadata[" + std::to_string(index) + "]", "a string");
}
inline absl::Status NotOneObject() {
  return Expected("body",
                  "one JSON object (UTF-8, at most 64 levels deep, numbers within 64 bits)");
}

}  // namespace drumline::target

#endif  // TARGET_SERVICES_ECHO_ECHO_TERMS_H_
