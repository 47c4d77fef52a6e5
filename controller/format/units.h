// Numbers as people read them, spelled as a scenario spells them: no space before the unit, three
// significant digits, the unit chosen by the size of what is printed.
//
//     CompactDuration(412'300)      "412µs"        CompactRate(99'840)      "99.8k/s"
//     CompactDuration(252'000'000'000) "4m12s"     CompactBytes(1'536)      "1.50KiB"
//     CompactCount(1234567)         "1,234,567"    CompactClock(252)        "4:12"
//
// Pure functions, in UTF-8; safe from any thread. A value that is not finite prints as "n/a".
#ifndef CONTROLLER_FORMAT_UNITS_H_
#define CONTROLLER_FORMAT_UNITS_H_

#include <cstdint>
#include <string>

namespace drumline {

// "0ns", "412ns", "41.2µs", "1.23ms", "12.3s", "4m12s", "1h05m". Seconds are whole from one minute
// on, and minutes from one hour on: both are rounded to the nearest.
std::string CompactDuration(int64_t nanoseconds);

// "0/s", "0.25/s", "532/s", "99.8k/s", "1.25M/s".
std::string CompactRate(double per_second);

// "512B", "1.50KiB", "64.0MiB": powers of 1024.
std::string CompactBytes(double bytes);

// "1,234,567".
std::string CompactCount(uint64_t count);

// The time that is left, as clocks show it: "0:07", "4:12", "1:02:03".
std::string CompactClock(int64_t seconds);

}  // namespace drumline

#endif  // CONTROLLER_FORMAT_UNITS_H_
