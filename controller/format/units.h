// Numbers as people read them: three significant digits, the unit chosen by the size of what is
// printed. Report, live screen and progress line all spell them so, and the pages
// (controller/page/web/format.js) do as well.
//
//     FormatTime(412.3)             "412 µs"        FormatNs(412)                   "412 ns"
//     FormatBytes(1'536)            "1.50 KiB"      FormatCount(1'234'567)          "1,234,567"
//     FormatRate(99'998.26)         "99,998/s"      FormatRate(0.25)                "0.25/s"
//     FormatShare(0.0025)           "0.25 %"        CompactClock(252)               "4:12"
//
// Pure functions, in UTF-8; safe from any thread. A value that is not finite prints as "n/a".
#ifndef CONTROLLER_FORMAT_UNITS_H_
#define CONTROLLER_FORMAT_UNITS_H_

#include <cstdint>
#include <string>

namespace drumline {

// Microseconds, in ns, µs, ms or s.
std::string FormatTime(double us);
// The same of nanoseconds.
std::string FormatNs(int64_t ns);
// In B, KiB, MiB or GiB: powers of 1024.
std::string FormatBytes(double bytes);
std::string FormatCount(uint64_t count);
// Whole from 100 on; a negative rate is 0.
std::string FormatRate(double per_second);
// A fraction of 1 as per cent.
std::string FormatShare(double fraction);

// The time that is left, as clocks show it: "0:07", "4:12", "1:02:03".
std::string CompactClock(int64_t seconds);

}  // namespace drumline

#endif  // CONTROLLER_FORMAT_UNITS_H_
