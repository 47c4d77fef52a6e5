// Numbers as people read them: three significant digits, the unit chosen by the size of what is
// printed.
//
//     FormatTime(412.3)             "412 µs"        CompactDuration(412'300)        "412µs"
//     FormatBytes(1'536)            "1.50 KiB"      CompactDuration(252 * 10^9)     "4m12s"
//     FormatRate(99'998.26)         "99,998.3/s"    CompactRate(99'840)             "99.8k/s"
//     FormatCount(1'234'567)        "1,234,567"     CompactClock(252)               "4:12"
//     FormatShare(0.0025)           "0.25 %"
//
// Format… is for reports, with a space before the unit; Compact… for lines that are short of room,
// spelled as a scenario spells it. Pure functions, in UTF-8; safe from any thread. A value that is
// not finite prints as "n/a".
#ifndef CONTROLLER_FORMAT_UNITS_H_
#define CONTROLLER_FORMAT_UNITS_H_

#include <cstdint>
#include <string>

namespace drumline {

// Microseconds, in µs, ms or s.
std::string FormatTime(double us);
// In B, KiB, MiB or GiB: powers of 1024.
std::string FormatBytes(double bytes);
std::string FormatCount(uint64_t count);
// With one decimal; a negative rate is 0.
std::string FormatRate(double per_second);
// A fraction of 1 as per cent.
std::string FormatShare(double fraction);

// "0ns", "412ns", "41.2µs", "1.23ms", "12.3s", "4m12s", "1h05m". Seconds are whole from one minute
// on, and minutes from one hour on: both are rounded to the nearest.
std::string CompactDuration(int64_t nanoseconds);
// "0/s", "0.25/s", "532/s", "99.8k/s", "1.25M/s".
std::string CompactRate(double per_second);
// The time that is left, as clocks show it: "0:07", "4:12", "1:02:03".
std::string CompactClock(int64_t seconds);

}  // namespace drumline

#endif  // CONTROLLER_FORMAT_UNITS_H_
