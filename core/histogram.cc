#include "core/histogram.h"

#include <cmath>
#include <new>

namespace drumline {

static_assert(Histogram::SlotOf(Histogram::kHighestNs) < Histogram::kSlots);

Histogram::Counts Histogram::Untouched() {
  Counts counts(static_cast<uint64_t*>(std::calloc(kSlots, sizeof(uint64_t))));
  if (counts == nullptr) throw std::bad_alloc();
  return counts;
}

Histogram::Histogram() : counts_(Untouched()) {}

Histogram::Histogram(const Histogram& other) : counts_(Untouched()) { CopyRange(other); }

Histogram& Histogram::operator=(const Histogram& other) {
  if (this == &other) return *this;
  if (counts_ == nullptr) {
    counts_ = Untouched();
  } else {
    Clear();
  }
  CopyRange(other);
  return *this;
}

// Into one that has no counts.
void Histogram::CopyRange(const Histogram& other) {
  std::copy(other.counts_.get() + other.first_slot(), other.counts_.get() + other.last_slot() + 1,
            counts_.get() + other.first_slot());
  count_ = other.count_;
  out_of_range_ = other.out_of_range_;
  min_ns_ = other.min_ns_;
  max_ns_ = other.max_ns_;
}

void Histogram::AddOutOfRange(uint64_t count) {
  constexpr uint64_t kMost = std::numeric_limits<uint64_t>::max();
  out_of_range_ = count > kMost - out_of_range_ ? kMost : out_of_range_ + count;
}

bool Histogram::RecordMany(int64_t value_ns, uint64_t count) {
  if (count == 0) return true;
  if (value_ns < 0 || value_ns > kHighestNs || count > kMaxCount - count_) {
    AddOutOfRange(count);
    return false;
  }
  counts_[static_cast<size_t>(SlotOf(value_ns))] += count;
  count_ += count;
  min_ns_ = std::min(min_ns_, value_ns);
  max_ns_ = std::max(max_ns_, value_ns);
  return true;
}

bool Histogram::Merge(const Histogram& other) {
  AddOutOfRange(other.out_of_range_);
  if (other.count_ > kMaxCount - count_) {
    AddOutOfRange(other.count_);
    return false;
  }
  const auto first = static_cast<size_t>(other.first_slot());
  const size_t end = other.empty() ? first : static_cast<size_t>(other.last_slot()) + 1;
  for (size_t slot = first; slot < end; ++slot) counts_[slot] += other.counts_[slot];
  count_ += other.count_;
  min_ns_ = std::min(min_ns_, other.min_ns_);
  max_ns_ = std::max(max_ns_, other.max_ns_);
  return true;
}

void Histogram::Clear() {
  std::fill(counts_.get() + first_slot(), counts_.get() + last_slot() + 1, 0);
  count_ = 0;
  out_of_range_ = 0;
  min_ns_ = std::numeric_limits<int64_t>::max();
  max_ns_ = -1;
}

uint64_t Histogram::RankOfQuantile(double q, uint64_t n) {
  if (n == 0) return 0;
  if (!(q > 0)) return 1;
  if (q >= 1) return n;
  // A decimal such as 0.999 is up to half a unit of the last place away from its double, and one
  // that was divided by 100 up to one: the product is taken back by so much before it is rounded
  // up.
  const long double product = static_cast<long double>(q) * static_cast<long double>(n);
  const auto rank = static_cast<uint64_t>(std::ceil(product - product * 0x1p-52L));
  return std::clamp<uint64_t>(rank, 1, n);
}

int Histogram::SlotAtRank(uint64_t rank) const {
  if (rank == 0 || rank > count_) return -1;
  int slot = first_slot();
  for (uint64_t seen = CountAtSlot(slot); seen < rank; seen += CountAtSlot(slot)) ++slot;
  return slot;
}

int64_t Histogram::ValueAtRank(uint64_t rank) const {
  const int slot = SlotAtRank(rank);
  return slot < 0 ? 0 : std::min(HighestInSlot(slot), max_ns_);
}

double Histogram::MeanNs() const {
  if (empty()) return 0;
  double sum = 0;
  for (int slot = first_slot(); slot <= last_slot(); ++slot) {
    const double middle = static_cast<double>(LowestInSlot(slot) + HighestInSlot(slot)) / 2;
    sum += middle * static_cast<double>(CountAtSlot(slot));
  }
  return sum / static_cast<double>(count_);
}

uint64_t Histogram::CountAtOrBelow(int64_t value_ns) const {
  if (empty() || value_ns < 0) return 0;
  if (value_ns >= max_ns_) return count_;
  const int end = SlotOf(value_ns);
  uint64_t sum = 0;
  for (int slot = first_slot(); slot <= end; ++slot) sum += CountAtSlot(slot);
  return sum;
}

bool operator==(const Histogram& a, const Histogram& b) {
  return a.count_ == b.count_ && a.out_of_range_ == b.out_of_range_ && a.min_ns_ == b.min_ns_ &&
         a.max_ns_ == b.max_ns_ &&
         std::equal(a.counts_.get() + a.first_slot(), a.counts_.get() + a.last_slot() + 1,
                    b.counts_.get() + a.first_slot());
}

}  // namespace drumline
