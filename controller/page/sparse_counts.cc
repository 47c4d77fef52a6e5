#include "controller/page/sparse_counts.h"

#include <algorithm>
#include <utility>

namespace drumline {

void SparseCounts::AddSlots(const std::vector<Slot>& added) {
  std::vector<Slot> merged;
  merged.reserve(slots_.size() + added.size());
  auto mine = slots_.begin();
  for (Slot slot : added) {
    while (mine != slots_.end() && mine->slot < slot.slot) merged.push_back(*mine++);
    if (mine != slots_.end() && mine->slot == slot.slot) slot.count += (mine++)->count;
    merged.push_back(slot);
  }
  merged.insert(merged.end(), mine, slots_.end());
  slots_ = std::move(merged);
}

absl::Status SparseCounts::Add(const proto::HistogramCounts& counts) {
  if (counts.slot_steps_size() != counts.counts_size()) {
    return absl::InvalidArgumentError("a histogram has not as many counts as slots");
  }
  std::vector<Slot> added;
  added.reserve(static_cast<size_t>(counts.counts_size()));
  int64_t slot = -1;
  uint64_t total = 0;
  for (int i = 0; i < counts.counts_size(); ++i) {
    slot += counts.slot_steps(i);
    if (counts.slot_steps(i) == 0 || slot >= Histogram::kSlots) {
      return absl::InvalidArgumentError("a histogram has a slot that there is not");
    }
    added.push_back({static_cast<int>(slot), counts.counts(i)});
    total += counts.counts(i);
  }
  AddSlots(added);
  count_ += total;
  max_ns_ = std::max(max_ns_, counts.max_ns());
  return absl::OkStatus();
}

void SparseCounts::Merge(const SparseCounts& other) {
  AddSlots(other.slots_);
  count_ += other.count_;
  max_ns_ = std::max(max_ns_, other.max_ns_);
}

int64_t SparseCounts::ValueAtQuantile(double q) const {
  const uint64_t rank = Histogram::RankOfQuantile(q, count_);
  uint64_t seen = 0;
  for (const Slot& slot : slots_) {
    seen += slot.count;
    if (seen >= rank) return std::min(Histogram::HighestInSlot(slot.slot), max_ns_);
  }
  return 0;
}

}  // namespace drumline
