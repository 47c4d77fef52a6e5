// SparseCounts: the counts of a histogram, slot by slot, where only those that are not zero take
// room.
//
//     SparseCounts counts;
//     absl::Status status = counts.Add(interval.measure().response_time());
//     counts.ValueAtQuantile(0.99);                 // the same as of the merged histogram
//
// A chart of an hour needs a histogram for each of its columns; with 270 KB each that would be a
// gigabyte. One of these takes 12 bytes for each slot with a count: a few KB. Adding costs as much
// as both have slots, and nothing is decoded into a whole histogram. A value type;
// thread-compatible.
#ifndef CONTROLLER_PAGE_SPARSE_COUNTS_H_
#define CONTROLLER_PAGE_SPARSE_COUNTS_H_

#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "core/histogram.h"
#include "proto/interval.pb.h"

namespace drumline {

class SparseCounts {
 public:
  struct Slot {
    int slot = 0;
    uint64_t count = 0;
  };

  // InvalidArgument, and nothing is added, where the slots are not those of a histogram.
  absl::Status Add(const proto::HistogramCounts& counts);
  void Merge(const SparseCounts& other);

  uint64_t count() const { return count_; }
  // Exact; 0 if there is nothing.
  int64_t max_ns() const { return max_ns_; }
  // As Histogram::ValueAtQuantile of all that was added.
  int64_t ValueAtQuantile(double q) const;
  // In ascending order, each with a count.
  const std::vector<Slot>& slots() const { return slots_; }

 private:
  // Adds slots in ascending order.
  void AddSlots(const std::vector<Slot>& added);

  std::vector<Slot> slots_;
  uint64_t count_ = 0;
  int64_t max_ns_ = 0;
};

}  // namespace drumline

#endif  // CONTROLLER_PAGE_SPARSE_COUNTS_H_
