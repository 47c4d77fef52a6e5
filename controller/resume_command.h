// `controller resume BUNDLE`, and `--resumable NAME` once the campaign of that name has begun: both
// go on with what a bundle says is left.
//
// All that a campaign goes on with is in its bundle, but for the files of a target's TLS: a private
// key is kept nowhere, and they are read again where the scenario had them.
#ifndef CONTROLLER_RESUME_COMMAND_H_
#define CONTROLLER_RESUME_COMMAND_H_

#include <string>

#include "controller/cli.h"
#include "proto/plan.pb.h"
#include "proto/scenario.pb.h"

namespace drumline {

// Returns the program's exit code; if every run is finished, that of their report.
int ResumeCommand(const CommandLine& line);

// The same of the campaign that the line's --resumable names, whose bundle is in [bundle_path]: it
// must be one of the plan that is [wanted] now, which is made of [scenario]. If not, what differs
// is named and nothing is sent.
int GoOnAs(const CommandLine& line, const std::string& bundle_path, const proto::Plan& wanted,
           const proto::Scenario& scenario);

}  // namespace drumline

#endif  // CONTROLLER_RESUME_COMMAND_H_
