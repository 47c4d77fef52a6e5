// The lines of a run's report about its target: what it used, what it says of itself, and how
// connections to it were opened.
//
//     absl::StrAppend(&text, TargetText(run, width), OpeningText(run, width));
//
// Pure.
#ifndef CONTROLLER_REPORT_TARGET_TEXT_H_
#define CONTROLLER_REPORT_TARGET_TEXT_H_

#include <cstddef>
#include <string>

#include "proto/report.pb.h"

namespace drumline {

std::string TargetText(const proto::RunReport& run, size_t width);
// Empty for bundles of agents that did not time it.
std::string OpeningText(const proto::RunReport& run, size_t width);
// The sizes of the targets' programs; empty if the controller started none of them.
std::string ArtifactsText(const proto::Report& report, size_t width);

}  // namespace drumline

#endif  // CONTROLLER_REPORT_TARGET_TEXT_H_
