#include "core/ledger.h"

#include "absl/strings/match.h"
#include "gtest/gtest.h"

namespace drumline {
namespace {

// 10 due: 1 never sent, 2 still waiting, 7 sent: one of each outcome but unsent would be 8, so
// that one more was in flight before.
Ledger OneOfEach() {
  Ledger ledger;
  for (int i = 0; i < 10; ++i) ledger.Schedule();
  for (int i = 0; i < 7; ++i) ledger.Send();
  for (size_t i = 0; i < kOutcomeCount; ++i) ledger.End(static_cast<Outcome>(i));
  return ledger;
}
constexpr Carry kBefore = {0, 2};
constexpr Carry kAfter = {2, 1};

TEST(Ledger, SumsItsOutcomes) {
  const Ledger ledger = OneOfEach();
  EXPECT_EQ(ledger.SentAndEnded(), 8u);
  EXPECT_EQ(ledger.Answered(), 3u);
  EXPECT_EQ(ledger.Failed(), 8u);
  EXPECT_TRUE(ledger.CheckBalance(kBefore, kAfter).ok());
}

TEST(Ledger, AnEmptyOneIsClosed) { EXPECT_TRUE(Ledger().CheckClosed().ok()); }

TEST(Ledger, AMissOfOneIsFoundWhereverItIs) {
  for (int64_t step : {-1, 1}) {
    const auto off = [step](uint64_t value) { return value + static_cast<uint64_t>(step); };
    Ledger ledger = OneOfEach();
    ledger.set_scheduled(off(ledger.scheduled()));
    EXPECT_FALSE(ledger.CheckBalance(kBefore, kAfter).ok());
    ledger = OneOfEach();
    ledger.set_sent(off(ledger.sent()));
    EXPECT_FALSE(ledger.CheckBalance(kBefore, kAfter).ok());
    for (size_t i = 0; i < kOutcomeCount; ++i) {
      ledger = OneOfEach();
      ledger.SetCount(static_cast<Outcome>(i), off(1));
      EXPECT_FALSE(ledger.CheckBalance(kBefore, kAfter).ok()) << kOutcomeNames[i];
    }
    ledger = OneOfEach();
    EXPECT_FALSE(ledger.CheckBalance({off(0), 2}, kAfter).ok());
    EXPECT_FALSE(ledger.CheckBalance({0, off(2)}, kAfter).ok());
    EXPECT_FALSE(ledger.CheckBalance(kBefore, {off(2), 1}).ok());
    EXPECT_FALSE(ledger.CheckBalance(kBefore, {2, off(1)}).ok());
  }
}

TEST(Ledger, AnErrorNamesBothSides) {
  Ledger ledger;
  ledger.set_scheduled(17);
  ledger.set_sent(16);
  const absl::Status status = ledger.CheckClosed();
  EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss);
  EXPECT_TRUE(absl::StrContains(status.message(), "17")) << status;
  EXPECT_TRUE(absl::StrContains(status.message(), "16")) << status;
}

TEST(Ledger, AddsCountByCount) {
  Ledger sum = OneOfEach();
  sum += OneOfEach();
  EXPECT_EQ(sum.scheduled(), 20u);
  EXPECT_EQ(sum.sent(), 14u);
  for (size_t i = 0; i < kOutcomeCount; ++i) EXPECT_EQ(sum.Count(static_cast<Outcome>(i)), 2u);
  Carry before = kBefore;
  before += kBefore;
  Carry after = kAfter;
  after += kAfter;
  EXPECT_TRUE(sum.CheckBalance(before, after).ok());
}

TEST(Ledger, EachOutcomeHasANameOfItsOwn) {
  for (size_t i = 0; i < kOutcomeCount; ++i) {
    EXPECT_FALSE(kOutcomeNames[i].empty());
    for (size_t j = 0; j < i; ++j) EXPECT_NE(kOutcomeNames[i], kOutcomeNames[j]);
  }
  EXPECT_EQ(OutcomeName(Outcome::kUnsent), "unsent");
  EXPECT_EQ(OutcomeName(Outcome::kOk), "ok");
}

}  // namespace
}  // namespace drumline
