// Which calibration holds, and what is said of one that does not.
#include "controller/calibration/kept.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>
#include <functional>
#include <string>
#include <vector>

namespace drumline {
namespace {

const Conditions kWanted = {.agent_id = "gen-1",
                            .host = "lab-1",
                            .binary_sha256 = "b1",
                            .workers = 2,
                            .engine_choice = "auto",
                            .pacing = "precise",
                            .shape_sha256 = "s1"};

proto::AgentCalibration Made() {
  proto::AgentCalibration one;
  one.set_agent_id("gen-1");
  one.set_host("lab-1");
  one.set_binary_sha256("b1");
  one.set_workers(2);
  one.set_engine_choice("auto");
  one.set_pacing("precise");
  one.set_shape_sha256("s1");
  one.set_shape("GET, 0 bytes of body, 4 connections");
  one.set_measured_at("2026-07-11T09:30:00Z");
  one.set_ceiling_rps(1000);
  return one;
}

TEST(Kept, HoldsForTheSameAndNothingElse) {
  proto::Calibration kept;
  EXPECT_EQ(FindCalibration(kept, kWanted).why_not, "not calibrated");
  EXPECT_FALSE(FindCalibration(kept, kWanted).foreign);
  *kept.add_agents() = Made();
  ASSERT_NE(FindCalibration(kept, kWanted).calibration, nullptr);
  const std::vector<std::pair<std::function<void(proto::AgentCalibration*)>, std::string>> cases = {
      {[](auto* one) { one->set_host("lab-2"); }, "host (lab-2, now lab-1)"},
      {[](auto* one) { one->set_binary_sha256("b2"); }, "executable"},
      {[](auto* one) { one->set_workers(3); }, "workers (3, now 2)"},
      {[](auto* one) { one->set_engine_choice("epoll"); }, "engine (epoll, now auto)"},
      {[](auto* one) { one->set_pacing("spin"); }, "pacing (spin, now precise)"},
      {[](auto* one) { one->set_shape_sha256("s2"); },
       "requests (GET, 0 bytes of body, 4 connections)"},
  };
  for (const auto& [change, words] : cases) {
    kept.clear_agents();
    change(&(*kept.add_agents() = Made()));
    const Held held = FindCalibration(kept, kWanted);
    EXPECT_EQ(held.calibration, nullptr) << words;
    EXPECT_TRUE(held.foreign);
    EXPECT_EQ(held.why_not,
              "the calibration of 2026-07-11T09:30:00Z was made with another " + words);
  }
  kept.mutable_agents(0)->set_agent_id("gen-2");
  EXPECT_FALSE(FindCalibration(kept, kWanted).foreign) << "another agent's is no news";
}

TEST(Kept, NamesTheOneThatDiffersLeast) {
  proto::Calibration kept;
  proto::AgentCalibration& far = *kept.add_agents() = Made();
  far.set_pacing("spin");
  far.set_workers(4);
  (*kept.add_agents() = Made()).set_binary_sha256("b2");
  EXPECT_EQ(FindCalibration(kept, kWanted).why_not,
            "the calibration of 2026-07-11T09:30:00Z was made with another executable");
}

TEST(Kept, TakesThePlaceOfItsLike) {
  proto::Calibration kept;
  *kept.add_agents() = Made();
  proto::AgentCalibration other = Made();
  other.set_shape_sha256("s2");
  *kept.add_agents() = other;
  proto::Calibration made;
  proto::AgentCalibration& again = *made.add_agents() = Made();
  again.set_binary_sha256("b2");
  again.set_ceiling_rps(2000);
  Keep(made, &kept);
  ASSERT_EQ(kept.agents_size(), 2);
  EXPECT_EQ(kept.agents(0).ceiling_rps(), 2000);
  EXPECT_EQ(kept.agents(1).ceiling_rps(), 1000);
  again.set_agent_id("gen-2");
  Keep(made, &kept);
  EXPECT_EQ(kept.agents_size(), 3);
}

TEST(Kept, ComesBackFromItsFile) {
  const std::string path = ::testing::TempDir() + "/calibration.json";
  std::remove(path.c_str());
  const absl::StatusOr<proto::Calibration> none = ReadCalibration(path);
  ASSERT_TRUE(none.ok()) << none.status();
  EXPECT_EQ(none->agents_size(), 0);
  proto::Calibration calibration;
  *calibration.add_agents() = Made();
  ASSERT_TRUE(WriteCalibration(path, calibration).ok());
  const absl::StatusOr<proto::Calibration> read = ReadCalibration(path);
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->SerializeAsString(), calibration.SerializeAsString());
  std::ofstream(path) << "no calibration";
  EXPECT_EQ(ReadCalibration(path).status().code(), absl::StatusCode::kFailedPrecondition);
}

}  // namespace
}  // namespace drumline
