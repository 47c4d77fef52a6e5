// The rules of a mix and of feeds: weights are exact, and any number of agents and workers sends
// what the plan says, beat by beat.
#include <algorithm>
#include <numeric>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "core/feed_table.h"
#include "core/mix.h"
#include "core/plan.h"
#include "gtest/gtest.h"
#include "proto/plan.pb.h"

namespace drumline {
namespace {

std::vector<uint32_t> RandomWeights(std::mt19937_64& random) {
  std::vector<uint32_t> weights(random() % Mix::kMaxChoices + 1);
  const uint32_t largest = random() % 2 == 0 ? 10 : 500;
  for (uint32_t& weight : weights) weight = static_cast<uint32_t>(random() % largest) + 1;
  return weights;
}

TEST(Mix, EachBlockHasEachChoiceAsOftenAsItsWeightSays) {
  std::mt19937_64 random(1);
  for (int round = 0; round < 100; ++round) {
    const std::vector<uint32_t> weights = RandomWeights(random);
    uint32_t divisor = 0;
    for (uint32_t weight : weights) divisor = std::gcd(divisor, weight);
    const Mix mix(weights, random());
    ASSERT_EQ(mix.block(), std::accumulate(weights.begin(), weights.end(), 0u) / divisor);
    const uint64_t first = random() % 1'000'000 * mix.block();
    std::vector<uint32_t> sent(weights.size());
    for (uint64_t i = 0; i < mix.block(); ++i) ++sent[mix.At(first + i)];
    for (size_t i = 0; i < weights.size(); ++i) EXPECT_EQ(sent[i] * divisor, weights[i]);
  }
}

// Each place of the block is as likely as any other to be the rare request's: were it not, a rare
// request would keep step with whatever else has a rhythm.
TEST(Mix, ARareRequestKeepsNoStep) {
  const Mix mix({1, 9}, 7);
  constexpr int kBlocks = 20'000;
  std::vector<int> places(10);
  for (uint64_t beat = 0; beat < uint64_t{kBlocks} * 10; ++beat) {
    if (mix.At(beat) == 0) ++places[beat % 10];
  }
  double chi_square = 0;
  for (int count : places) chi_square += (count - 2'000.0) * (count - 2'000.0) / 2'000;
  // 9 degrees of freedom; one in a million exceeds it.
  EXPECT_LT(chi_square, 45);
}

TEST(Mix, TheSeedDecides) {
  const Mix one({3, 2, 1}, 1);
  const Mix same({30, 20, 10}, 1);
  const Mix other({3, 2, 1}, 2);
  int differ = 0;
  for (uint64_t beat = 0; beat < 600; ++beat) {
    EXPECT_EQ(one.At(beat), same.At(beat));
    differ += one.At(beat) != other.At(beat);
  }
  EXPECT_GT(differ, 100);
}

proto::FeedRows FeedOf(uint64_t rows, proto::FeedOrder order) {
  proto::FeedRows feed;
  feed.set_name("users");
  feed.set_order(order);
  feed.add_columns("id");
  feed.add_columns("email");
  feed.set_total_rows(rows);
  for (uint64_t row = 0; row < feed.total_rows(); ++row) {
    feed.add_values(std::to_string(row));
    feed.add_values(std::to_string(row) + "@example.com");
  }
  return feed;
}

proto::RunPlan OpenLoop(uint64_t beats) {
  proto::RunPlan run;
  run.mutable_load()->set_beats(beats);
  run.mutable_load()->set_seed(11);
  run.mutable_load()->set_connections(1'000);
  return run;
}

TEST(Feed, EachBeatHasItsRowOnWhateverAgent) {
  std::mt19937_64 random(2);
  for (int round = 0; round < 200; ++round) {
    const auto order = round % 2 == 0 ? proto::FEED_ORDER_SEQUENTIAL : proto::FEED_ORDER_RANDOM;
    google::protobuf::RepeatedPtrField<proto::FeedRows> feeds;
    *feeds.Add() = FeedOf(random() % 300 + 1, order);
    const uint64_t beats = random() % 1'000;
    const proto::RunPlan run = OpenLoop(beats);
    const FeedTable whole(feeds[0], 11);
    const Place fleet{0, static_cast<uint32_t>(random() % 7 + 1),
                      static_cast<uint32_t>(random() % 3 + 1)};
    uint64_t seen = 0;
    for (uint32_t agent = 0; agent < fleet.agents; ++agent) {
      proto::Slice slice = SliceOf(run, {agent, fleet.agents, fleet.workers});
      ShareFeeds(feeds, false, &slice);
      ASSERT_TRUE(CheckFeed(slice.feeds(0)).ok()) << CheckFeed(slice.feeds(0));
      const FeedTable share(slice.feeds(0), 11);
      for (const proto::WorkerSlice& worker : slice.workers()) {
        for (uint64_t beat = worker.lane().first(); beat < beats; beat += worker.lane().stride()) {
          ++seen;
          ASSERT_EQ(share.ValueAt(beat, 0), whole.ValueAt(beat, 0));
          ASSERT_EQ(share.ValueAt(beat, 1), std::string(whole.ValueAt(beat, 0)) + "@example.com");
        }
      }
    }
    EXPECT_EQ(seen, beats);
  }
}

// Unique stays unique: until all rows were used, none is used twice, and no two agents hold it.
TEST(Feed, AgentsShareTheRowsOfASequentialFeedOutAmongThem) {
  constexpr uint64_t kRows = 203;
  google::protobuf::RepeatedPtrField<proto::FeedRows> feeds;
  *feeds.Add() = FeedOf(kRows, proto::FEED_ORDER_SEQUENTIAL);
  std::multiset<uint64_t> given;
  for (uint32_t agent = 0; agent < 4; ++agent) {
    proto::Slice slice = SliceOf(OpenLoop(kRows), {agent, 4, 2});
    ShareFeeds(feeds, false, &slice);
    given.insert(slice.feeds(0).row_numbers().begin(), slice.feeds(0).row_numbers().end());
  }
  ASSERT_EQ(given.size(), kRows);
  EXPECT_EQ(std::set<uint64_t>(given.begin(), given.end()).size(), kRows);
}

TEST(Feed, WhoMayAdoptAnothersBeatsIsGivenAll) {
  google::protobuf::RepeatedPtrField<proto::FeedRows> feeds;
  *feeds.Add() = FeedOf(100, proto::FEED_ORDER_SEQUENTIAL);
  proto::Slice slice = SliceOf(OpenLoop(4), {0, 4, 1});
  ShareFeeds(feeds, true, &slice);
  EXPECT_EQ(slice.feeds(0).SerializeAsString(), feeds[0].SerializeAsString());
}

}  // namespace
}  // namespace drumline
