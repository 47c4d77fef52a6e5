// Lists of logical CPUs as taskset and systemd's CPUAffinity= write them: `0-15,32-47`.
//
// Errors are InvalidArgument with a clause that fits into a message. Pure, safe from any thread.
#ifndef CONTROLLER_SCENARIO_CPU_LIST_H_
#define CONTROLLER_SCENARIO_CPU_LIST_H_

#include <cstdint>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace drumline {

// More CPUs than this no machine has.
inline constexpr uint32_t kMaxCpus = 4096;

// The highest CPU of the list, which is checked: numbers below kMaxCpus, ranges that go upwards,
// none named twice.
absl::StatusOr<uint32_t> HighestCpu(absl::string_view list);

}  // namespace drumline

#endif  // CONTROLLER_SCENARIO_CPU_LIST_H_
