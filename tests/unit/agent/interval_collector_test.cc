// Workers' intervals come together, whatever the order in which they come; what is not acknowledged
// is kept and offered again.
#include "agent/interval_collector.h"

#include <utility>
#include <vector>

#include "agent/interval_exchange.h"
#include "core/book_codec.h"
#include "core/random.h"
#include "gtest/gtest.h"

namespace drumline {
namespace {

constexpr int64_t kSecond = 1'000'000'000;

// The interval of a worker in which [requests] were answered.
WorkerInterval IntervalOf(uint64_t number, uint64_t requests, bool last = false) {
  WorkerInterval interval;
  interval.number = number;
  interval.begin_ns = static_cast<int64_t>(number - 1) * kSecond;
  interval.end_ns = static_cast<int64_t>(number) * kSecond;
  interval.phase = proto::PHASE_MEASURE;
  for (uint64_t i = 0; i < requests; ++i) {
    interval.measure.Due();
    interval.measure.Sent(1, 1);
    interval.measure.Answered(Outcome::kOk, 10, 9);
  }
  interval.connections_open = 4;
  interval.connects = 1;
  interval.busy = 0.5;
  interval.last = last;
  return interval;
}

std::vector<uint64_t> NumbersOf(const std::vector<const proto::Interval*>& intervals) {
  std::vector<uint64_t> numbers;
  for (const proto::Interval* interval : intervals) numbers.push_back(interval->number());
  return numbers;
}

using Numbers = std::vector<uint64_t>;

TEST(IntervalCollector, WaitsForAllWorkers) {
  IntervalCollector collector("run", "agent", 2);
  collector.Add(0, IntervalOf(1, 3), 100);
  collector.Add(0, IntervalOf(2, 3), 200);
  EXPECT_TRUE(collector.TakeUnsent().empty());
  EXPECT_EQ(collector.newest(), 0u);
  WorkerInterval other = IntervalOf(1, 4);
  other.busy = 0.25;
  collector.Add(1, other, 300);
  const auto intervals = collector.TakeUnsent();
  ASSERT_EQ(NumbersOf(intervals), Numbers{1});
  const proto::Interval& interval = *intervals[0];
  EXPECT_EQ(interval.run_id(), "run");
  EXPECT_EQ(interval.agent_id(), "agent");
  EXPECT_EQ(interval.begin_ns(), 0);
  EXPECT_EQ(interval.end_ns(), kSecond);
  EXPECT_EQ(interval.phase(), proto::PHASE_MEASURE);
  EXPECT_EQ(interval.measure().ok(), 7u);
  EXPECT_TRUE(BookCodec::Decode(interval.measure()).ok());
  EXPECT_EQ(interval.connections_open(), 8u);
  EXPECT_EQ(interval.connects(), 2u);
  ASSERT_EQ(interval.worker_busy_size(), 2);
  EXPECT_DOUBLE_EQ(interval.worker_busy(0), 0.5);
  EXPECT_DOUBLE_EQ(interval.worker_busy(1), 0.25);
  EXPECT_EQ(interval.agent_cpu_ns(), 300);
  EXPECT_FALSE(interval.last());
}

TEST(IntervalCollector, CountsTheAgentsTimeOnce) {
  IntervalCollector collector("run", "agent", 1);
  collector.Add(0, IntervalOf(1, 1), 100);
  collector.Add(0, IntervalOf(2, 1), 350);
  const auto intervals = collector.TakeUnsent();
  EXPECT_EQ(intervals[0]->agent_cpu_ns() + intervals[1]->agent_cpu_ns(), 350);
}

// Workers with different numbers of intervals, delivered in every order that keeps each worker's
// own: always the same intervals, and the last one is last.
TEST(IntervalCollector, TheOrderOfDeliveryDoesNotMatter) {
  const std::vector<uint64_t> lengths = {2, 5, 3};
  for (uint64_t seed = 0; seed < 60; ++seed) {
    const RandomSequence random(seed);
    IntervalCollector collector("run", "agent", lengths.size());
    std::vector<uint64_t> delivered(lengths.size(), 0);
    std::vector<proto::Interval> all;
    uint64_t position = 0;
    while (!collector.Complete()) {
      const size_t worker = random.BitsAt(position++) % lengths.size();
      if (delivered[worker] == lengths[worker]) continue;
      ++delivered[worker];
      const bool last = delivered[worker] == lengths[worker];
      collector.Add(worker, IntervalOf(delivered[worker], worker + 1, last), 0);
      for (const proto::Interval* interval : collector.TakeUnsent()) all.push_back(*interval);
      ASSERT_LT(position, 1000u);
    }
    EXPECT_EQ(delivered, lengths) << "seed " << seed;
    ASSERT_EQ(all.size(), 5u) << "seed " << seed;
    for (size_t i = 0; i < all.size(); ++i) {
      EXPECT_EQ(all[i].number(), i + 1);
      EXPECT_EQ(all[i].begin_ns(), static_cast<int64_t>(i) * kSecond);
      EXPECT_EQ(all[i].last(), i == 4) << "seed " << seed;
      uint64_t expected = 0;
      for (size_t worker = 0; worker < lengths.size(); ++worker) {
        if (i < lengths[worker]) expected += worker + 1;
      }
      EXPECT_EQ(all[i].measure().ok(), expected);
    }
    EXPECT_EQ(collector.newest(), 5u);
  }
}

TEST(IntervalCollector, AWorkerThatNeverBeganIsNotWaitedFor) {
  for (bool absent_first : {true, false}) {
    IntervalCollector collector("run", "agent", 2);
    if (absent_first) collector.AddAbsent(1, 0);
    collector.Add(0, IntervalOf(1, 2), 0);
    collector.Add(0, IntervalOf(2, 2, /*last=*/true), 0);
    if (!absent_first) collector.AddAbsent(1, 0);
    EXPECT_TRUE(collector.Complete());
    const auto intervals = collector.TakeUnsent();
    ASSERT_EQ(NumbersOf(intervals), (Numbers{1, 2}));
    EXPECT_FALSE(intervals[0]->last());
    EXPECT_TRUE(intervals[1]->last());
  }
  IntervalCollector nobody("run", "agent", 1);
  nobody.AddAbsent(0, 0);
  EXPECT_TRUE(nobody.Complete());
  EXPECT_TRUE(nobody.Delivered());
  EXPECT_EQ(nobody.newest(), 0u);
}

// A closed loop by count: one worker has its answers at 1.3 s and ends, the other goes on. Each
// instant belongs to one interval, so that the window is as long as it was.
TEST(IntervalCollector, IntervalsFollowEachOtherWhereWorkersEndApart) {
  IntervalCollector collector("run", "agent", 2);
  for (size_t worker : {0u, 1u}) collector.Add(worker, IntervalOf(1, 1), 0);
  WorkerInterval short_one = IntervalOf(2, 1);
  short_one.end_ns = 1'300'000'000;
  collector.Add(0, short_one, 0);
  WorkerInterval end = IntervalOf(3, 0, /*last=*/true);
  end.begin_ns = end.end_ns = 1'300'000'000;
  end.phase = proto::PHASE_DRAIN;
  collector.Add(0, end, 0);
  collector.Add(1, IntervalOf(2, 1), 0);
  collector.Add(1, IntervalOf(3, 1), 0);
  collector.Add(1, IntervalOf(4, 1, /*last=*/true), 0);
  int64_t begin_ns = 0;
  for (const proto::Interval* interval : collector.TakeUnsent()) {
    EXPECT_EQ(interval->begin_ns(), begin_ns);
    EXPECT_EQ(interval->end_ns(), begin_ns + kSecond);
    EXPECT_EQ(interval->phase(), proto::PHASE_MEASURE);
    begin_ns = interval->end_ns();
  }
  EXPECT_EQ(begin_ns, 4 * kSecond);
}

TEST(IntervalCollector, KeepsWhatIsNotAcknowledgedAndOffersItAgain) {
  IntervalCollector collector("run", "agent", 1);
  for (uint64_t number = 1; number <= 4; ++number) collector.Add(0, IntervalOf(number, 1), 0);
  EXPECT_EQ(NumbersOf(collector.TakeUnsent()), (Numbers{1, 2, 3, 4}));
  EXPECT_TRUE(collector.TakeUnsent().empty());
  collector.Acknowledge(2);
  EXPECT_TRUE(collector.TakeUnsent().empty());
  collector.Add(0, IntervalOf(5, 1), 0);
  EXPECT_EQ(NumbersOf(collector.TakeUnsent()), Numbers{5});
  collector.Rewind();
  EXPECT_EQ(NumbersOf(collector.TakeUnsent()), (Numbers{3, 4, 5}));
  // Late, doubled and premature acknowledgements.
  collector.Acknowledge(1);
  collector.Acknowledge(0);
  collector.Rewind();
  EXPECT_EQ(NumbersOf(collector.TakeUnsent()), (Numbers{3, 4, 5}));
  collector.Acknowledge(99);
  collector.Add(0, IntervalOf(6, 1, /*last=*/true), 0);
  EXPECT_TRUE(collector.Complete());
  EXPECT_FALSE(collector.Delivered());
  EXPECT_EQ(NumbersOf(collector.TakeUnsent()), Numbers{6});
  collector.Acknowledge(6);
  EXPECT_TRUE(collector.Delivered());
}

TEST(IntervalCollector, AcknowledgingWhatAnEarlierStreamSentLosesNothing) {
  IntervalCollector collector("run", "agent", 1);
  for (uint64_t number = 1; number <= 3; ++number) collector.Add(0, IntervalOf(number, 1), 0);
  collector.TakeUnsent();
  collector.Rewind();
  collector.Acknowledge(2);
  EXPECT_EQ(NumbersOf(collector.TakeUnsent()), Numbers{3});
}

TEST(IntervalCollector, IsFullAfterAnHour) {
  IntervalCollector collector("run", "agent", 1);
  WorkerInterval interval = IntervalOf(1, 0);
  for (uint64_t number = 1; number <= IntervalCollector::kMaxKept; ++number) {
    EXPECT_FALSE(collector.Full());
    interval.number = number;
    collector.Add(0, interval, 0);
  }
  EXPECT_TRUE(collector.Full());
  collector.Acknowledge(1);
  EXPECT_FALSE(collector.Full());
}

TEST(IntervalExchange, GivesBackClearedIntervalsAndKeepsTheOrder) {
  int woken = 0;
  IntervalExchange exchange([&woken] { ++woken; });
  auto first = std::make_unique<WorkerInterval>(IntervalOf(1, 2));
  const WorkerInterval* address = first.get();
  EXPECT_NE(exchange.Swap(3, std::move(first)), nullptr);
  exchange.Swap(1, std::make_unique<WorkerInterval>(IntervalOf(7, 2)));
  EXPECT_EQ(woken, 2);
  auto full = exchange.TakeFull();
  ASSERT_EQ(full.size(), 2u);
  EXPECT_EQ(full[0].first, 3u);
  EXPECT_EQ(full[1].first, 1u);
  EXPECT_EQ(full[1].second->number, 7u);
  EXPECT_TRUE(exchange.TakeFull().empty());
  exchange.Return(std::move(full[0].second));
  const auto again = exchange.Swap(0, std::make_unique<WorkerInterval>());
  EXPECT_EQ(again.get(), address);
  EXPECT_EQ(again->number, 0u);
  EXPECT_EQ(again->measure.ledger(), Ledger());
}

}  // namespace
}  // namespace drumline
