#include "target-services/oracle/due_queue.h"

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <random>

namespace drumline::target {
namespace {

TEST(DueQueueTest, AnEmptyOneIsNeverDue) {
  const DueQueue<int> queue;
  EXPECT_EQ(queue.next_due_ns(), DueQueue<int>::kNever);
  EXPECT_EQ(queue.size(), 0u);
}

// A multimap keeps those of one key in the order in which they came.
TEST(DueQueueTest, AgreesWithAMultimap) {
  std::mt19937_64 random(5);
  DueQueue<uint64_t> queue;
  std::multimap<int64_t, uint64_t> expected;
  for (uint64_t step = 0; step < 100'000; ++step) {
    // Grows and empties in waves, with many of one instant.
    const bool add = expected.empty() || random() % 100 < (step / 1'000 % 2 == 0 ? 70 : 35);
    if (add) {
      const auto due_ns = static_cast<int64_t>(random() % 500);
      queue.Add(due_ns, step);
      expected.emplace(due_ns, step);
    } else {
      ASSERT_EQ(queue.next_due_ns(), expected.begin()->first);
      ASSERT_EQ(queue.Take(), expected.begin()->second);
      expected.erase(expected.begin());
    }
    ASSERT_EQ(queue.size(), expected.size());
  }
}

TEST(DueQueueTest, TakesWhatCanOnlyBeMoved) {
  DueQueue<std::unique_ptr<int>> queue;
  queue.Add(2, std::make_unique<int>(2));
  queue.Add(1, std::make_unique<int>(1));
  EXPECT_EQ(*queue.Take(), 1);
  EXPECT_EQ(*queue.Take(), 2);
}

}  // namespace
}  // namespace drumline::target
