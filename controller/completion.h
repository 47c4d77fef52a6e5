// Shell completion, made of the table of commands.
//
//     absl::StatusOr<std::string> script = CompletionScript("bash");
//     source <(controller completion bash)
//
// Commands, their flags, and files, directories or words as the table has them. Pure.
#ifndef CONTROLLER_COMPLETION_H_
#define CONTROLLER_COMPLETION_H_

#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace drumline {

// InvalidArgument if `shell` is none of bash, zsh and fish.
absl::StatusOr<std::string> CompletionScript(std::string_view shell);

}  // namespace drumline

#endif  // CONTROLLER_COMPLETION_H_
