// Reads the text of a file in one of the project's languages, a scenario or an environment.
//
// Does file I/O; no exceptions, safe from any thread.
#ifndef CONTROLLER_SCENARIO_SOURCE_FILE_H_
#define CONTROLLER_SCENARIO_SOURCE_FILE_H_

#include <optional>
#include <string>

#include "controller/scenario/fault.h"

namespace drumline {

// At most one byte more than a source may have (kMaxSourceBytes): the parser says then that it is
// too large. Nothing, and a fault, where the file cannot be read.
std::optional<std::string> ReadSourceFile(const std::string& path, FaultList* faults);

// Where files that the one at the path names are looked for: its own directory.
std::string DirectoryOf(const std::string& path);

}  // namespace drumline

#endif  // CONTROLLER_SCENARIO_SOURCE_FILE_H_
