// What recording costs on the hot path, and what a second's hand-over costs off it.
//
//     bazel run //tests/benchmark:histogram_benchmark
#include <benchmark/benchmark.h>

#include <cmath>
#include <cstdint>
#include <random>
#include <vector>

#include "core/histogram.h"
#include "core/histogram_codec.h"

namespace drumline {
namespace {

// Response times as a service gives them: lognormal around 0.4 ms with a long tail.
std::vector<int64_t> ResponseTimes() {
  std::mt19937_64 random(1);
  std::lognormal_distribution<double> distribution(std::log(4e5), 0.5);
  std::vector<int64_t> values(1 << 14);
  for (int64_t& value : values) value = static_cast<int64_t>(distribution(random));
  return values;
}

Histogram Filled() {
  Histogram histogram;
  for (int64_t value : ResponseTimes()) histogram.Record(value);
  return histogram;
}

void BM_Record(benchmark::State& state) {
  const std::vector<int64_t> values = ResponseTimes();
  Histogram histogram;
  size_t next = 0;
  for (auto _ : state) {
    histogram.Record(values[next++ & (values.size() - 1)]);
  }
  benchmark::DoNotOptimize(histogram);
}
BENCHMARK(BM_Record);

void BM_Merge(benchmark::State& state) {
  const Histogram part = Filled();
  Histogram total;
  for (auto _ : state) {
    total.Merge(part);
    benchmark::DoNotOptimize(total);
  }
}
BENCHMARK(BM_Merge);

void BM_Encode(benchmark::State& state) {
  const Histogram histogram = Filled();
  proto::HistogramCounts counts;
  for (auto _ : state) {
    EncodeHistogram(histogram, &counts);
    benchmark::DoNotOptimize(counts);
  }
  state.counters["bytes"] = static_cast<double>(counts.ByteSizeLong());
}
BENCHMARK(BM_Encode);

void BM_DecodeInto(benchmark::State& state) {
  proto::HistogramCounts counts;
  EncodeHistogram(Filled(), &counts);
  Histogram total;
  for (auto _ : state) {
    if (!DecodeHistogramInto(counts, &total).ok()) state.SkipWithError("refused");
  }
}
BENCHMARK(BM_DecodeInto);

void BM_Clear(benchmark::State& state) {
  Histogram histogram;
  for (auto _ : state) {
    histogram.Record(200'000);
    histogram.Record(4'000'000);
    histogram.Clear();
    benchmark::DoNotOptimize(histogram);
  }
}
BENCHMARK(BM_Clear);

void BM_Quantile(benchmark::State& state) {
  const Histogram histogram = Filled();
  for (auto _ : state) benchmark::DoNotOptimize(histogram.ValueAtQuantile(0.999));
}
BENCHMARK(BM_Quantile);

}  // namespace
}  // namespace drumline
