// What the progress line and the live screen show of a run that is under way.
#ifndef CONTROLLER_CAMPAIGN_LIVE_PROGRESS_H_
#define CONTROLLER_CAMPAIGN_LIVE_PROGRESS_H_

#include <cstdint>
#include <vector>

#include "controller/progress/live_screen.h"
#include "controller/progress/progress_line.h"
#include "controller/run/run_machine.h"
#include "proto/interval.pb.h"
#include "proto/plan.pb.h"

namespace drumline {

// [now_ns] is the controller's monotonic clock. Pure.
ProgressView ProgressOf(const proto::Plan& plan, const proto::RunPlan& run,
                        const RunMachine& machine, int64_t now_ns);

// What the live screen shows of it. `scrapes` are the target's readings so far.
ScreenView ScreenOf(const proto::Plan& plan, const proto::RunPlan& run, const RunMachine& machine,
                    const std::vector<proto::Scrape>& scrapes, int64_t now_ns);

// How long a run lasts when it goes as planned, drain apart; 0 where a count of requests ends it.
int64_t PlannedNs(const proto::RunPlan& run);

}  // namespace drumline

#endif  // CONTROLLER_CAMPAIGN_LIVE_PROGRESS_H_
