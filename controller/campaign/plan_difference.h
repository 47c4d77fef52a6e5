// What a campaign was begun with, held against what the same scenario means now: its text is the
// same, but the files that it names may say something else.
//
//     DifferencesOf(left.plan, wanted, scenario);
//     // {"payloads/echo-1k.json", "the feed users (feeds/users.csv)"}
//
// Pure.
#ifndef CONTROLLER_CAMPAIGN_PLAN_DIFFERENCE_H_
#define CONTROLLER_CAMPAIGN_PLAN_DIFFERENCE_H_

#include <string>
#include <vector>

#include "proto/plan.pb.h"
#include "proto/scenario.pb.h"

namespace drumline {

// [kept] may have grown by the runs of a search. [scenario] is that of [wanted]. Each thing that
// differs once, in words; empty if a campaign of [kept] is one of [wanted].
std::vector<std::string> DifferencesOf(const proto::Plan& kept, const proto::Plan& wanted,
                                       const proto::Scenario& scenario);

}  // namespace drumline

#endif  // CONTROLLER_CAMPAIGN_PLAN_DIFFERENCE_H_
