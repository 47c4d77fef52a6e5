// `controller calibrate SCENARIO`: measures what the agents of the scenario's fleet can do at most
// and what they add by themselves, prints it, and keeps it for later plans.
#ifndef CONTROLLER_CALIBRATE_COMMAND_H_
#define CONTROLLER_CALIBRATE_COMMAND_H_

#include <string>

#include "controller/campaign/calibrator.h"
#include "controller/cli.h"
#include "proto/plan.pb.h"
#include "proto/scenario.pb.h"

namespace drumline {

// Where a command line's calibrations are kept: beside its bundles.
std::string CalibrationPath(const CommandLine& line);

// [input] is complete but for what the line's own flags say and the scratch directory. Returns the
// program's exit code: 2 for scenarios that cannot be calibrated, 5 if the fleet could not be.
int CalibrateCommand(const CommandLine& line, Calibrator::Input input);

// Prints how [plan] stands to what is kept in [path], as far as that can be said of a fleet that
// nobody has gathered. Returns the program's exit code: 2 if the plan is above the ceilings.
int PrintCeilings(const proto::Plan& plan, const proto::Scenario& scenario,
                  const std::string& path);

}  // namespace drumline

#endif  // CONTROLLER_CALIBRATE_COMMAND_H_
