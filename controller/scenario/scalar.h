// The scalars of the scenario language: durations, rates, bytes and counts.
//
//   ParseDurationNs("1m30s")      90'000'000'000            DurationText → "1m30s"
//   ParseRate("100k/s")           360'000'000'000'000       RateText     → "100k/s"
//   ParseBytes("1KiB")            1'024                     BytesText    → "1KiB"
//   ParseCount("1M")              1'000'000                 CountText    → "1M"
//
// Arithmetic is exact: what cannot be kept exactly is refused, as is what overflows.
// Parse(Format(x)) is x for every x ≥ 0. Errors are InvalidArgument with a clause such as "`30` has
// no unit: write ns, us, ms, s, m or h"; the caller says what was expected. Pure functions, safe
// from any thread.
#ifndef CONTROLLER_SCENARIO_SCALAR_H_
#define CONTROLLER_SCENARIO_SCALAR_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace drumline {

// Numbers with units from the largest to the smallest, each at most once: `1h30m`, `1.5s`, `250us`.
absl::StatusOr<int64_t> ParseDurationNs(absl::string_view text);
std::string DurationText(int64_t ns);

// A count and a unit of time: `100k/s`, `600/m`, `0.5/h`. In millionths of a request an hour.
absl::StatusOr<int64_t> ParseRate(absl::string_view text);
std::string RateText(int64_t micro_per_hour);

// `512B`, `10kB` (thousands), `1KiB` (1024s), up to GB and GiB.
absl::StatusOr<int64_t> ParseBytes(absl::string_view text);
std::string BytesText(int64_t bytes);

// `500`, `10k`, `2.5M`, `1G`.
absl::StatusOr<uint64_t> ParseCount(absl::string_view text);
std::string CountText(uint64_t count);

// `201` or `2xx`; three digits, from 100 to 599.
struct StatusSpan {
  uint32_t first = 0;
  uint32_t last = 0;
};
absl::StatusOr<StatusSpan> ParseStatusClass(absl::string_view text);

}  // namespace drumline

#endif  // CONTROLLER_SCENARIO_SCALAR_H_
