// RunQueue: which run of a campaign is next, where that depends on how the ones before went.
//
//     RunQueue queue(plan);
//     while (const proto::RunPlan* run = queue.Next(runs)) { …; runs.push_back(report); }
//     queue.plan()                      // with the runs that a search has added
//
// A plan of a fixed number of runs is carried out in its order. With repeats until something is
// known, it ends before a repeat that is not needed any more (report/stopping.h). A search
// (report/capacity_report.h) adds the runs that it asks for: each target's first run stands in the
// plan, and the search goes on with that target before the next one comes.
//
// Pure. Used by one thread.
#ifndef CONTROLLER_CAMPAIGN_RUN_QUEUE_H_
#define CONTROLLER_CAMPAIGN_RUN_QUEUE_H_

#include <vector>

#include "proto/plan.pb.h"
#include "proto/report.pb.h"

namespace drumline {

class RunQueue {
 public:
  explicit RunQueue(const proto::Plan& plan);

  // [done] are the reports of the runs that Next has given, in their order. Null if there is no
  // further one. The run belongs to the queue and stays until Next is called again.
  const proto::RunPlan* Next(const std::vector<proto::RunReport>& done);

  // Of a search: the runs so far, in the order in which they were carried out, then the first runs
  // of the targets that are still to come.
  const proto::Plan& plan() const { return plan_; }
  // The plan has changed since it was asked for.
  bool grown() const { return grown_; }

 private:
  const proto::RunPlan* NextOfSearch(const std::vector<proto::RunReport>& done);
  void Insert(int at, const proto::RunPlan& run);

  proto::Plan plan_;
  bool grown_ = false;
};

}  // namespace drumline

#endif  // CONTROLLER_CAMPAIGN_RUN_QUEUE_H_
