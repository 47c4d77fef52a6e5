// Durations as people write them: a number and a unit.
//
//   absl::StatusOr<int64_t> ns = ParseDuration("1.5ms");   // 1'500'000
//
// Units: ns, us, ms, s, m. Exact: a number finer than a nanosecond is refused, as is one beyond
// kMaxDurationNs. Pure. Errors: kInvalidArgument, in words that name the text and what is expected.
#ifndef TARGET_SERVICES_ORACLE_DURATION_TEXT_H_
#define TARGET_SERVICES_ORACLE_DURATION_TEXT_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace drumline::target {

// An hour: no delay and no stop is longer.
inline constexpr int64_t kMaxDurationNs = 3'600'000'000'000;

absl::StatusOr<int64_t> ParseDuration(std::string_view text);

// A plain decimal number, all of the text: "0.01". Neither sign nor exponent.
absl::StatusOr<double> ParseNumber(std::string_view text);

}  // namespace drumline::target

#endif  // TARGET_SERVICES_ORACLE_DURATION_TEXT_H_
