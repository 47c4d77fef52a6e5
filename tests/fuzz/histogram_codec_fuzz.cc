// Any bytes either are refused and change nothing, or are a histogram that encodes to an equal
// message again.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "core/histogram.h"
#include "core/histogram_codec.h"
#include "proto/interval.pb.h"

namespace {

void Require(bool condition) {
  if (!condition) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  drumline::proto::HistogramCounts counts;
  if (!counts.ParseFromArray(bytes, static_cast<int>(size))) return 0;
  static const drumline::Histogram untouched;
  static drumline::Histogram histogram;
  histogram.Clear();
  if (!drumline::DecodeHistogramInto(counts, &histogram).ok()) {
    Require(histogram == untouched);
    return 0;
  }
  uint64_t total = 0;
  for (uint64_t count : counts.counts()) total += count;
  Require(histogram.count() == total);
  Require(histogram.ValueAtQuantile(1) == histogram.max_ns());

  drumline::proto::HistogramCounts again;
  drumline::EncodeHistogram(histogram, &again);
  drumline::proto::HistogramCounts known = counts;
  known.DiscardUnknownFields();
  Require(again.SerializeAsString() == known.SerializeAsString());
  return 0;
}
