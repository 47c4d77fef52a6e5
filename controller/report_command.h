// `controller report BUNDLE`, and the parts of it that stand at the end of other commands.
#ifndef CONTROLLER_REPORT_COMMAND_H_
#define CONTROLLER_REPORT_COMMAND_H_

#include <string>

#include "absl/status/status.h"
#include "controller/cli.h"
#include "proto/report.pb.h"

namespace drumline {

// Builds the report of a bundle anew, prints it, and returns the program's exit code.
int ReportCommand(const CommandLine& line, const std::string& bundle_path);

// Of a bundle that could not be read. One that is not there, or is no bundle, was named wrongly.
int ExitCodeOfBundle(const absl::Status& status);

// Returns the exit code that the report's verdict has.
int PrintReport(const proto::Report& report, const std::string& bundle_path);

// latency.hlog anew; an error is printed. The report is worth printing without it.
void WriteLog(const std::string& bundle_path);

// Where the line wants the verdicts besides (--junit); false, and told, if that could not be.
bool WriteJunit(const CommandLine& line, const proto::Report& report);

}  // namespace drumline

#endif  // CONTROLLER_REPORT_COMMAND_H_
