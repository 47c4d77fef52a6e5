// Percent-encoded text of a request target: path segments and queries.
//
//   PercentDecode("a%40b.c")                      // "a@b.c"
//   absl::StatusOr<std::optional<std::string>> page = QueryValue("page=2&limit=5", "page");
//
// Errors: kInvalidArgument for a % without two hexadecimal digits behind it.
#ifndef TARGET_SERVICES_SERVICE_QUERY_TEXT_H_
#define TARGET_SERVICES_SERVICE_QUERY_TEXT_H_

#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace drumline::target {

// A plus stays one, as in a path.
absl::StatusOr<std::string> PercentDecode(std::string_view text);

// The value of the first parameter of that name, decoded (a plus is a blank there); "" for one
// without =, nothing if there is none.
absl::StatusOr<std::optional<std::string>> QueryValue(std::string_view query,
                                                      std::string_view name);

}  // namespace drumline::target

#endif  // TARGET_SERVICES_SERVICE_QUERY_TEXT_H_
