// The one line that tells how a run is going.
//
//     2/12 zero-copy measure 4:12/32:18  998 of 1,000/s  p50 412 µs p99 1.23 ms  0 err 4/4
//
// reads: the second of twelve runs, of the target zero-copy; the measured window has 4 min 12 s to
// go and the campaign 32 min 18 s; 998 requests were answered in the last second of 1,000 that
// were sent; their response times; errors since the start of the run; agents that reported that
// second, of all. Where there is room, words are written out: "4:12 left (32:18)", "0
// errors", "4/4 agents"; where there is little, the campaign's time is left out. While nobody
// reports, "no report for 7 s" stands in the place of rates and times.
//
// A pure function; safe from any thread.
#ifndef CONTROLLER_PROGRESS_PROGRESS_LINE_H_
#define CONTROLLER_PROGRESS_PROGRESS_LINE_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

namespace drumline {

struct ProgressView {
  // The target and the point of the matrix.
  std::string run_label;
  // From 1.
  uint32_t run = 0;
  uint32_t runs = 0;
  std::string phase;
  // Empty where it is not known: a closed loop that ends with a number of requests.
  std::optional<int64_t> phase_left_s;
  std::optional<int64_t> total_left_s;
  // How long no second has been reported, where that is longer than it should be.
  std::optional<int64_t> silent_s;
  // Of the last second, per second.
  double sent_rate = 0;
  double achieved_rate = 0;
  // Response times of the last second; empty if no request ended in it.
  std::optional<int64_t> p50_ns;
  std::optional<int64_t> p99_ns;
  // Since the start of the run.
  uint64_t errors = 0;
  uint32_t agents_reporting = 0;
  uint32_t agents_expected = 0;
};

// No line is wider, whatever the numbers.
inline constexpr size_t kMaxProgressColumns = 110;

// At most `columns` columns (and never more than kMaxProgressColumns). Where the whole does not
// fit, words are shortened, then the label, and in the end the line is cut off.
std::string FormatProgress(const ProgressView& view, size_t columns = kMaxProgressColumns);

}  // namespace drumline

#endif  // CONTROLLER_PROGRESS_PROGRESS_LINE_H_
