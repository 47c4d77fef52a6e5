#include "controller/report/verdict.h"

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "controller/bundle/attempt_id.h"
#include "controller/report/report_builder.h"
#include "tests/unit/controller/report/sample_run.h"

namespace drumline {
namespace {

using proto::SloOutcome;
using proto::Validity;

// The sample, to be changed before it is judged.
struct Sample {
  proto::RunPlan plan = SamplePlan();
  RunResult run = SampleRun(plan);
  Objectives objectives = SampleObjectives();
};

proto::Verdict JudgeChanged(const std::function<void(Sample*)>& change) {
  Sample sample;
  change(&sample);
  return BuildRunReport(sample.run, sample.objectives).verdict();
}

void ExpectInvalid(const proto::Verdict& verdict, const std::string& reason) {
  EXPECT_EQ(verdict.validity(), Validity::INVALID);
  ASSERT_EQ(verdict.reasons_size(), 1) << verdict.DebugString();
  EXPECT_TRUE(absl::StrContains(verdict.reasons(0), reason)) << verdict.reasons(0);
  EXPECT_EQ(ExitCodeFor(verdict), 3);
}

TEST(JudgeRun, AGoodRunIsValidWithoutAReason) {
  const proto::Verdict verdict = JudgeChanged([](Sample*) {});
  EXPECT_EQ(verdict.validity(), Validity::VALID);
  EXPECT_EQ(verdict.slo(), SloOutcome::PASS);
  EXPECT_EQ(verdict.reasons_size(), 0) << verdict.DebugString();
  EXPECT_EQ(ExitCodeFor(verdict), 0);
}

TEST(JudgeRun, ALateGeneratorIsInvalid) {
  ExpectInvalid(JudgeChanged([](Sample* sample) {
                  sample->objectives.max_send_lag =
                      BoundOf("p99.9", 0.999, proto::COMPARISON_LESS, 5e3, "p99.9 < 5us");
                }),
                "the generator was late: generator lag p99.9 is 10.0 µs, the scenario allows "
                "p99.9 < 5us");
}

// Every lag of the sample is 10 µs.
TEST(JudgeRun, ALateGeneratorLearnsWhetherThePlatformWasToo) {
  const auto reason_with = [](int64_t hiccup_ns) {
    return JudgeChanged([hiccup_ns](Sample* sample) {
             sample->objectives.max_send_lag =
                 BoundOf("p99", 0.99, proto::COMPARISON_LESS, 5e3, "p99 < 5us");
             for (AgentResult& agent : sample->run.agents) {
               agent.hiccups.Clear();
               if (hiccup_ns > 0) agent.hiccups.RecordMany(hiccup_ns, 100);
               // Two of 202 lie beyond the p99.
               if (hiccup_ns > 0) agent.hiccups.Record(kSecond);
             }
           })
        .reasons(0);
  };
  const std::string late =
      "the generator was late: generator lag p99 is 10.0 µs, the scenario allows p99 < 5us";
  EXPECT_EQ(reason_with(0), late) << "nobody measured them";
  EXPECT_EQ(reason_with(4'900), late);
  EXPECT_EQ(reason_with(5'000),
            late + "; the platform kept its threads from running: hiccup p99 is 5.00 µs");
}

TEST(JudgeRun, AHiccupOutOfRangeIsInvalid) {
  ExpectInvalid(JudgeChanged([](Sample* sample) { sample->run.agents[0].hiccups.Record(-1); }),
                "1 measured times were negative or longer than an hour");
}

TEST(JudgeRun, TheWarmUpMayBeLate) {
  // Its requests of the sample lag by 5 ms, a hundred times the bound.
  const proto::Verdict verdict = JudgeChanged([](Sample* sample) {
    sample->objectives.max_send_lag = BoundOf("max", 0, proto::COMPARISON_LESS, 50e3, "max < 50us");
  });
  EXPECT_EQ(verdict.validity(), Validity::VALID);
}

TEST(JudgeRun, ALateGeneratorIsInvalidHoweverFewItsRequests) {
  ExpectInvalid(JudgeChanged([](Sample* sample) {
                  sample->objectives.slo.clear();
                  for (AgentResult& agent : sample->run.agents) {
                    agent.measure.Clear();
                    AddAnswered(Outcome::kOk, 20 * kMs, kMs, &agent.measure);
                  }
                  sample->run.interrupted = false;
                  sample->plan.mutable_load()->set_beats(202);
                }),
                "generator lag p99 is 20.0 ms");
}

TEST(JudgeRun, AValueOutOfRangeIsInvalid) {
  ExpectInvalid(JudgeChanged([](Sample* sample) {
                  AddAnswered(Outcome::kOk, -1, kMs, &sample->run.agents[0].warmup);
                  sample->plan.mutable_load()->set_beats(2'201);
                }),
                "2 measured times were negative or longer than an hour");
}

TEST(JudgeRun, ALostAgentIsInvalidAndTheOnlyReason) {
  ExpectInvalid(JudgeChanged([](Sample* sample) {
                  sample->run.agents[1].lost_at_s = 4.25;
                  // One more came due, and what became of it nobody knows.
                  Book& measure = sample->run.agents[1].measure;
                  measure.Due();
                  Carry after = measure.after();
                  ++after.waiting;
                  measure.set_after(after);
                }),
                "agent a2 was lost 4.2 s into the run");
}

// It was stopped after the loss: nobody counted what would have come due.
TEST(JudgeRun, NothingIsSaidOfMissedBeatsThatNobodyCounted) {
  const proto::Verdict verdict = JudgeChanged([](Sample* sample) {
    AgentResult& lost = sample->run.agents[1];
    lost.lost_at_s = 7.5;
    sample->run.notes = {"agent a2 was lost at 7.5 s: was killed"};
    sample->run.interrupted = true;
    lost.measure.Due();
    Carry after = lost.measure.after();
    ++after.waiting;
    lost.measure.set_after(after);
  });
  ASSERT_EQ(verdict.reasons_size(), 2) << verdict.DebugString();
  EXPECT_EQ(verdict.reasons(0), "the run was interrupted");
  EXPECT_EQ(verdict.reasons(1), "agent a2 was lost at 7.5 s: was killed");
}

TEST(JudgeRun, WhatWasOpenWhenTheControllerEndedIsNoFaultOfTheBooks) {
  ExpectInvalid(JudgeChanged([](Sample* sample) {
                  sample->run.cut_off = true;
                  sample->run.faults = {"the run was cut off: the controller ended before it did"};
                  Book& measure = sample->run.agents[1].measure;
                  measure.Due();
                  measure.Sent(0, 0);
                  Carry after = measure.after();
                  ++after.in_flight;
                  measure.set_after(after);
                }),
                "the run was cut off: the controller ended before it did");
}

TEST(JudgeRun, BooksThatDoNotBalanceAreInvalid) {
  for (Book AgentResult::*phase : {&AgentResult::warmup, &AgentResult::measure}) {
    const proto::Verdict verdict = JudgeChanged([&](Sample* sample) {
      (sample->run.agents[0].*phase).Due();
      sample->plan.mutable_load()->set_beats(2'201);
    });
    ExpectInvalid(verdict, "the books do not balance");
  }
}

TEST(JudgeRun, RequestsThatThePlanDoesNotHaveAreInvalid) {
  ExpectInvalid(JudgeChanged([](Sample* sample) {
                  AddAnswered(Outcome::kOk, 0, kMs, &sample->run.agents[0].measure);
                }),
                "the plan has 2,200 requests, but 2,201 came due");
}

TEST(JudgeRun, AFaultOfTheRunIsInvalid) {
  ExpectInvalid(
      JudgeChanged([](Sample* sample) { sample->run.faults = {"agent a1 sent no intervals"}; }),
      "agent a1 sent no intervals");
}

TEST(JudgeRun, ARunWithoutAgentsIsInvalid) {
  const proto::Verdict verdict = JudgeChanged([](Sample* sample) { sample->run.agents.clear(); });
  EXPECT_EQ(verdict.validity(), Validity::INVALID);
  EXPECT_EQ(verdict.reasons(0), "no agent reported anything");
}

TEST(JudgeRun, AnInterruptedRunIsInconclusiveAndNeedNotCoverThePlan) {
  const proto::Verdict verdict = JudgeChanged([](Sample* sample) {
    sample->run.interrupted = true;
    sample->run.agents.pop_back();
  });
  EXPECT_EQ(verdict.validity(), Validity::INCONCLUSIVE);
  ASSERT_EQ(verdict.reasons_size(), 1);
  EXPECT_EQ(verdict.reasons(0), "the run was interrupted");
  EXPECT_EQ(ExitCodeFor(verdict), 4);
}

TEST(JudgeRun, AClosedLoopHasNoBeatsToCompareWith) {
  const proto::Verdict verdict = JudgeChanged([](Sample* sample) {
    auto* load = sample->plan.mutable_load();
    load->set_closed_loop(true);
    load->set_beats(0);
  });
  EXPECT_EQ(verdict.validity(), Validity::VALID);
}

TEST(JudgeRun, AnSloThatFailsIsAFailureOfTheServiceNotOfTheRun) {
  const proto::Verdict verdict =
      JudgeChanged([](Sample* sample) { sample->objectives.slo[0].set_limit(500e3); });
  EXPECT_EQ(verdict.validity(), Validity::VALID);
  EXPECT_EQ(verdict.slo(), SloOutcome::FAIL);
  ASSERT_EQ(verdict.reasons_size(), 1);
  EXPECT_EQ(verdict.reasons(0), "p99 < 2ms: measured 1.00 ms");
  EXPECT_EQ(ExitCodeFor(verdict), 1);
}

TEST(JudgeRun, TooFewSamplesForAnSloAreInconclusive) {
  const proto::Verdict verdict = JudgeChanged([](Sample* sample) {
    sample->objectives.slo[0].set_metric("p99.99");
    sample->objectives.slo[0].set_quantile(0.9999);
  });
  EXPECT_EQ(verdict.validity(), Validity::VALID);
  EXPECT_EQ(verdict.slo(), SloOutcome::INCONCLUSIVE);
  EXPECT_EQ(ExitCodeFor(verdict), 4);
}

// A target that was killed in mid-run once left a VALID run with a fine p99 and exit code 0: those
// who were refused have no times, and nobody had bounded them.
TEST(JudgeRun, RequestsWithoutTimesAreInconclusiveUnlessTheirNumberIsBounded) {
  const auto refuse = [](int times, Sample* sample) {
    Book& book = sample->run.agents[0].measure;
    for (int i = 0; i < times; ++i) {
      book.Due();
      book.Refused();
    }
    sample->plan.mutable_load()->set_beats(2'200 + times);
  };
  const auto unbounded = [&](int times) {
    return JudgeChanged([&](Sample* sample) {
      sample->objectives.slo.clear();
      refuse(times, sample);
    });
  };
  // Of 2,000 requests in the window and those: 20 of 2,020 are less than 1 %, 21 of 2,021 are more.
  EXPECT_EQ(unbounded(20).validity(), Validity::VALID);
  const proto::Verdict verdict = unbounded(21);
  EXPECT_EQ(verdict.validity(), Validity::INCONCLUSIVE);
  ASSERT_EQ(verdict.reasons_size(), 1);
  EXPECT_TRUE(absl::StrContains(verdict.reasons(0), "21 of 2,021 requests did not end ok"));
  EXPECT_EQ(ExitCodeFor(verdict), 4);
  const proto::Verdict bounded = JudgeChanged([&](Sample* sample) { refuse(21, sample); });
  EXPECT_EQ(bounded.validity(), Validity::VALID);
  EXPECT_EQ(bounded.slo(), SloOutcome::FAIL);
}

TEST(JudgeRun, WithoutAnSloThereIsNone) {
  const proto::Verdict verdict =
      JudgeChanged([](Sample* sample) { sample->objectives.slo.clear(); });
  EXPECT_EQ(verdict.slo(), SloOutcome::NONE);
  EXPECT_EQ(ExitCodeFor(verdict), 0);
}

proto::RunReport Judged(const std::string& id, Validity::Value validity, SloOutcome::Value slo,
                        const std::vector<std::string>& reasons) {
  proto::RunReport run;
  run.set_run_id(id);
  run.mutable_verdict()->set_validity(validity);
  run.mutable_verdict()->set_slo(slo);
  for (const std::string& reason : reasons) run.mutable_verdict()->add_reasons(reason);
  return run;
}

TEST(JudgeCampaign, IsAsBadAsItsWorstRun) {
  const auto good = Judged("r1", Validity::VALID, SloOutcome::PASS, {});
  const auto failed = Judged("r2", Validity::VALID, SloOutcome::FAIL, {"slow"});
  const auto doubtful = Judged("r3", Validity::VALID, SloOutcome::INCONCLUSIVE, {});
  const auto cut = Judged("r4", Validity::INCONCLUSIVE, SloOutcome::PASS, {});
  const auto invalid = Judged("r5", Validity::INVALID, SloOutcome::PASS, {"late"});
  const auto better = Judged("r6", Validity::VALID, SloOutcome::PASS, {});
  EXPECT_EQ(ExitCodeFor(JudgeCampaign({good, better}, 2)), 0);
  EXPECT_EQ(ExitCodeFor(JudgeCampaign({good, failed}, 2)), 1);
  EXPECT_EQ(ExitCodeFor(JudgeCampaign({doubtful, good}, 2)), 4);
  EXPECT_EQ(ExitCodeFor(JudgeCampaign({doubtful, failed}, 2)), 1);
  EXPECT_EQ(ExitCodeFor(JudgeCampaign({cut, failed}, 2)), 4);
  EXPECT_EQ(ExitCodeFor(JudgeCampaign({cut, invalid, failed}, 3)), 3);
  const proto::Verdict verdict = JudgeCampaign({failed, good, invalid}, 3);
  ASSERT_EQ(verdict.reasons_size(), 2);
  EXPECT_EQ(verdict.reasons(0), "r2: slow");
  EXPECT_EQ(verdict.reasons(1), "r5: late");
}

TEST(JudgeCampaign, IsInconclusiveUntilAllRunsWereCarriedOut) {
  const auto good = Judged("r1", Validity::VALID, SloOutcome::PASS, {});
  const proto::Verdict verdict = JudgeCampaign({good}, 3);
  EXPECT_EQ(verdict.validity(), Validity::INCONCLUSIVE);
  EXPECT_EQ(verdict.reasons(0), "1 of 3 planned runs were carried out");
  EXPECT_EQ(ExitCodeFor(JudgeCampaign({}, 0)), 4);
}

TEST(JudgeCampaign, ARunThatWasDoneAgainCountsAsItWasTheLastTime) {
  std::vector<proto::RunReport> runs(3);
  runs[0].set_run_id("001-a-r1");
  runs[0].mutable_verdict()->set_validity(Validity::VALID);
  runs[1].set_run_id("002-a-r2");
  runs[1].mutable_verdict()->set_validity(Validity::INVALID);
  runs[1].mutable_verdict()->add_reasons("the run was cut off");
  runs[2].set_run_id("002-a-r2.2");
  runs[2].mutable_verdict()->set_validity(Validity::VALID);
  const proto::Verdict verdict = JudgeCampaign(runs, 2);
  EXPECT_EQ(verdict.validity(), Validity::VALID);
  ASSERT_EQ(verdict.reasons_size(), 1);
  EXPECT_EQ(verdict.reasons(0), "002-a-r2 was cut off and done again as 002-a-r2.2");
  runs.pop_back();
  EXPECT_EQ(JudgeCampaign(runs, 2).validity(), Validity::INVALID);
}

TEST(AttemptIds, AreToldFromNamesThatLookLikeThem) {
  EXPECT_EQ(AttemptId("001-a-r1", 1), "001-a-r1");
  EXPECT_EQ(AttemptId("001-a-r1", 12), "001-a-r1.12");
  EXPECT_EQ(FirstAttemptOf("001-a-r1.12"), "001-a-r1");
  EXPECT_EQ(FirstAttemptOf("001-v1.2-r3"), "001-v1.2-r3");
  EXPECT_EQ(FirstAttemptOf("001-v1.2-r3.2"), "001-v1.2-r3");
  EXPECT_EQ(FirstAttemptOf("002-a-100rps"), "002-a-100rps");
  EXPECT_EQ(FirstAttemptOf("002-a-100rps.3"), "002-a-100rps");
  EXPECT_EQ(FirstAttemptOf("002-v1.2-100rps"), "002-v1.2-100rps");
  EXPECT_EQ(FirstAttemptOf(""), "");
  EXPECT_EQ(FirstAttemptOf("17"), "17");
}

// The loss was dealt with as the scenario has it: what happened is said, and the run counts.
TEST(JudgeRun, ALossThatWasDealtWithIsNamedAndNoReasonAgainstTheRun) {
  const proto::Verdict verdict = JudgeChanged([](Sample* sample) {
    AgentResult& lost = sample->run.agents[1];
    lost.lost_at_s = 7.5;
    sample->run.notes = {"agent a2 was lost at 7.5 s: was killed", "its beats went to a1"};
    // Ten beats of its share that nobody sent.
    lost.beats_known = true;
    lost.missed_measure = 10;
    sample->plan.mutable_load()->set_beats(sample->plan.load().beats() + 10);
  });
  EXPECT_EQ(verdict.validity(), Validity::VALID) << verdict.DebugString();
  ASSERT_EQ(verdict.reasons_size(), 3);
  EXPECT_EQ(verdict.reasons(0), "agent a2 was lost at 7.5 s: was killed");
  EXPECT_EQ(verdict.reasons(2),
            "nobody is known to have sent 10 of agent a2's requests in the window, 0.498 % of all "
            "that were due there");
  // One that waited for a connection when its agent was lost came due, and was not sent either.
  const proto::Verdict waited = JudgeChanged([](Sample* sample) {
    AgentResult& lost = sample->run.agents[1];
    lost.lost_at_s = 7.5;
    lost.beats_known = true;
    sample->run.notes = {"agent a2 was lost at 7.5 s: was killed"};
    lost.measure.Due();
    Carry after = lost.measure.after();
    ++after.waiting;
    lost.measure.set_after(after);
    sample->plan.mutable_load()->set_beats(sample->plan.load().beats() + 1);
  });
  ASSERT_EQ(waited.reasons_size(), 2) << waited.DebugString();
  EXPECT_EQ(waited.reasons(1),
            "nobody is known to have sent 1 of agent a2's requests in the window, 0.05 % of all "
            "that were due there");
  // One beat more or less would be one too many.
  const proto::Verdict wrong = JudgeChanged([](Sample* sample) {
    sample->run.agents[1].lost_at_s = 7.5;
    sample->run.notes = {"agent a2 was lost at 7.5 s: was killed"};
    sample->run.agents[1].beats_known = true;
    sample->run.agents[1].missed_measure = 9;
    sample->plan.mutable_load()->set_beats(sample->plan.load().beats() + 10);
  });
  EXPECT_EQ(wrong.validity(), Validity::INVALID);
}

}  // namespace
}  // namespace drumline
