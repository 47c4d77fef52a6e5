// FeedTable: the rows that templates take values from, and which of them a beat has.
//
//     ShareFeeds(plan.feeds(), false, &slice);           // the controller: what this agent needs,
//     no more const FeedTable users(slice.feeds(0), slice.load().seed()); users.ValueAt(beat,
//     /*column=*/1);
//
// sequential: beat k has row k mod n, so that no row is used twice before all were used once, on
// whatever agent. random: beat k has a row that the seed and k decide. Both depend on the number of
// the beat alone: any number of agents sends the same values.
//
// Views into the message, which must outlive the table. Immutable; safe from any thread.
#ifndef CORE_FEED_TABLE_H_
#define CORE_FEED_TABLE_H_

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "absl/status/status.h"
#include "core/random.h"
#include "proto/plan.pb.h"

namespace drumline {

// Of all feeds of a scenario together, as values; each agent may be given as much.
inline constexpr size_t kMaxFeedBytes = size_t{16} << 20;
inline constexpr size_t kMaxFeedColumns = 64;

class FeedTable {
 public:
  // The rows have passed CheckFeed.
  FeedTable(const proto::FeedRows& rows, uint64_t seed);

  // The number of the row that the beat has, in the whole feed.
  uint64_t RowAt(uint64_t beat) const;
  // The row must be here: beats of another agent may have rows that are not.
  std::string_view ValueAt(uint64_t beat, size_t column) const;

 private:
  const proto::FeedRows* rows_;
  RandomSequence random_;
};

// Whether the message is a table: rows and columns, as many values as both say, row numbers in
// order.
absl::Status CheckFeed(const proto::FeedRows& rows);

// Puts into the slice the rows that its own beats ask for; all of them where its beats may ask for
// any, or where [may_adopt] says that it may be given the beats of a lost agent.
void ShareFeeds(const google::protobuf::RepeatedPtrField<proto::FeedRows>& feeds, bool may_adopt,
                proto::Slice* slice);

}  // namespace drumline

#endif  // CORE_FEED_TABLE_H_
