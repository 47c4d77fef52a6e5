// The controller's own metrics while a campaign goes on, in Prometheus's text format 0.0.4.
//
//     MetricsView view;                      // what is known now
//     std::string page = MetricsText(view);
//
// Names, units and labels stand in kFamilies of metrics_text.cc and in docs/exports.md. Counters
// and histograms are those of the run that is going on, since it began, under its own label: a new
// run is a new series. Pure.
#ifndef CONTROLLER_METRICS_METRICS_TEXT_H_
#define CONTROLLER_METRICS_METRICS_TEXT_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "controller/run/live_view.h"
#include "controller/run/run_totals.h"
#include "proto/interval.pb.h"
#include "proto/plan.pb.h"

namespace drumline {

// Everything is borrowed for the length of the call; null is what is not there yet.
struct MetricsView {
  const proto::Plan* plan = nullptr;
  // Runs of the plan that are over.
  int runs_done = 0;
  // The run that goes on, or the last one that did.
  const proto::RunPlan* run = nullptr;
  const std::map<std::string, AgentTotals>* totals = nullptr;
  const LiveView* live = nullptr;
  const std::vector<proto::Scrape>* scrapes = nullptr;
};

std::string MetricsText(const MetricsView& view);

}  // namespace drumline

#endif  // CONTROLLER_METRICS_METRICS_TEXT_H_
