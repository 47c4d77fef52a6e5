// The preflight table in words, as both programs print it.
//
//     agent gen-1 on lab-7
//       id          found  wanted          finding
//       open_files  1024   at least 10064  FATAL
//                   raise the limit (ulimit -n 10064, LimitNOFILE= in a unit), or use more agents
//
// Pure functions.
#ifndef CORE_PREFLIGHT_TEXT_H_
#define CORE_PREFLIGHT_TEXT_H_

#include <string>

#include "proto/preflight.pb.h"

namespace drumline {

std::string PreflightToText(const proto::Preflight& preflight);

}  // namespace drumline

#endif  // CORE_PREFLIGHT_TEXT_H_
