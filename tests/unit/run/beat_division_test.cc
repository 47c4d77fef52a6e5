#include "controller/run/beat_division.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <random>
#include <vector>

namespace drumline {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(BeatDivisionTest, WhereAllHaveRoomEachHasAnEqualShare) {
  const BeatDivision division = DivideBeats({kRoomForAll, 1.0 / 3, 0.5});
  EXPECT_THAT(division.heirs, ElementsAre(ElementsAre(LanePart{0, 3}), ElementsAre(LanePart{1, 3}),
                                          ElementsAre(LanePart{2, 3})));
  EXPECT_THAT(division.nobodys, IsEmpty());
}

TEST(BeatDivisionTest, WhoHasNoRoomHasNoShare) {
  const BeatDivision division = DivideBeats({kRoomForAll, 0, 5, kRoomForAll});
  EXPECT_THAT(division.heirs,
              ElementsAre(ElementsAre(LanePart{0, 3}), IsEmpty(), ElementsAre(LanePart{1, 3}),
                          ElementsAre(LanePart{2, 3})));
  EXPECT_THAT(division.nobodys, IsEmpty());
}

TEST(BeatDivisionTest, OthersTakeWhatOneHasNoRoomFor) {
  const BeatDivision division = DivideBeats({0.25, kRoomForAll});
  // All but every fourth beat: the even ones, and half of the odd ones.
  EXPECT_THAT(division.heirs[0], ElementsAre(LanePart{1, 4}));
  EXPECT_THAT(division.heirs[1], ElementsAre(LanePart{0, 2}, LanePart{3, 4}));
  EXPECT_THAT(division.nobodys, IsEmpty());
}

TEST(BeatDivisionTest, WhatNobodyHasRoomForIsNobodys) {
  EXPECT_THAT(DivideBeats({0.5, 0.25}).nobodys, ElementsAre(LanePart{3, 4}));
  EXPECT_THAT(DivideBeats({0, 0}).nobodys, ElementsAre(LanePart{0, 1}));
  EXPECT_THAT(DivideBeats({}).nobodys, ElementsAre(LanePart{0, 1}));
}

// Each beat is somebody's or nobody's, once; nobody is above its room, and nothing is left that
// somebody with room for it could have had.
TEST(BeatDivisionTest, EachBeatHasOnePlaceAndNobodyTooMany) {
  std::mt19937_64 random(20261127);
  for (int trial = 0; trial < 500; ++trial) {
    std::vector<double> rooms(std::uniform_int_distribution<size_t>(1, 40)(random));
    for (double& room : rooms) {
      room = std::uniform_real_distribution<double>(
          0, 2.0 / static_cast<double>(rooms.size()))(random);
      if (trial % 3 == 0 && random() % 4 == 0) room = kRoomForAll;
    }
    const BeatDivision division = DivideBeats(rooms);
    ASSERT_EQ(division.heirs.size(), rooms.size());
    const double missing = ShareOfAll(division.nobodys);
    uint64_t period = 1;
    std::vector<LanePart> all = division.nobodys;
    for (size_t i = 0; i < rooms.size(); ++i) {
      const std::vector<LanePart>& heir = division.heirs[i];
      EXPECT_LE(ShareOfAll(heir), rooms[i]);
      EXPECT_LE(heir.size(), 12U) << "each is a message, and a lane to be looked at";
      // A part of a 32nd of an equal share, or less.
      if (missing > 0) {
        EXPECT_GT(ShareOfAll(heir), rooms[i] - 1.0 / 32 / static_cast<double>(rooms.size()));
      }
      all.insert(all.end(), heir.begin(), heir.end());
    }
    for (const LanePart& part : all) period = std::max(period, part.parts);
    std::vector<int> taken(period, 0);
    for (const LanePart& part : all) {
      for (uint64_t beat = part.part; beat < period; beat += part.parts) ++taken[beat];
    }
    EXPECT_EQ(std::count(taken.begin(), taken.end(), 1), static_cast<int64_t>(period)) << trial;
  }
}

}  // namespace
}  // namespace drumline
