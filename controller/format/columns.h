// Columns and lines of a text for a terminal, counted in characters and not in bytes.
//
//     PadLeft("12 µs", 8)                                // "   12 µs"
//     Wrap({"one", "two", "three"}, " + ", 2, 12)        // "one + two\n   + three"
//
// Pure functions.
#ifndef CONTROLLER_FORMAT_COLUMNS_H_
#define CONTROLLER_FORMAT_COLUMNS_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace drumline {

// Columns that UTF-8 text takes on a terminal, for text without wide or combining characters.
size_t DisplayWidth(absl::string_view text);
// Text that is wider already is left as it is.
std::string PadLeft(absl::string_view text, size_t width);
std::string PadRight(absl::string_view text, size_t width);

// The words one after another with `separator` between them; a line that would be wider than
// `width` is broken before a separator and goes on after `indent` spaces.
std::string Wrap(const std::vector<std::string>& words, absl::string_view separator, size_t indent,
                 size_t width);

}  // namespace drumline

#endif  // CONTROLLER_FORMAT_COLUMNS_H_
