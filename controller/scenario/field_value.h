// Single values of the scenario: from the text of a file to a field of the message.
//
// A value is a text, a whole number, true or false, a choice (an enum in lower case, without its
// prefix) or one of the scalar messages Duration, Rate, Bytes, Bound and Price. What is allowed is
// said by the field's `rules` in proto/scenario.proto, which are passed separately because the
// values of a map are governed by the map's. Errors are InvalidArgument with a whole message but
// for the field's name. Pure functions, safe from any thread.
#ifndef CONTROLLER_SCENARIO_FIELD_VALUE_H_
#define CONTROLLER_SCENARIO_FIELD_VALUE_H_

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "proto/scenario.pb.h"

namespace drumline {

// Whether a field is written as one value, although it may be a message.
bool IsSingleValue(const google::protobuf::FieldDescriptor& field);

// What a file should have in the field's place: "a duration, for example 5m"; "one of interleaved,
// sequential". Of a list or map field, what one element should be.
std::string DescribeExpected(const google::protobuf::FieldDescriptor& field,
                             const proto::Rules& rules);

// Sets the field (or appends to it, where it is a list) to what the text says. A number in quotes
// is a text and refused where a plain number is wanted.
absl::Status SetValue(const google::protobuf::FieldDescriptor& field, const proto::Rules& rules,
                      absl::string_view text, bool quoted, google::protobuf::Message* message);

}  // namespace drumline

#endif  // CONTROLLER_SCENARIO_FIELD_VALUE_H_
