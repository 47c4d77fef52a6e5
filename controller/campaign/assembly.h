// From what was kept of a run to what its report is built from. The same path serves a run that has
// just ended and one that is read back from its bundle.
//
//     RunResult result = AssembleRun(run_plan, totals, record, scrapes);
//
// Pure.
#ifndef CONTROLLER_CAMPAIGN_ASSEMBLY_H_
#define CONTROLLER_CAMPAIGN_ASSEMBLY_H_

#include <vector>

#include "controller/campaign/beat_account.h"
#include "controller/report/report_builder.h"
#include "controller/report/run_result.h"
#include "controller/run/run_totals.h"
#include "proto/interval.pb.h"
#include "proto/plan.pb.h"
#include "proto/report.pb.h"

namespace drumline {

// [plan] must outlive the result.
RunResult AssembleRun(const proto::RunPlan& plan, const RunTotals& totals,
                      const proto::RunRecord& record, const std::vector<proto::Scrape>& scrapes);
// The same with an account of the same run that has been counted to its end.
RunResult AssembleRun(const proto::RunPlan& plan, const RunTotals& totals,
                      const proto::RunRecord& record, const std::vector<proto::Scrape>& scrapes,
                      const BeatAccount& account);

Objectives ObjectivesOf(const proto::Plan& plan);

// The campaign began with the first record, and its agents are those of the records. [plan] must
// outlive the result.
CampaignFacts FactsOf(const proto::Plan& plan, const proto::Environment& environment,
                      const std::vector<proto::RunRecord>& records);

}  // namespace drumline

#endif  // CONTROLLER_CAMPAIGN_ASSEMBLY_H_
