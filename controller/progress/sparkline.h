// A series of values as a line of small bars, and a share as one long bar.
//
//     Sparkline({1, 2, 4, 8}, Scale{0, 8}, 4)       "▁▂▄█"
//     LogSparkline({1e5, 1e7}, Scale{1e5, 1e7}, 2)  "▁█"
//     Bar(0.25, 8)                                  "━━──────"
//
// Pure functions.
#ifndef CONTROLLER_PROGRESS_SPARKLINE_H_
#define CONTROLLER_PROGRESS_SPARKLINE_H_

#include <cstddef>
#include <string>
#include <vector>

namespace drumline {

struct Scale {
  double low = 0;
  double high = 1;
};

// The newest `columns` values, the last one at the right; a bar of its own for each. Values outside
// of the scale are at its ends; a value of 0 or less is a blank, for there was nothing.
std::string Sparkline(const std::vector<double>& values, const Scale& scale, size_t columns);
// The same with a logarithmic axis; both ends of the scale are above 0.
std::string LogSparkline(const std::vector<double>& values, const Scale& scale, size_t columns);

std::string Bar(double share, size_t columns);

}  // namespace drumline

#endif  // CONTROLLER_PROGRESS_SPARKLINE_H_
