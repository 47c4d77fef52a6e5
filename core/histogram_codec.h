// Histograms on the wire and in the bundle: proto::HistogramCounts, sparse and deterministic. Equal
// histograms encode to equal bytes, however they came about.
//
//     EncodeHistogram(histogram, interval.mutable_measure()->mutable_response_time());
//     …
//     if (auto status = DecodeHistogramInto(book.response_time(), &total); !status.ok()) …
//
// Decoding trusts nothing: whatever arrives is either a histogram that Histogram itself could have
// encoded, or refused as a whole with the reason.
#ifndef CORE_HISTOGRAM_CODEC_H_
#define CORE_HISTOGRAM_CODEC_H_

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/histogram.h"
#include "proto/interval.pb.h"

namespace drumline {

// Replaces what `counts` holds.
void EncodeHistogram(const Histogram& histogram, proto::HistogramCounts* counts);

// Adds `counts` to `merged_into`, which is unchanged unless the result is OK. INVALID_ARGUMENT
// where the message is broken; RESOURCE_EXHAUSTED where the total would exceed
// Histogram::kMaxCount.
absl::Status DecodeHistogramInto(const proto::HistogramCounts& counts, Histogram* merged_into);

absl::StatusOr<Histogram> DecodeHistogram(const proto::HistogramCounts& counts);

}  // namespace drumline

#endif  // CORE_HISTOGRAM_CODEC_H_
