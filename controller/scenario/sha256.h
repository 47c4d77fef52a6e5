// SHA-256 of a text, in hexadecimal. Pure.
#ifndef CONTROLLER_SCENARIO_SHA256_H_
#define CONTROLLER_SCENARIO_SHA256_H_

#include <string>

#include "absl/strings/string_view.h"

namespace drumline {

std::string Sha256Hex(absl::string_view text);

}  // namespace drumline

#endif  // CONTROLLER_SCENARIO_SHA256_H_
