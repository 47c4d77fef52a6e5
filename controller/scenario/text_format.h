// What the texts of a scenario must look like: the formats of proto/scenario.proto.
//
// Pure function, safe from any thread; whether a file exists is judged elsewhere.
#ifndef CONTROLLER_SCENARIO_TEXT_FORMAT_H_
#define CONTROLLER_SCENARIO_TEXT_FORMAT_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "proto/scenario.pb.h"

namespace drumline {

// InvalidArgument with a clause that fits into a message where the text does not have the format.
absl::Status CheckFormat(proto::Format format, absl::string_view text);

// "a name", "a URL", …: what a text of the format is called in messages.
absl::string_view DescribeFormat(proto::Format format);

}  // namespace drumline

#endif  // CONTROLLER_SCENARIO_TEXT_FORMAT_H_
