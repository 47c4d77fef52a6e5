// The laws against their closed forms.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <string>
#include <vector>

#include "target-services/oracle/choice_sequence.h"
#include "target-services/oracle/delay_law.h"
#include "target-services/oracle/duration_text.h"
#include "target-services/oracle/fate_law.h"

namespace drumline::target {
namespace {

constexpr uint64_t kDraws = 1'000'000;
constexpr double kMs = 1e6;

DelayLaw Law(const std::string& text, uint64_t seed = 7) { return *DelayLaw::Parse(text, seed); }

std::string WrittenFile(const std::string& text) {
  const std::string path = std::string(std::getenv("TEST_TMPDIR")) + "/delays";
  std::ofstream(path) << text;
  return path;
}

// The distance of the draws from the distribution function, at its greatest. Dvoretzky, Kiefer and
// Wolfowitz, with Massart's constant: P(sup |F_n − F| > e) ≤ 2 exp(−2 n e²).
void ExpectLaw(const DelayLaw& law, const std::function<double(double)>& cdf) {
  std::vector<double> draws;
  for (uint64_t number = 0; number < kDraws; ++number) {
    draws.push_back(static_cast<double>(law.DelayNs(number)));
  }
  std::sort(draws.begin(), draws.end());
  double greatest = 0;
  for (uint64_t i = 0; i < kDraws; ++i) {
    const double expected = cdf(draws[i]);
    greatest = std::max({greatest, std::abs(static_cast<double>(i) / kDraws - expected),
                         std::abs(static_cast<double>(i + 1) / kDraws - expected)});
  }
  EXPECT_LT(greatest, std::sqrt(std::log(2 / 1e-6) / (2 * kDraws)));
}

TEST(DelayLawTest, FixedIsFixed) {
  const DelayLaw law = Law("fixed:2ms");
  for (uint64_t number : {0u, 1u, 77u}) EXPECT_EQ(law.DelayNs(number), 2'000'000);
  EXPECT_EQ(DelayLaw().DelayNs(3), 0);
}

TEST(DelayLawTest, TwoPointHasItsShares) {
  const DelayLaw law = Law("two-point:1ms,20ms,0.01");
  uint64_t slow = 0;
  for (uint64_t number = 0; number < kDraws; ++number) {
    const int64_t delay_ns = law.DelayNs(number);
    ASSERT_TRUE(delay_ns == 1'000'000 || delay_ns == 20'000'000) << delay_ns;
    if (delay_ns == 20'000'000) ++slow;
  }
  // Binomial: five standard deviations.
  EXPECT_NEAR(static_cast<double>(slow), 0.01 * kDraws, 5 * std::sqrt(kDraws * 0.01 * 0.99));
  for (uint64_t number = 0; number < 1'000; ++number) {
    EXPECT_EQ(Law("two-point:1ms,20ms,0").DelayNs(number), 1'000'000);
    EXPECT_EQ(Law("two-point:1ms,20ms,1").DelayNs(number), 20'000'000);
  }
}

TEST(DelayLawTest, ExponentialFollowsItsDistributionFunction) {
  ExpectLaw(Law("exponential:5ms"), [](double x) { return 1 - std::exp(-x / (5 * kMs)); });
}

TEST(DelayLawTest, LognormalFollowsItsDistributionFunction) {
  ExpectLaw(Law("lognormal:2ms,0.5"), [](double x) {
    return 0.5 * std::erfc(-std::log(x / (2 * kMs)) / (0.5 * std::sqrt(2)));
  });
}

TEST(DelayLawTest, ATailEndsAtTheLongestDuration) {
  const DelayLaw law = Law("lognormal:60m,10");
  int64_t longest = 0;
  for (uint64_t number = 0; number < 100; ++number) {
    longest = std::max(longest, law.DelayNs(number));
  }
  EXPECT_EQ(longest, kMaxDurationNs);
}

TEST(DelayLawTest, ADelayBelongsToItsNumberAndSeedAlone) {
  const DelayLaw law = Law("exponential:5ms", 1);
  const int64_t first = law.DelayNs(5);
  law.DelayNs(6);
  EXPECT_EQ(law.DelayNs(5), first);
  EXPECT_EQ(Law("exponential:5ms", 1).DelayNs(5), first);
  EXPECT_NE(Law("exponential:5ms", 2).DelayNs(5), first);
  // From the generator's definition in another language, so that a script can draw the same.
  EXPECT_EQ(ChoiceSequence(1, ChoiceSequence::Kind::kDelay).BitsAt(0), 0xb18a02f46d8d86c3u);
  EXPECT_EQ(ChoiceSequence(1, ChoiceSequence::Kind::kFate).BitsAt(12345), 0xc9fe540b0381941fu);
}

TEST(DelayLawTest, AFileIsReadInTurnAndAgain) {
  const DelayLaw law = Law("file:" + WrittenFile("# three\n1ms\n\n 2ms \r\n3us"));
  const std::vector<int64_t> expected = {1'000'000, 2'000'000, 3'000, 1'000'000, 2'000'000};
  for (uint64_t number = 0; number < expected.size(); ++number) {
    EXPECT_EQ(law.DelayNs(number), expected[number]) << number;
  }
}

TEST(DelayLawTest, WhatIsWrongIsNamed) {
  const std::string file = WrittenFile("1ms\n# two\n2\n");
  const std::string empty = std::string(std::getenv("TEST_TMPDIR")) + "/empty";
  std::ofstream(empty) << "# nothing\n";
  const std::vector<std::pair<std::string, std::string>> wrong = {
      {"", "expected fixed:2ms"},
      {"2ms", "expected fixed:2ms"},
      {"uniform:1ms,2ms", "expected fixed:2ms"},
      {"fixed", "`` is no number"},
      {"fixed:1ms,2ms", "has none of the units"},
      {"exponential:5", "has none of the units"},
      {"two-point:1ms,20ms", "expected two delays and a probability"},
      {"two-point:1ms,20ms,1.1", "expected a probability"},
      {"two-point:1ms,20,0.1", "has none of the units"},
      {"two-point:1ms,20ms,x", "expected a number"},
      {"lognormal:1ms", "expected a median and a sigma"},
      {"lognormal:1ms,11", "expected a sigma"},
      {"file:/nowhere", "/nowhere: cannot be read"},
      {"file:/", "/: cannot be read"},
      {"file:" + file, file + ":3: `2` has none of the units"},
      {"file:" + empty, "expected one delay a line"},
  };
  for (const auto& [text, words] : wrong) {
    const absl::StatusOr<DelayLaw> law = DelayLaw::Parse(text, 1);
    ASSERT_FALSE(law.ok()) << text;
    EXPECT_NE(std::string(law.status().message()).find(words), std::string::npos)
        << text << ": " << law.status();
  }
}

TEST(FateLawTest, FatesHaveTheirShares) {
  const FateLaw law({.resets = 0.02, .truncated = 0.03, .errors = 0.05}, 7);
  std::vector<double> counts(kFateCount);
  for (uint64_t number = 0; number < kDraws; ++number) {
    ++counts[static_cast<size_t>(law.FateOf(number))];
  }
  const std::vector<double> shares = {0.9, 0.05, 0.02, 0.03};  // In the order of Fate.
  for (size_t i = 0; i < kFateCount; ++i) {
    EXPECT_NEAR(counts[i], shares[i] * kDraws, 5 * std::sqrt(kDraws * shares[i] * (1 - shares[i])))
        << i;
  }
  for (uint64_t number = 0; number < 1'000; ++number) {
    EXPECT_EQ(FateLaw({}, 7).FateOf(number), Fate::kOk);
    EXPECT_EQ(FateLaw({.errors = 1}, 7).FateOf(number), Fate::kError);
  }
}

// If both came from one sequence, the slow would be the ones that fail.
TEST(FateLawTest, FatesAndDelaysAreIndependent) {
  const FateLaw fates({.errors = 0.1}, 7);
  const DelayLaw delays = Law("two-point:1ms,20ms,0.1");
  uint64_t both = 0;
  for (uint64_t number = 0; number < kDraws; ++number) {
    if (fates.FateOf(number) == Fate::kError && delays.DelayNs(number) == 20'000'000) ++both;
  }
  EXPECT_NEAR(static_cast<double>(both), 0.01 * kDraws, 5 * std::sqrt(kDraws * 0.01 * 0.99));
}

}  // namespace
}  // namespace drumline::target
