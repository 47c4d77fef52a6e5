// What those who watch a campaign are told, as it happens; on the loop's thread, and never so that
// the campaign would wait. Of two runs at once they are told of the first. Each may be null.
//
//     Campaign campaign(&loop, input, &display, {.noted = [&](const std::string& text) { … }});
#ifndef CONTROLLER_CAMPAIGN_CAMPAIGN_EVENTS_H_
#define CONTROLLER_CAMPAIGN_CAMPAIGN_EVENTS_H_

#include <cstdint>
#include <functional>
#include <string>

#include "controller/run/run_machine.h"
#include "proto/interval.pb.h"
#include "proto/plan.pb.h"

namespace drumline {

struct CampaignEvents {
  // The bundle's directory is there.
  std::function<void(const std::string& path)> bundle = {};
  std::function<void(const proto::RunPlan& run)> run_began = {};
  // Each one once, when it is kept in the bundle.
  std::function<void(const proto::Interval& interval)> interval = {};
  std::function<void(const proto::Scrape& scrape)> scrape = {};
  // Once a second while a run lasts; [now_ns] is the monotonic clock.
  std::function<void(const RunMachine& machine, int64_t now_ns)> second = {};
  // What the terminal is told in words.
  std::function<void(const std::string& text)> noted = {};
};

}  // namespace drumline

#endif  // CONTROLLER_CAMPAIGN_CAMPAIGN_EVENTS_H_
