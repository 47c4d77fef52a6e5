// Where intervals begin and end, and what is in them.
#include "agent/recorder.h"

#include <memory>
#include <utility>
#include <vector>

#include "gtest/gtest.h"

namespace drumline {
namespace {

using Kind = Recorder::Kind;

constexpr int64_t kMs = 1'000'000;
constexpr int64_t kSecond = 1'000 * kMs;

// A recorder whose intervals are all kept.
class RecorderTest : public testing::Test {
 protected:
  void Make(int64_t warmup_ns, int64_t measure_ns) {
    recorder_ = std::make_unique<Recorder>(
        Recorder::Window{warmup_ns, measure_ns}, [this] { return gauges_; },
        [this](std::unique_ptr<WorkerInterval> full) {
          EXPECT_TRUE(full->warmup.CheckBalance().ok()) << full->warmup.CheckBalance();
          EXPECT_TRUE(full->measure.CheckBalance().ok()) << full->measure.CheckBalance();
          intervals_.push_back(std::move(full));
          return std::make_unique<WorkerInterval>();
        });
    recorder_->Begin();
  }

  // The ends of all intervals so far, in milliseconds.
  std::vector<int64_t> EndsMs() const {
    std::vector<int64_t> ends;
    int64_t begin_ns = 0;
    uint64_t number = 0;
    for (const auto& interval : intervals_) {
      EXPECT_EQ(interval->begin_ns, begin_ns);
      EXPECT_EQ(interval->number, ++number);
      begin_ns = interval->end_ns;
      ends.push_back(interval->end_ns / kMs);
    }
    return ends;
  }
  std::vector<proto::Phase> Phases() const {
    std::vector<proto::Phase> phases;
    for (const auto& interval : intervals_) phases.push_back(interval->phase);
    return phases;
  }

  Recorder::Gauges gauges_;
  std::unique_ptr<Recorder> recorder_;
  std::vector<std::unique_ptr<WorkerInterval>> intervals_;
};

constexpr proto::Phase kW = proto::PHASE_WARMUP;
constexpr proto::Phase kM = proto::PHASE_MEASURE;
constexpr proto::Phase kD = proto::PHASE_DRAIN;

TEST_F(RecorderTest, CutsAtWholeSecondsAndAtTheEndsOfPhases) {
  Make(2'500 * kMs, 2'200 * kMs);
  recorder_->Finish(5'300 * kMs);
  EXPECT_EQ(EndsMs(),
            (std::vector<int64_t>{1'000, 2'000, 2'500, 3'000, 4'000, 4'700, 5'000, 5'300}));
  EXPECT_EQ(Phases(), (std::vector{kW, kW, kW, kM, kM, kM, kD, kD}));
  for (const auto& interval : intervals_) {
    EXPECT_EQ(interval->last, interval == intervals_.back());
  }
}

TEST_F(RecorderTest, APhaseThatEndsAtAWholeSecondEndsNoIntervalOfItsOwn) {
  Make(kSecond, kSecond);
  recorder_->Finish(2'500 * kMs);
  EXPECT_EQ(EndsMs(), (std::vector<int64_t>{1'000, 2'000, 2'500}));
  EXPECT_EQ(Phases(), (std::vector{kW, kM, kD}));
}

TEST_F(RecorderTest, WithoutAWarmUpAllIsMeasured) {
  Make(0, 700 * kMs);
  EXPECT_EQ(recorder_->KindOf(0), Kind::kMeasured);
  recorder_->Finish(700 * kMs);
  EXPECT_EQ(EndsMs(), (std::vector<int64_t>{700, 700}));
  EXPECT_EQ(Phases(), (std::vector{kM, kD}));
}

TEST_F(RecorderTest, AnEventBelongsToTheIntervalInWhichItHappens) {
  Make(500 * kMs, kSecond);
  recorder_->AdvanceTo(499 * kMs);
  recorder_->Due(Kind::kWarmup);
  recorder_->Due(Kind::kWarmup);
  recorder_->AdvanceTo(500 * kMs);
  recorder_->Sent(Kind::kWarmup, kMs, kMs, 10);
  recorder_->Due(Kind::kMeasured);
  recorder_->AdvanceTo(999'999'999);
  recorder_->Sent(Kind::kMeasured, 0, 0, 10);
  recorder_->AdvanceTo(kSecond);
  recorder_->Answered(Kind::kMeasured, Outcome::kOk, 5, 5, 20);
  recorder_->Answered(Kind::kWarmup, Outcome::kOk, 5, 5, 20);
  recorder_->Unsent(Kind::kWarmup, 7);
  recorder_->Finish(1'500 * kMs);
  ASSERT_EQ(intervals_.size(), 4u);
  EXPECT_EQ(intervals_[0]->warmup.ledger().scheduled(), 2u);
  EXPECT_EQ(intervals_[0]->warmup.after(), (Carry{2, 0}));
  EXPECT_EQ(intervals_[1]->warmup.before(), (Carry{2, 0}));
  EXPECT_EQ(intervals_[1]->warmup.ledger().sent(), 1u);
  EXPECT_EQ(intervals_[1]->warmup.after(), (Carry{1, 1}));
  EXPECT_EQ(intervals_[1]->measure.ledger().scheduled(), 1u);
  EXPECT_EQ(intervals_[1]->measure.after(), (Carry{0, 1}));
  EXPECT_EQ(intervals_[1]->measure.bytes_sent(), 10u);
  EXPECT_EQ(intervals_[2]->measure.ledger().Count(Outcome::kOk), 1u);
  EXPECT_EQ(intervals_[2]->warmup.ledger().Count(Outcome::kUnsent), 1u);
  EXPECT_EQ(intervals_[2]->warmup.after(), Carry());
  EXPECT_EQ(intervals_[2]->measure.bytes_received(), 20u);
  EXPECT_EQ(intervals_[3]->measure.ledger(), Ledger());
}

TEST_F(RecorderTest, ALateLoopClosesEachIntervalThatItMissed) {
  Make(2'500 * kMs, 10 * kSecond);
  recorder_->AdvanceTo(3'700 * kMs);
  EXPECT_EQ(EndsMs(), (std::vector<int64_t>{1'000, 2'000, 2'500, 3'000}));
}

TEST_F(RecorderTest, EndWindowCutsWhereItIsCalled) {
  Make(kSecond, Recorder::kUnbounded);
  recorder_->EndWindow(2'300 * kMs);
  EXPECT_EQ(recorder_->window_end_ns(), 2'300 * kMs);
  recorder_->Finish(3'100 * kMs);
  EXPECT_EQ(EndsMs(), (std::vector<int64_t>{1'000, 2'000, 2'300, 3'000, 3'100}));
  EXPECT_EQ(Phases(), (std::vector{kW, kM, kM, kD, kD}));
}

TEST_F(RecorderTest, EndWindowAtABoundaryMakesNoEmptyInterval) {
  Make(0, 10 * kSecond);
  recorder_->EndWindow(2 * kSecond);
  recorder_->Finish(2'100 * kMs);
  EXPECT_EQ(EndsMs(), (std::vector<int64_t>{1'000, 2'000, 2'100}));
  EXPECT_EQ(Phases(), (std::vector{kM, kM, kD}));
}

TEST_F(RecorderTest, EndWindowInTheWarmUpIsFollowedByTheDrain) {
  Make(2'500 * kMs, kSecond);
  recorder_->EndWindow(1'200 * kMs);
  recorder_->Finish(2'700 * kMs);
  EXPECT_EQ(Phases().front(), kW);
  EXPECT_EQ(EndsMs()[1], 1'200);
  for (const auto& interval : intervals_) {
    EXPECT_EQ(interval->phase, interval->begin_ns < 1'200 * kMs ? kW : kD);
  }
}

TEST_F(RecorderTest, EndWindowAfterTheWindowChangesNothing) {
  Make(0, kSecond);
  recorder_->EndWindow(1'400 * kMs);
  EXPECT_EQ(recorder_->window_end_ns(), kSecond);
  recorder_->Finish(1'500 * kMs);
  EXPECT_EQ(EndsMs(), (std::vector<int64_t>{1'000, 1'500}));
}

TEST_F(RecorderTest, ReportsWhatTheGaugesGainedSinceTheLastInterval) {
  gauges_ = {100 * kMs, 4, 7};
  Make(0, 2'050 * kMs);
  gauges_ = {350 * kMs, 5, 9};
  recorder_->AdvanceTo(kSecond);
  gauges_ = {350 * kMs, 3, 9};
  recorder_->AdvanceTo(2 * kSecond);
  gauges_ = {400 * kMs, 3, 10};
  recorder_->Finish(2'050 * kMs);
  ASSERT_EQ(intervals_.size(), 4u);
  EXPECT_DOUBLE_EQ(intervals_[0]->busy, 0.25);
  EXPECT_EQ(intervals_[0]->connections_open, 5u);
  EXPECT_EQ(intervals_[0]->connects, 2u);
  EXPECT_DOUBLE_EQ(intervals_[1]->busy, 0);
  EXPECT_EQ(intervals_[1]->connects, 0u);
  // 50 ms are too short to say anything of.
  EXPECT_DOUBLE_EQ(intervals_[2]->busy, 0);
  EXPECT_EQ(intervals_[2]->connects, 1u);
}

}  // namespace
}  // namespace drumline
