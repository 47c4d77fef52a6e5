#include "controller/format/columns.h"

#include <gtest/gtest.h>

namespace drumline {
namespace {

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
