// Numbers as people read them: three significant digits with the unit beside them, thousands
// apart; and the padding that makes columns of them, counted in characters and not in bytes.
//
//     FormatTime(412.3)        // "412 µs"
//     FormatTime(1'234)        // "1.23 ms"
//     FormatCount(1'234'567)   // "1,234,567"
//
// Pure functions.
#ifndef CONTROLLER_REPORT_TEXT_FORMAT_H_
#define CONTROLLER_REPORT_TEXT_FORMAT_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace drumline {

// Microseconds, in µs, ms or s.
std::string FormatTime(double us);
// In B, KiB, MiB or GiB.
std::string FormatBytes(double bytes);
std::string FormatCount(uint64_t count);
// "99,998.3/s".
std::string FormatRate(double per_second);
// A fraction of 1 as per cent: "0.25 %".
std::string FormatShare(double fraction);

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

#endif  // CONTROLLER_REPORT_TEXT_FORMAT_H_
