// A stretch of time as the faults and notes of a run name it: "12.3 s".
#ifndef CONTROLLER_RUN_SECONDS_TEXT_H_
#define CONTROLLER_RUN_SECONDS_TEXT_H_

#include <cstdint>
#include <string>

#include "absl/strings/str_format.h"

namespace drumline {

inline std::string SecondsText(int64_t ns) {
  return absl::StrFormat("%.3g s", static_cast<double>(ns) * 1e-9);
}

}  // namespace drumline

#endif  // CONTROLLER_RUN_SECONDS_TEXT_H_
