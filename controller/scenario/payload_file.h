// Files that hold request bodies, as a scenario names them.
//
// Judges names and sizes only; the planner reads the content. Does file I/O.
#ifndef CONTROLLER_SCENARIO_PAYLOAD_FILE_H_
#define CONTROLLER_SCENARIO_PAYLOAD_FILE_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace drumline {

inline constexpr int64_t kMaxPayloadBytes = 16 << 20;
inline constexpr absl::string_view kPayloadPlaceholder = "{payload}";

bool NamesPayload(absl::string_view file);

// The file's name with the size's text (256B, 1KiB) in the place of each {payload}.
std::string SubstitutePayload(absl::string_view file, absl::string_view size);

// Relative names start at the scenario's directory.
std::string ResolvePayloadPath(absl::string_view directory, absl::string_view file);

// The size of a regular, readable file of at most 16 MiB. Errors are a clause that fits into a
// message: "cannot be read: No such file or directory".
absl::StatusOr<int64_t> PayloadFileBytes(const std::string& path);
// What is in such a file.
absl::StatusOr<std::string> ReadPayload(const std::string& path);

}  // namespace drumline

#endif  // CONTROLLER_SCENARIO_PAYLOAD_FILE_H_
