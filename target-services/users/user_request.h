// What clients send to the users service, and what is wrong with it.
//
//   UserReader reader;
//   absl::StatusOr<UserFields> user = reader.Read(body);
//
// A user is {"email": string, "name": string}. Emails have the form LOCAL@DOMAIN (ASCII, at most
// 254 characters, a domain of at least two labels) and are compared and kept in lower case; names
// have 2 to 100 characters, none of them a control character. Other fields are passed over; of a
// field given twice the last counts.
//
// Errors: kInvalidArgument; the message lists all that is wrong, as FIELD: expected …; FIELD: ….
// Threads: one a reader, which keeps its buffers.
#ifndef TARGET_SERVICES_USERS_USER_REQUEST_H_
#define TARGET_SERVICES_USERS_USER_REQUEST_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "target-services/service/json_fields.h"

namespace drumline::target {

inline constexpr size_t kMaxEmailChars = 254;
inline constexpr size_t kMinNameChars = 2;
inline constexpr size_t kMaxNameChars = 100;
inline constexpr size_t kMaxBatchUsers = 100;
inline constexpr uint64_t kMaxPage = 1'000'000;
inline constexpr uint64_t kMaxPageUsers = 100;
inline constexpr uint64_t kDefaultPageUsers = 10;

struct UserFields {
  // What is not given is nothing.
  std::optional<std::string> email;
  std::optional<std::string> name;
};

class UserReader {
 public:
  UserReader();

  // Both fields.
  absl::StatusOr<UserFields> Read(std::string_view body);
  // At least one of them.
  absl::StatusOr<UserFields> ReadChange(std::string_view body);
  // An array of 1 to kMaxBatchUsers users with both fields.
  absl::StatusOr<std::vector<UserFields>> ReadBatch(std::string_view body);

 private:
  JsonFieldReader fields_;
};

struct UserPage {
  uint64_t page = 1;
  uint64_t limit = kDefaultPageUsers;
};

// From "page=2&limit=50".
absl::StatusOr<UserPage> ReadPage(std::string_view query);

// From the path: 1 to 10^18 - 1, which a bigint holds.
absl::StatusOr<std::string> ReadUserId(std::string_view text);

// In lower case. For a path or a body.
absl::StatusOr<std::string> ReadEmail(std::string_view text);

}  // namespace drumline::target

#endif  // TARGET_SERVICES_USERS_USER_REQUEST_H_
