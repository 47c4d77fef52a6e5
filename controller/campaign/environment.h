// Facts of the controller's host that a reader of the report will ask for.
#ifndef CONTROLLER_CAMPAIGN_ENVIRONMENT_H_
#define CONTROLLER_CAMPAIGN_ENVIRONMENT_H_

#include <string>

#include "proto/report.pb.h"

namespace drumline {

// [label] is what the scenario calls its fleet. What cannot be read stays empty or 0. Reads /proc
// and /sys; any thread.
proto::Environment ReadEnvironment(const std::string& label);

// SHA-256 of a file in hexadecimal; empty if it cannot be read.
std::string Sha256OfFile(const std::string& path);

}  // namespace drumline

#endif  // CONTROLLER_CAMPAIGN_ENVIRONMENT_H_
