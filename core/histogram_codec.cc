#include "core/histogram_codec.h"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "absl/strings/str_cat.h"

namespace drumline {
namespace {

constexpr int kLastSlot = Histogram::SlotOf(Histogram::kHighestNs);

absl::Status Broken(const std::string& why) {
  return absl::InvalidArgumentError(absl::StrCat("broken histogram: ", why));
}

}  // namespace

// One message, first read and then, if it is sound, added.
class HistogramDecoder {
 public:
  explicit HistogramDecoder(const proto::HistogramCounts& counts) : counts_(counts) {}

  absl::Status Validate() {
    if (absl::Status status = ReadSlots(); !status.ok()) return status;
    return total_ == 0 ? ValidateEmpty() : ValidateExtremes();
  }

  uint64_t total() const { return total_; }

  void AddTo(Histogram* histogram) const {
    histogram->AddOutOfRange(counts_.out_of_range());
    if (total_ == 0) return;
    size_t slot = static_cast<size_t>(first_);
    for (int i = 0; i < counts_.counts_size(); ++i) {
      if (i > 0) slot += counts_.slot_steps(i);
      histogram->counts_[slot] += counts_.counts(i);
    }
    histogram->count_ += total_;
    histogram->min_ns_ = std::min(histogram->min_ns_, counts_.min_ns());
    histogram->max_ns_ = std::max(histogram->max_ns_, counts_.max_ns());
  }

 private:
  absl::Status ReadSlots() {
    if (counts_.slot_steps_size() != counts_.counts_size()) {
      return Broken(
          absl::StrCat(counts_.slot_steps_size(), " slots but ", counts_.counts_size(), " counts"));
    }
    int64_t slot = -1;
    for (int i = 0; i < counts_.counts_size(); ++i) {
      const uint64_t count = counts_.counts(i);
      if (counts_.slot_steps(i) == 0) return Broken(absl::StrCat("slot ", slot, " is named twice"));
      slot += counts_.slot_steps(i);
      if (slot > kLastSlot) {
        return Broken(absl::StrCat("slot ", slot, " lies beyond the last one, ", kLastSlot));
      }
      if (count == 0) return Broken(absl::StrCat("the count of slot ", slot, " is 0"));
      if (count > Histogram::kMaxCount - total_) return Broken("the total overflows");
      total_ += count;
      if (i == 0) first_ = static_cast<int>(slot);
      last_ = static_cast<int>(slot);
    }
    return absl::OkStatus();
  }

  absl::Status ValidateEmpty() const {
    if (counts_.min_ns() != 0 || counts_.max_ns() != 0) {
      return Broken("extremes without a single count");
    }
    return absl::OkStatus();
  }

  absl::Status ValidateExtremes() const {
    const int64_t min_ns = counts_.min_ns();
    const int64_t max_ns = counts_.max_ns();
    const std::string found = absl::StrCat("minimum ", min_ns, " ns, maximum ", max_ns, " ns");
    if (min_ns < 0 || max_ns > Histogram::kHighestNs || min_ns > max_ns) {
      return Broken(absl::StrCat(found, ": not a range within 0 and ", Histogram::kHighestNs));
    }
    if (Histogram::SlotOf(min_ns) != first_ || Histogram::SlotOf(max_ns) != last_) {
      return Broken(
          absl::StrCat(found, " do not lie in the first and last slots, ", first_, " and ", last_));
    }
    if (total_ == 1 && min_ns != max_ns) {
      return Broken(absl::StrCat(found, ": a single value has one value"));
    }
    return absl::OkStatus();
  }

  const proto::HistogramCounts& counts_;
  uint64_t total_ = 0;
  int first_ = 0;
  int last_ = -1;
};

void EncodeHistogram(const Histogram& histogram, proto::HistogramCounts* counts) {
  counts->Clear();
  int previous = -1;
  for (int slot = histogram.first_slot(); slot <= histogram.last_slot(); ++slot) {
    const uint64_t count = histogram.CountAtSlot(slot);
    if (count == 0) continue;
    counts->add_slot_steps(static_cast<uint32_t>(slot - previous));
    counts->add_counts(count);
    previous = slot;
  }
  counts->set_min_ns(histogram.min_ns());
  counts->set_max_ns(histogram.max_ns());
  counts->set_out_of_range(histogram.out_of_range());
}

absl::Status DecodeHistogramInto(const proto::HistogramCounts& counts, Histogram* merged_into) {
  HistogramDecoder decoder(counts);
  if (absl::Status status = decoder.Validate(); !status.ok()) return status;
  if (decoder.total() > Histogram::kMaxCount - merged_into->count()) {
    return absl::ResourceExhaustedError(
        absl::StrCat("a histogram of ", decoder.total(), " values cannot be added to one of ",
                     merged_into->count(), ": the most is ", Histogram::kMaxCount));
  }
  decoder.AddTo(merged_into);
  return absl::OkStatus();
}

absl::StatusOr<Histogram> DecodeHistogram(const proto::HistogramCounts& counts) {
  Histogram histogram;
  if (absl::Status status = DecodeHistogramInto(counts, &histogram); !status.ok()) return status;
  return histogram;
}

}  // namespace drumline
