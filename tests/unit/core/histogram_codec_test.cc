#include "core/histogram_codec.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>

#include "absl/strings/match.h"

namespace drumline {
namespace {

// Slots 3 and 2048 (values 2,048 and 2,049), five values in all.
proto::HistogramCounts SoundMessage() {
  proto::HistogramCounts counts;
  counts.add_slot_steps(4);
  counts.add_counts(2);
  counts.add_slot_steps(2045);
  counts.add_counts(3);
  counts.set_min_ns(3);
  counts.set_max_ns(2049);
  counts.set_out_of_range(1);
  return counts;
}

TEST(HistogramCodec, EncodesTheStepsThatAreDocumented) {
  Histogram histogram;
  histogram.RecordMany(3, 2);
  histogram.RecordMany(2048, 2);
  histogram.Record(2049);
  histogram.Record(-1);
  proto::HistogramCounts counts;
  counts.add_counts(99);
  EncodeHistogram(histogram, &counts);
  EXPECT_EQ(counts.SerializeAsString(), SoundMessage().SerializeAsString());
}

TEST(HistogramCodec, DecodesWhatItEncodes) {
  const auto histogram = DecodeHistogram(SoundMessage());
  ASSERT_TRUE(histogram.ok()) << histogram.status();
  EXPECT_EQ(histogram->count(), 5u);
  EXPECT_EQ(histogram->CountAtSlot(3), 2u);
  EXPECT_EQ(histogram->CountAtSlot(2048), 3u);
  EXPECT_EQ(histogram->min_ns(), 3);
  EXPECT_EQ(histogram->max_ns(), 2049);
  EXPECT_EQ(histogram->out_of_range(), 1u);
}

TEST(HistogramCodec, AnEmptyHistogramIsAnEmptyMessage) {
  proto::HistogramCounts counts;
  EncodeHistogram(Histogram(), &counts);
  EXPECT_EQ(counts.SerializeAsString(), "");
  const auto histogram = DecodeHistogram(counts);
  ASSERT_TRUE(histogram.ok());
  EXPECT_EQ(*histogram, Histogram());
}

TEST(HistogramCodec, AddsToWhatIsThere) {
  Histogram total;
  total.Record(1);
  ASSERT_TRUE(DecodeHistogramInto(SoundMessage(), &total).ok());
  ASSERT_TRUE(DecodeHistogramInto(SoundMessage(), &total).ok());
  EXPECT_EQ(total.count(), 11u);
  EXPECT_EQ(total.min_ns(), 1);
  EXPECT_EQ(total.out_of_range(), 2u);
}

TEST(HistogramCodec, AStrayCountAloneIsSound) {
  proto::HistogramCounts counts;
  counts.set_out_of_range(7);
  const auto histogram = DecodeHistogram(counts);
  ASSERT_TRUE(histogram.ok());
  EXPECT_TRUE(histogram->empty());
  EXPECT_EQ(histogram->out_of_range(), 7u);
}

struct Fault {
  const char* name;
  void (*break_it)(proto::HistogramCounts*);
  const char* message;
};

// Names the case in the test's output.
void PrintTo(const Fault& fault, std::ostream* out) { *out << fault.name; }

class BrokenHistogram : public testing::TestWithParam<Fault> {};

TEST_P(BrokenHistogram, IsRefusedAndChangesNothing) {
  proto::HistogramCounts counts = SoundMessage();
  GetParam().break_it(&counts);
  Histogram total;
  total.RecordMany(77, 3);
  const Histogram before = total;
  const absl::Status status = DecodeHistogramInto(counts, &total);
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_TRUE(absl::StrContains(status.message(), GetParam().message)) << status;
  EXPECT_EQ(total, before);
  EXPECT_FALSE(DecodeHistogram(counts).ok());
}

using Counts = proto::HistogramCounts;
INSTANTIATE_TEST_SUITE_P(
    Each, BrokenHistogram,
    testing::Values(
        Fault{"more_counts", [](Counts* c) { c->add_counts(1); }, "2 slots but 3 counts"},
        Fault{"more_slots", [](Counts* c) { c->add_slot_steps(1); }, "3 slots but 2 counts"},
        Fault{"zero_step", [](Counts* c) { c->set_slot_steps(1, 0); }, "named twice"},
        Fault{"zero_first_step", [](Counts* c) { c->set_slot_steps(0, 0); }, "named twice"},
        Fault{"zero_count", [](Counts* c) { c->set_counts(0, 0); }, "count of slot 3 is 0"},
        Fault{"beyond_an_hour",
              [](Counts* c) {
                c->set_slot_steps(1, Histogram::SlotOf(Histogram::kHighestNs) + 1 - 3);
              },
              "beyond the last"},
        Fault{"far_beyond", [](Counts* c) { c->set_slot_steps(1, ~0u); }, "beyond the last"},
        Fault{"total_overflows", [](Counts* c) { c->set_counts(0, Histogram::kMaxCount - 2); },
              "overflows"},
        Fault{"total_wraps", [](Counts* c) { c->set_counts(0, ~0ull); }, "overflows"},
        Fault{"min_negative", [](Counts* c) { c->set_min_ns(-3); }, "not a range"},
        Fault{"max_beyond", [](Counts* c) { c->set_max_ns(Histogram::kHighestNs + 1); },
              "not a range"},
        Fault{"min_above_max",
              [](Counts* c) {
                c->set_min_ns(2049);
                c->set_max_ns(3);
              },
              "not a range"},
        Fault{"min_in_another_slot", [](Counts* c) { c->set_min_ns(4); }, "first and last slots"},
        Fault{"max_in_another_slot", [](Counts* c) { c->set_max_ns(2050); },
              "first and last slots"},
        Fault{"two_values_of_one",
              [](Counts* c) {
                c->Clear();
                c->add_slot_steps(2049);
                c->add_counts(1);
                c->set_min_ns(2048);
                c->set_max_ns(2049);
              },
              "single value"},
        Fault{"extremes_of_nothing",
              [](Counts* c) {
                c->clear_slot_steps();
                c->clear_counts();
              },
              "without a single count"}),
    [](const testing::TestParamInfo<Fault>& fault) { return std::string(fault.param.name); });

TEST(HistogramCodec, ATotalThatWouldOverflowIsRefusedAsSuch) {
  Histogram nearly_full;
  nearly_full.RecordMany(77, Histogram::kMaxCount - 4);
  const Histogram before = nearly_full;
  EXPECT_EQ(DecodeHistogramInto(SoundMessage(), &nearly_full).code(),
            absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(nearly_full, before);
}

}  // namespace
}  // namespace drumline
