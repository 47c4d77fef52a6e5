#include "core/feed_table.h"

#include <algorithm>
#include <limits>
#include <set>

#include "absl/strings/str_cat.h"
#include "core/text_hash.h"

namespace drumline {
namespace {

// How many beats a slice's worker may have; of a closed loop nobody knows.
uint64_t BeatsOf(const proto::Slice& slice, const proto::WorkerSlice& worker) {
  if (slice.load().closed_loop()) return std::numeric_limits<uint64_t>::max();
  const proto::Lane& lane = worker.lane();
  if (slice.load().beats() <= lane.first()) return 0;
  return (slice.load().beats() - lane.first() - 1) / lane.stride() + 1;
}

// The numbers of the rows that the slice's beats have; empty where those may be all.
std::set<uint64_t> RowsOf(const FeedTable& table, uint64_t total, const proto::Slice& slice) {
  std::set<uint64_t> wanted;
  for (const proto::WorkerSlice& worker : slice.workers()) {
    const uint64_t beats = BeatsOf(slice, worker);
    // As many beats as rows: not worth the walk.
    if (beats >= total) return {};
    for (uint64_t i = 0; i < beats; ++i) {
      wanted.insert(table.RowAt(worker.lane().first() + i * worker.lane().stride()));
    }
  }
  return wanted;
}

}  // namespace

FeedTable::FeedTable(const proto::FeedRows& rows, uint64_t seed)
    : rows_(&rows), random_(seed + TextHash(rows.name())) {}

uint64_t FeedTable::RowAt(uint64_t beat) const {
  const bool random = rows_->order() == proto::FEED_ORDER_RANDOM;
  return (random ? random_.BitsAt(beat) : beat) % rows_->total_rows();
}

std::string_view FeedTable::ValueAt(uint64_t beat, size_t column) const {
  uint64_t row = RowAt(beat);
  const auto& numbers = rows_->row_numbers();
  if (!numbers.empty()) {
    const auto found = std::lower_bound(numbers.begin(), numbers.end(), row);
    // One of another agent's; the plan is then not what it promised, and the row is as good as any.
    row = found == numbers.end() ? 0 : static_cast<uint64_t>(found - numbers.begin());
  }
  const uint64_t index = row * static_cast<uint64_t>(rows_->columns_size()) + column;
  return rows_->values(static_cast<int>(index));
}

absl::Status CheckFeed(const proto::FeedRows& rows) {
  const auto refuse = [&rows](absl::string_view why) {
    return absl::InvalidArgumentError(absl::StrCat("feed ", rows.name(), " ", why));
  };
  if (rows.columns().empty() || static_cast<size_t>(rows.columns_size()) > kMaxFeedColumns) {
    return refuse("has no columns, or too many");
  }
  const auto& numbers = rows.row_numbers();
  const uint64_t here = numbers.empty() ? rows.total_rows() : static_cast<uint64_t>(numbers.size());
  if (here == 0) return refuse("has no rows");
  if (here > kMaxFeedBytes || static_cast<uint64_t>(rows.values_size()) !=
                                  here * static_cast<uint64_t>(rows.columns_size())) {
    return refuse("has another number of values than its rows and columns have room for");
  }
  size_t bytes = 0;
  for (const std::string& value : rows.values()) bytes += value.size();
  if (bytes > kMaxFeedBytes) return refuse("is too large");
  const bool ordered =
      std::adjacent_find(numbers.begin(), numbers.end(),
                         [](uint64_t a, uint64_t b) { return a >= b; }) == numbers.end() &&
      (numbers.empty() || *(numbers.end() - 1) < rows.total_rows());
  return ordered ? absl::OkStatus() : refuse("has row numbers that are not in order");
}

void ShareFeeds(const google::protobuf::RepeatedPtrField<proto::FeedRows>& feeds, bool may_adopt,
                proto::Slice* slice) {
  for (const proto::FeedRows& feed : feeds) {
    proto::FeedRows& share = *slice->add_feeds();
    const FeedTable table(feed, slice->load().seed());
    const std::set<uint64_t> wanted =
        may_adopt ? std::set<uint64_t>() : RowsOf(table, feed.total_rows(), *slice);
    if (wanted.empty() || wanted.size() == feed.total_rows()) {
      share = feed;
      continue;
    }
    share.set_name(feed.name());
    *share.mutable_columns() = feed.columns();
    share.set_order(feed.order());
    share.set_total_rows(feed.total_rows());
    for (const uint64_t row : wanted) {
      share.add_row_numbers(row);
      for (int column = 0; column < feed.columns_size(); ++column) {
        *share.add_values() = feed.values(static_cast<int>(row) * feed.columns_size() + column);
      }
    }
  }
}

}  // namespace drumline
