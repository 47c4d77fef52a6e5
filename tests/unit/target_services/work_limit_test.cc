// The limit of concurrent work, in virtual time, against a model that is too simple to be wrong.
#include "target-services/api/work_limit.h"

#include <gtest/gtest.h>

#include <chrono>
#include <deque>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace drumline::target {
namespace {

using std::chrono::milliseconds;
using TimePoint = WorkLimit::TimePoint;
using Entry = WorkLimit::Entry;

// Answers that write their own number down when they are answered.
class Ledger {
 public:
  DeferredAnswer Open(int number) {
    return DeferredAnswer(
        [this, number](const DeferredAnswer::Content&) { answered_.push_back(number); });
  }
  // Answers it, and says which one it was.
  int Close(DeferredAnswer answer) {
    answer.Respond(200, "", "");
    return answered_.back();
  }
  const std::vector<int>& answered() const { return answered_; }

 private:
  std::vector<int> answered_;
};

TEST(WorkLimitTest, TheLongestWaitingIsServedFirst) {
  Ledger ledger;
  WorkLimit limit({.max_in_work = 1});
  const TimePoint now;
  ASSERT_TRUE(limit.Enter());
  ASSERT_FALSE(limit.Enter());
  for (int number : {1, 2}) {
    DeferredAnswer answer = ledger.Open(number);
    ASSERT_EQ(limit.EnterOrWait(now, answer), Entry::kWaiting);
  }
  EXPECT_EQ(ledger.Close(*limit.Leave()), 1);
  EXPECT_FALSE(limit.Enter());
  EXPECT_EQ(ledger.Close(*limit.Leave()), 2);
  EXPECT_FALSE(limit.Leave());
  EXPECT_EQ(limit.in_work(), 0U);
}

TEST(WorkLimitTest, ASlotThatBecameFreeInBetweenIsTaken) {
  Ledger ledger;
  WorkLimit limit({.max_in_work = 1});
  ASSERT_TRUE(limit.Enter());
  ASSERT_FALSE(limit.Enter());
  ASSERT_FALSE(limit.Leave());
  DeferredAnswer answer = ledger.Open(1);
  EXPECT_EQ(limit.EnterOrWait(TimePoint(), answer), Entry::kInWork);
  EXPECT_EQ(ledger.Close(std::move(answer)), 1);
}

TEST(WorkLimitTest, GivesUpAtTheDeadlineAndNotBefore) {
  Ledger ledger;
  WorkLimit limit({.max_in_work = 1, .max_wait = milliseconds(100)});
  const TimePoint begin;
  ASSERT_TRUE(limit.Enter());
  EXPECT_FALSE(limit.next_deadline());
  DeferredAnswer answer = ledger.Open(1);
  ASSERT_EQ(limit.EnterOrWait(begin, answer), Entry::kWaiting);
  EXPECT_EQ(limit.next_deadline(), begin + milliseconds(100));
  EXPECT_TRUE(limit.Expire(begin + milliseconds(100) - std::chrono::nanoseconds(1)).empty());
  EXPECT_EQ(limit.Expire(begin + milliseconds(100)).size(), 1U);
  EXPECT_FALSE(limit.next_deadline());
  EXPECT_FALSE(limit.Leave());
}

struct Model {
  int in_work = 0;
  std::deque<std::pair<TimePoint, int>> waiting;
};

TEST(WorkLimitTest, AgreesWithAModel) {
  constexpr int kSlots = 4;
  constexpr size_t kMostWaiting = 6;
  const WorkConfig config{kSlots, milliseconds(20), kMostWaiting};
  for (uint64_t seed = 1; seed <= 50; ++seed) {
    std::mt19937_64 random(seed);
    Ledger ledger;  // Outlives those that are answered at the end.
    WorkLimit limit(config);
    Model model;
    TimePoint now;
    for (int number = 0; number < 2'000; ++number) {
      now += milliseconds(random() % 3);
      const uint64_t event = random() % 5;
      if (event < 3) {
        const bool enters = model.in_work < kSlots;
        ASSERT_EQ(limit.Enter(), enters);
        if (enters) {
          ++model.in_work;
          continue;
        }
        DeferredAnswer answer = ledger.Open(number);
        const bool waits = model.waiting.size() < kMostWaiting;
        ASSERT_EQ(limit.EnterOrWait(now, answer), waits ? Entry::kWaiting : Entry::kRefused);
        if (waits) model.waiting.emplace_back(now + milliseconds(20), number);
      } else if (event == 3 && model.in_work > 0) {
        std::optional<DeferredAnswer> next = limit.Leave();
        ASSERT_EQ(next.has_value(), !model.waiting.empty());
        if (!next) {
          --model.in_work;
          continue;
        }
        ASSERT_EQ(ledger.Close(std::move(*next)), model.waiting.front().second);
        model.waiting.pop_front();
      } else {
        for (DeferredAnswer& late : limit.Expire(now)) {
          ASSERT_FALSE(model.waiting.empty());
          ASSERT_LE(model.waiting.front().first, now);
          ASSERT_EQ(ledger.Close(std::move(late)), model.waiting.front().second);
          model.waiting.pop_front();
        }
        ASSERT_TRUE(model.waiting.empty() || model.waiting.front().first > now);
      }
      ASSERT_EQ(limit.in_work(), static_cast<size_t>(model.in_work));
    }
  }
}

}  // namespace
}  // namespace drumline::target
