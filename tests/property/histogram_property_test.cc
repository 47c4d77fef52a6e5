// Rule of measurement 5: counts travel and histograms merge by adding; merging is associative,
// commutative and byte-identical in any order; a quantile is right to 0.1 % from 1 µs to 1 h.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <functional>
#include <random>
#include <string>
#include <vector>

#include "core/histogram.h"
#include "core/histogram_codec.h"

namespace drumline {
namespace {

using Random = std::mt19937_64;

double Uniform(Random& random) { return (static_cast<double>(random() >> 11) + 0.5) * 0x1.0p-53; }

struct Distribution {
  const char* name;
  std::function<double(Random&)> draw_ns;
};

std::vector<Distribution> Distributions() {
  const auto exponential = [](Random& r) { return -1e6 * std::log(Uniform(r)); };
  const auto lognormal = [](Random& r) {
    const double normal = std::sqrt(-2 * std::log(Uniform(r))) * std::cos(2 * M_PI * Uniform(r));
    return std::exp(14 + 2 * normal);
  };
  return {
      {"uniform", [](Random& r) { return 1e3 + 1e9 * Uniform(r); }},
      {"exponential", exponential},
      {"lognormal", lognormal},
      {"bimodal",
       [](Random& r) { return Uniform(r) < 0.99 ? 1e6 + 1e5 * Uniform(r) : 2e8 * Uniform(r); }},
      {"pareto", [](Random& r) { return 1e4 * std::pow(Uniform(r), -1 / 1.1); }},
      {"constant", [](Random&) { return 123'456'789.0; }},
      {"two-point", [](Random& r) { return Uniform(r) < 0.5 ? 1e4 + 1 : 3.5e12; }},
      {"log-uniform over the whole range",
       [](Random& r) { return std::exp(std::log(3.6e12) * Uniform(r)); }},
  };
}

std::vector<int64_t> Draw(const Distribution& distribution, size_t n, Random& random) {
  std::vector<int64_t> values(n);
  for (int64_t& value : values) {
    const double drawn = std::clamp(distribution.draw_ns(random), 0.0, 3.6e12);
    value = static_cast<int64_t>(drawn);
  }
  return values;
}

Histogram Of(const std::vector<int64_t>& values) {
  Histogram histogram;
  for (int64_t value : values) histogram.Record(value);
  return histogram;
}

std::string Bytes(const Histogram& histogram) {
  proto::HistogramCounts counts;
  EncodeHistogram(histogram, &counts);
  return counts.SerializeAsString();
}

// Quantiles in hundred-thousandths, so that the rank can be had in whole numbers.
constexpr uint64_t kParts = 100'000;
constexpr uint64_t kQuantiles[] = {0,      1,      10'000, 50'000, 75'000, 90'000,
                                   95'000, 99'000, 99'900, 99'990, 100'000};

TEST(HistogramProperty, QuantilesAreTheSortedSamplesToATenthOfAPerCent) {
  for (const Distribution& distribution : Distributions()) {
    for (size_t n : {1ul, 2ul, 3ul, 10ul, 101ul, 1'000ul, 20'000ul}) {
      for (uint64_t seed = 1; seed <= 4; ++seed) {
        Random random(seed);
        std::vector<int64_t> values = Draw(distribution, n, random);
        const Histogram histogram = Of(values);
        std::sort(values.begin(), values.end());
        ASSERT_EQ(histogram.count(), n);
        ASSERT_EQ(histogram.min_ns(), values.front());
        ASSERT_EQ(histogram.max_ns(), values.back());
        for (uint64_t parts : kQuantiles) {
          const uint64_t rank = std::max<uint64_t>(1, (parts * n + kParts - 1) / kParts);
          const int64_t truth = values[rank - 1];
          const double q = static_cast<double>(parts) / kParts;
          const int64_t found = histogram.ValueAtQuantile(q);
          // The very order statistic, but for the width of its slot: never below it.
          ASSERT_EQ(Histogram::SlotOf(found), Histogram::SlotOf(truth))
              << distribution.name << " n=" << n << " seed=" << seed << " q=" << q;
          ASSERT_GE(found, truth);
          if (truth >= 1000) {
            ASSERT_LE(static_cast<double>(found - truth), 0.001 * static_cast<double>(truth));
          }
        }
      }
    }
  }
}

TEST(HistogramProperty, MeanIsWithinATenthOfAPerCent) {
  for (const Distribution& distribution : Distributions()) {
    Random random(7);
    const std::vector<int64_t> values = Draw(distribution, 10'000, random);
    long double sum = 0;
    for (int64_t value : values) sum += static_cast<long double>(value);
    const auto truth = static_cast<double>(sum / 10'000);
    EXPECT_NEAR(Of(values).MeanNs(), truth, 0.001 * truth) << distribution.name;
  }
}

TEST(HistogramProperty, MergingInAnyOrderAndGroupingGivesTheSameBytes) {
  const std::vector<Distribution> distributions = Distributions();
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    Random random(seed);
    std::vector<Histogram> parts;
    std::vector<int64_t> everything;
    for (const Distribution& distribution : distributions) {
      const auto values = Draw(distribution, random() % 500, random);
      everything.insert(everything.end(), values.begin(), values.end());
      parts.push_back(Of(values));
    }
    const std::string expected = Bytes(Of(everything));
    std::shuffle(parts.begin(), parts.end(), random);
    // A random binary tree of merges: any two neighbours, in either order, until one is left.
    while (parts.size() > 1) {
      const size_t at = random() % (parts.size() - 1);
      const size_t into = random() % 2;
      ASSERT_TRUE(parts[at + into].Merge(parts[at + 1 - into]));
      parts.erase(parts.begin() + static_cast<std::ptrdiff_t>(at + 1 - into));
    }
    ASSERT_EQ(Bytes(parts[0]), expected) << seed;
  }
}

TEST(HistogramProperty, DecodingIntoATotalIsMerging) {
  for (uint64_t seed = 1; seed <= 10; ++seed) {
    Random random(seed);
    Histogram merged;
    Histogram decoded_into;
    for (const Distribution& distribution : Distributions()) {
      Histogram part = Of(Draw(distribution, random() % 300, random));
      if (random() % 2 == 0) part.Record(-1);
      proto::HistogramCounts counts;
      ASSERT_TRUE(counts.ParseFromString(Bytes(part)));
      ASSERT_TRUE(DecodeHistogramInto(counts, &decoded_into).ok());
      merged.Merge(part);
      const auto alone = DecodeHistogram(counts);
      ASSERT_TRUE(alone.ok());
      ASSERT_EQ(*alone, part);
    }
    ASSERT_EQ(merged, decoded_into);
    ASSERT_EQ(Bytes(merged), Bytes(decoded_into));
  }
}

TEST(HistogramProperty, AClearedHistogramIsAsGoodAsNew) {
  Random random(3);
  Histogram reused;
  for (const Distribution& distribution : Distributions()) {
    const auto values = Draw(distribution, 2'000, random);
    reused.Clear();
    for (int64_t value : values) reused.Record(value);
    ASSERT_EQ(reused, Of(values)) << distribution.name;
  }
}

}  // namespace
}  // namespace drumline
