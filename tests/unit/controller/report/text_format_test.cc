#include "controller/report/text_format.h"

#include <gtest/gtest.h>

namespace drumline {
namespace {

TEST(FormatTime, ChoosesTheUnitAndThreeDigits) {
  EXPECT_EQ(FormatTime(0), "0 µs");
  EXPECT_EQ(FormatTime(0.25), "0.25 µs");
  EXPECT_EQ(FormatTime(9.994), "9.99 µs");
  EXPECT_EQ(FormatTime(9.996), "10.0 µs");
  EXPECT_EQ(FormatTime(99.94), "99.9 µs");
  EXPECT_EQ(FormatTime(99.96), "100 µs");
  EXPECT_EQ(FormatTime(412.3), "412 µs");
  EXPECT_EQ(FormatTime(999.4), "999 µs");
  EXPECT_EQ(FormatTime(999.6), "1.00 ms");
  EXPECT_EQ(FormatTime(1'234), "1.23 ms");
  EXPECT_EQ(FormatTime(999'600), "1.00 s");
  EXPECT_EQ(FormatTime(3.6e9), "3600 s");
  EXPECT_EQ(FormatTime(-12), "-12.0 µs");
  EXPECT_EQ(FormatTime(-2'500), "-2.50 ms");
}

TEST(FormatBytes, ChoosesTheUnit) {
  EXPECT_EQ(FormatBytes(0), "0 B");
  EXPECT_EQ(FormatBytes(512), "512 B");
  EXPECT_EQ(FormatBytes(1536), "1.50 KiB");
  EXPECT_EQ(FormatBytes(12.0 * 1024 * 1024), "12.0 MiB");
  EXPECT_EQ(FormatBytes(2048.0 * 1024 * 1024 * 1024), "2048 GiB");
}

TEST(FormatCount, SetsThousandsApart) {
  EXPECT_EQ(FormatCount(0), "0");
  EXPECT_EQ(FormatCount(999), "999");
  EXPECT_EQ(FormatCount(1'000), "1,000");
  EXPECT_EQ(FormatCount(100'000), "100,000");
  EXPECT_EQ(FormatCount(18'446'744'073'709'551'615ull), "18,446,744,073,709,551,615");
}

TEST(FormatRate, HasOneDecimal) {
  EXPECT_EQ(FormatRate(0), "0.0/s");
  EXPECT_EQ(FormatRate(99'998.26), "99,998.3/s");
  EXPECT_EQ(FormatRate(0.96), "1.0/s");
}

TEST(FormatShare, IsPerCent) {
  EXPECT_EQ(FormatShare(0), "0 %");
  EXPECT_EQ(FormatShare(0.0025), "0.25 %");
  EXPECT_EQ(FormatShare(1), "100 %");
}

TEST(Padding, CountsCharactersNotBytes) {
  EXPECT_EQ(DisplayWidth("≥ 12 µs"), 7u);
  EXPECT_EQ(PadLeft("µs", 4), "  µs");
  EXPECT_EQ(PadRight("µs", 4), "µs  ");
  EXPECT_EQ(PadLeft("longer", 4), "longer");
}

TEST(Wrap, BreaksBeforeASeparator) {
  EXPECT_EQ(Wrap({"one", "two"}, " + ", 2, 20), "one + two");
  EXPECT_EQ(Wrap({"one", "two", "three"}, " + ", 2, 12), "one + two\n   + three");
  EXPECT_EQ(Wrap({"longer than the line"}, " + ", 0, 4), "longer than the line");
  EXPECT_EQ(Wrap({}, " + ", 0, 4), "");
}

}  // namespace
}  // namespace drumline
