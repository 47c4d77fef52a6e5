// Each reason of `validity` on its own: the sample run is good, and one thing is changed.
#include "controller/report/validity.h"

#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "absl/strings/match.h"
#include "controller/report/report_builder.h"
#include "tests/unit/controller/report/sample_run.h"

namespace drumline {
namespace {

using proto::Validity;

struct Sample {
  Sample() {
    objectives.slo.clear();
    proto::ValidityBounds& bounds = objectives.validity.emplace();
    bounds.set_min_idle_percent(20);
    bounds.set_max_shortfall_percent(5);
    *bounds.mutable_max_hiccup() = BoundOf("p99", 0.99, proto::COMPARISON_LESS, 50e6, "p99 < 50ms");
    bounds.set_max_steal_percent(10);
    bounds.set_max_throttled_percent(5);
    bounds.set_max_scrape_gaps_percent(50);
    bounds.set_max_drift_percent(50);
    for (AgentResult& agent : run.agents) {
      agent.busiest_core_mean = 0.79;
      agent.turned_to_in_window = 1'000;
      agent.host_steal_share = 0.09;
      agent.throttled_share = 0.04;
    }
    plan.mutable_load()->add_segments()->set_length_ns(12 * kSecond);
  }

  // Ten seconds whose medians go from the one to the other.
  void Drift(double from_us, double to_us) {
    for (int second = 0; second < 10; ++second) {
      Histogram times;
      const double us = from_us + (to_us - from_us) * second / 9;
      for (int i = 0; i < 9; ++i) times.Record(static_cast<int64_t>(us * 1e3));
      run.response_time_blocks.Add((2 + second) * kSecond, times);
    }
  }
  void Scrape(int readings, int gaps) {
    for (int i = 0; i < readings + gaps; ++i) {
      proto::Scrape& scrape = run.scrapes.emplace_back();
      scrape.set_run_id(plan.run_id());
      scrape.set_target(plan.target());
      scrape.set_at_ns(2 * kSecond + i * kSecond / 2);
      scrape.set_rss_bytes(1e6);
      scrape.set_cpu_seconds_total(i);
      if (i >= readings) scrape.set_gap("refused");
    }
  }

  proto::RunPlan plan = SamplePlan();
  RunResult run = SampleRun(plan);
  Objectives objectives = SampleObjectives();
};

proto::Verdict JudgeChanged(const std::function<void(Sample*)>& change) {
  Sample sample;
  change(&sample);
  return BuildRunReport(sample.run, sample.objectives).verdict();
}

void Expect(const proto::Verdict& verdict, Validity::Value validity, const std::string& reason) {
  EXPECT_EQ(verdict.validity(), validity) << verdict.DebugString();
  ASSERT_GE(verdict.reasons_size(), 1);
  EXPECT_TRUE(absl::StrContains(verdict.reasons(0), reason)) << verdict.reasons(0);
}

TEST(ValidityTest, ARunWithinAllBoundsIsValid) {
  const proto::Verdict verdict = JudgeChanged([](Sample*) {});
  EXPECT_EQ(verdict.validity(), Validity::VALID) << verdict.DebugString();
}

TEST(ValidityTest, AWorkerWithoutIdleTime) {
  const auto busy = [](Sample* sample) { sample->run.agents[1].busiest_core_mean = 0.81; };
  Expect(JudgeChanged(busy), Validity::INVALID,
         "the busiest worker of agent a2 left 19 % of its core idle; validity.min_idle_percent is "
         "20");
  // Whoever spins is always busy, and a closed loop works so.
  const auto spinning = [&](Sample* sample) {
    busy(sample);
    sample->objectives.spins = true;
  };
  EXPECT_EQ(JudgeChanged(spinning).validity(), Validity::VALID);
  const auto closed = [&](Sample* sample) {
    busy(sample);
    sample->plan.mutable_load()->set_closed_loop(true);
  };
  EXPECT_EQ(JudgeChanged(closed).validity(), Validity::VALID);
}

TEST(ValidityTest, AGeneratorThatFellBehind) {
  // 2,000 requests were due in the window.
  const auto behind = [](uint64_t requests) {
    return [requests](Sample* sample) {
      sample->run.agents[0].turned_to_in_window = 1'000 - requests;
    };
  };
  EXPECT_EQ(JudgeChanged(behind(100)).validity(), Validity::VALID);
  Expect(JudgeChanged(behind(101)), Validity::INVALID,
         "the generator fell behind: of 2,000 requests due in the window, 101 (5.05 %)");
}

TEST(ValidityTest, AGapThatIsTooLargeForWhoeverTookOver) {
  // 2,000 requests came due in the window, and so many more would have.
  const auto lost = [](uint64_t missed) {
    return [missed](Sample* sample) {
      sample->run.agents[1].lost_at_s = 3;
      sample->run.agents[1].beats_known = true;
      sample->run.agents[1].missed_measure = missed;
      sample->run.notes = {"agent a2 was lost at 3.0 s: was killed"};
      sample->plan.mutable_load()->set_beats(sample->plan.load().beats() + missed);
    };
  };
  EXPECT_EQ(JudgeChanged(lost(105)).validity(), Validity::VALID);
  Expect(JudgeChanged(lost(106)), Validity::INVALID,
         "of 2,106 requests due in the window, nobody is known to have sent 106 (5.03 %)");
  EXPECT_EQ(JudgeChanged(lost(106)).reasons_size(), 2) << "with the note, and said once";
  // What was cut off was given up, and not left out.
  const auto cut = [&](Sample* sample) {
    lost(106)(sample);
    sample->run.cut_at_s = 6;
  };
  EXPECT_EQ(JudgeChanged(cut).validity(), Validity::VALID);
}

TEST(ValidityTest, APlatformThatStops) {
  Expect(JudgeChanged([](Sample* sample) {
           for (int i = 0; i < 10; ++i) sample->run.agents[0].hiccups.Record(60 * kMs);
         }),
         Validity::INVALID, "the platform kept the generator's threads from running: hiccup p99");
}

TEST(ValidityTest, AHostThatIsNotItsOwn) {
  Expect(JudgeChanged([](Sample* sample) { sample->run.agents[0].host_steal_share = 0.11; }),
         Validity::INVALID, "the hypervisor took 11 % of the CPU time of agent a1's host");
  Expect(JudgeChanged([](Sample* sample) { sample->run.agents[0].throttled_share = 0.06; }),
         Validity::INVALID, "a CPU limit held agent a1 back for 6 % of the window");
}

TEST(ValidityTest, AWarmUpThatHadNotSettled) {
  EXPECT_EQ(JudgeChanged([](Sample* sample) { sample->Drift(1000, 1400); }).validity(),
            Validity::VALID);
  Expect(JudgeChanged([](Sample* sample) { sample->Drift(1000, 2000); }), Validity::INCONCLUSIVE,
         "the median response time rose by 66.");
  Expect(JudgeChanged([](Sample* sample) { sample->Drift(2000, 1000); }), Validity::INCONCLUSIVE,
         "the median response time fell by 66.");
  // A ramp is meant to change them.
  const auto ramp = [](Sample* sample) {
    sample->Drift(1000, 2000);
    sample->plan.mutable_load()->mutable_segments(0)->mutable_to()->set_micro_per_hour(5);
  };
  EXPECT_EQ(JudgeChanged(ramp).validity(), Validity::VALID);
  const auto unasked = [](Sample* sample) {
    sample->Drift(1000, 2000);
    sample->objectives.validity->set_max_drift_percent(0);
  };
  EXPECT_EQ(JudgeChanged(unasked).validity(), Validity::VALID);
}

TEST(ValidityTest, ATargetThatWasNotRead) {
  EXPECT_EQ(JudgeChanged([](Sample* sample) { sample->Scrape(10, 10); }).validity(),
            Validity::VALID);
  Expect(JudgeChanged([](Sample* sample) { sample->Scrape(8, 12); }), Validity::INCONCLUSIVE,
         "the target's metrics could not be read in ");
}

TEST(ValidityTest, APlanWithoutBoundsAsksNothing) {
  const proto::Verdict verdict = JudgeChanged([](Sample* sample) {
    sample->objectives.validity.reset();
    sample->run.agents[0].busiest_core_mean = 1;
    sample->run.agents[0].throttled_share = 1;
    sample->Drift(1000, 9000);
  });
  EXPECT_EQ(verdict.validity(), Validity::VALID);
}

}  // namespace
}  // namespace drumline
