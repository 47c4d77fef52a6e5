// A run that was cut off is done again under a name of its own: "003-echo-r1", then
// "003-echo-r1.2", "003-echo-r1.3" … Names of runs end in "-r" and a number or, in a search, in a
// rate ("-400rps"), so that no other name looks like one.
//
//     AttemptId("003-echo-r1", 2)         // "003-echo-r1.2"
//     FirstAttemptOf("003-echo-r1.2")     // "003-echo-r1"
//     AttemptOf("003-echo-r1.2")          // 2
//
// Pure; any thread.
#ifndef CONTROLLER_BUNDLE_ATTEMPT_ID_H_
#define CONTROLLER_BUNDLE_ATTEMPT_ID_H_

#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace drumline {

// [attempt] counts from 1: the plan's own.
inline std::string AttemptId(const std::string& run_id, int attempt) {
  return attempt == 1 ? run_id : absl::StrCat(run_id, ".", attempt);
}

inline std::string FirstAttemptOf(const std::string& run_id) {
  const size_t dot = run_id.find_last_not_of("0123456789");
  if (dot == std::string::npos || run_id[dot] != '.' || dot == 0 || dot + 1 == run_id.size()) {
    return run_id;
  }
  // A run's own id ends with its repeat, or with the rate at which a search tried it.
  const std::string first = run_id.substr(0, dot);
  const bool is_own =
      absl::ascii_isdigit(static_cast<unsigned char>(first.back())) || absl::EndsWith(first, "rps");
  return is_own ? first : run_id;
}

inline int AttemptOf(const std::string& run_id) {
  const std::string first = FirstAttemptOf(run_id);
  int attempt = 1;
  const bool again =
      first.size() < run_id.size() && absl::SimpleAtoi(run_id.substr(first.size() + 1), &attempt);
  return again ? attempt : 1;
}

}  // namespace drumline

#endif  // CONTROLLER_BUNDLE_ATTEMPT_ID_H_
