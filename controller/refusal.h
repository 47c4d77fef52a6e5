// What a command that cannot do what it was asked for says, and ends with.
//
//     if (!plan.ok()) return Refuse(plan.status(), kExitWrongInput);
//
// One line on standard error, "controller: …". Safe from any thread.
#ifndef CONTROLLER_REFUSAL_H_
#define CONTROLLER_REFUSAL_H_

#include <cstdio>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace drumline {

// The others stand in controller/report/verdict.h; all of them in `controller --help`.
inline constexpr int kExitWrongInput = 2;
inline constexpr int kExitUnusable = 5;

inline void PrintError(absl::string_view why) {
  std::fprintf(stderr, "controller: %s\n", std::string(why).c_str());
}

inline void PrintError(const absl::Status& status) { PrintError(status.message()); }

inline int Refuse(absl::string_view why, int exit_code) {
  PrintError(why);
  return exit_code;
}

inline int Refuse(const absl::Status& status, int exit_code) {
  return Refuse(status.message(), exit_code);
}

}  // namespace drumline

#endif  // CONTROLLER_REFUSAL_H_
