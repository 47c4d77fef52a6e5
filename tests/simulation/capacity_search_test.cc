// The search for the highest rate, against targets of which it is known: thresholds, and queues
// with one server whose response times have a closed form.
#include "core/capacity_search.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <functional>
#include <random>
#include <utility>
#include <vector>

namespace drumline {
namespace {

using Step = CapacitySearch::Step;

struct Probed {
  double rate;
  Step step;
};

std::vector<Probed> CarryOut(CapacitySearch* search, const std::function<Met(double)>& target) {
  std::vector<Probed> probed;
  while (const auto probe = search->Next()) {
    probed.push_back({probe->rate, probe->step});
    search->Record(target(probe->rate));
  }
  return probed;
}

std::function<Met(double)> Threshold(double knee) {
  return [knee](double rate) { return rate <= knee ? Met::kYes : Met::kNo; };
}

TEST(CapacitySearch, BracketsAThresholdAndConfirmsIt) {
  std::mt19937_64 random(1);
  for (int i = 0; i < 1'000; ++i) {
    const double knee = std::exp(std::uniform_real_distribution<>(7, 12)(random));
    CapacitySearch search({.from = 1'000, .to = 200'000, .within = 0.02});
    const std::vector<Probed> probed = CarryOut(&search, Threshold(knee));
    ASSERT_TRUE(search.confirmed());
    ASSERT_LE(*search.knee(), knee);
    ASSERT_GT(*search.fails_at(), knee);
    ASSERT_LE(*search.fails_at(), *search.knee() * 1.02 * (1 + 1e-12));
    ASSERT_EQ(probed.back().step, Step::kConfirm);
    ASSERT_EQ(probed.back().rate, *search.knee());
    // 8 doublings, then as many halvings of the logarithm of 2 as reach 2 %.
    ASSERT_LE(probed.size(), 9u + 6u + 1u);
  }
}

TEST(CapacitySearch, SaysHowManyProbesASteadyTargetTakesAtMost) {
  std::mt19937_64 random(5);
  for (const auto& [to, within] : {std::pair(200'000.0, 0.02), std::pair(1'500.0, 0.05),
                                   std::pair(1'010.0, 0.05), std::pair(64'000.0, 0.5)}) {
    const CapacitySearch::Terms terms = {.from = 1'000, .to = to, .within = within};
    size_t most = 0;
    for (int i = 0; i < 2'000; ++i) {
      CapacitySearch search(terms);
      const double knee =
          900 * std::exp(std::uniform_real_distribution<>(0, std::log(1.3 * to / 900))(random));
      most = std::max(most, CarryOut(&search, Threshold(knee)).size());
    }
    EXPECT_EQ(most, static_cast<size_t>(CapacitySearch::MostOfASteadyTarget(terms))) << to;
  }
}

TEST(CapacitySearch, ClimbsByTheSameRatesWhateverTheTarget) {
  const auto climbed = [](double knee) {
    CapacitySearch search({.from = 100, .to = 1'000, .within = 0.1});
    std::vector<double> rates;
    for (const Probed& probe : CarryOut(&search, Threshold(knee))) {
      if (probe.step == Step::kClimb) rates.push_back(probe.rate);
    }
    return rates;
  };
  EXPECT_EQ(climbed(5'000), (std::vector<double>{100, 200, 400, 800, 1'000}));
  EXPECT_EQ(climbed(500), (std::vector<double>{100, 200, 400, 800}));
}

TEST(CapacitySearch, SaysWhereTheScaleEnds) {
  CapacitySearch beyond({.from = 100, .to = 1'000, .within = 0.1});
  CarryOut(&beyond, Threshold(5'000));
  EXPECT_EQ(beyond.knee(), 1'000);
  EXPECT_FALSE(beyond.fails_at().has_value());
  EXPECT_TRUE(beyond.confirmed());
  CapacitySearch below({.from = 100, .to = 1'000, .within = 0.1});
  EXPECT_EQ(CarryOut(&below, Threshold(50)).size(), 1u);
  EXPECT_FALSE(below.knee().has_value());
  EXPECT_EQ(below.fails_at(), 100);
}

TEST(CapacitySearch, GoesOnBelowARateThatWasMetByLuck) {
  // The first run at 400 is lucky; the target really bears 300.
  int at_luck = 0;
  CapacitySearch search({.from = 100, .to = 1'000, .within = 1});
  CarryOut(&search, [&](double rate) {
    if (rate == 400) return ++at_luck == 1 ? Met::kYes : Met::kNo;
    return Threshold(300)(rate);
  });
  EXPECT_TRUE(search.confirmed());
  EXPECT_EQ(search.knee(), 200);
  EXPECT_EQ(search.fails_at(), 400);
}

TEST(CapacitySearch, RepeatsARunThatCouldNotBeJudgedOnce) {
  CapacitySearch search({.from = 100, .to = 1'000, .within = 1});
  const std::vector<Probed> probed =
      CarryOut(&search, [](double rate) { return rate > 300 ? Met::kUnjudged : Met::kYes; });
  EXPECT_EQ(std::count_if(probed.begin(), probed.end(),
                          [](const Probed& probe) { return probe.rate == 400; }),
            2);
  EXPECT_TRUE(search.limited_by_generator());
  EXPECT_EQ(search.knee(), 200);
}

// Ends whatever it is told.
TEST(CapacitySearch, Ends) {
  std::mt19937_64 random(7);
  for (int i = 0; i < 2'000; ++i) {
    CapacitySearch search({.from = 1, .to = 1'000'000, .within = 0.001});
    const std::vector<Probed> probed =
        CarryOut(&search, [&](double) { return static_cast<Met>(random() % 3); });
    ASSERT_LE(probed.size(), static_cast<size_t>(CapacitySearch::kMostProbes));
  }
}

// One server with exponential service times of rate mu and Poisson arrivals: response times are
// exponential with rate mu − lambda, so that their p99 is ln 100 / (mu − lambda).
double SimulatedP99(double lambda, double mu, int requests, std::mt19937_64* random) {
  std::exponential_distribution<double> gap(lambda);
  std::exponential_distribution<double> work(mu);
  std::vector<double> responses;
  double response = 0;
  for (int i = 0; i < requests; ++i) {
    response = std::max(0.0, response - gap(*random)) + work(*random);
    responses.push_back(response);
  }
  const auto p99 = responses.begin() + static_cast<int64_t>(0.99 * requests);
  std::nth_element(responses.begin(), p99, responses.end());
  return *p99;
}

TEST(CapacitySearch, FindsTheKneeOfAQueueWithinTwoPerCent) {
  constexpr double kMu = 10'000;
  constexpr double kLimitS = 0.005;
  const double truth = kMu - std::log(100) / kLimitS;  // 9,079/s
  std::mt19937_64 random(3);
  for (int i = 0; i < 3; ++i) {
    CapacitySearch search({.from = 500, .to = 50'000, .within = 0.01});
    CarryOut(&search, [&](double rate) {
      return SimulatedP99(rate, kMu, 200'000, &random) < kLimitS ? Met::kYes : Met::kNo;
    });
    EXPECT_NEAR(*search.knee(), truth, 0.02 * truth);
    EXPECT_TRUE(search.confirmed());
  }
}

}  // namespace
}  // namespace drumline
