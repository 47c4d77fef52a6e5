// Walks a YAML document and a message of scenario.proto (or environment.proto) side by side.
//
// The walk knows no field by name: keys are the names of the message's fields, and what is allowed
// of each is said by its `rules`. It fills in defaults, so that the message is complete, and
// records which fields the file names. What concerns several fields at once is judged afterwards,
// by scenario_rules.h.
#ifndef CONTROLLER_SCENARIO_SCENARIO_READER_H_
#define CONTROLLER_SCENARIO_SCENARIO_READER_H_

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <string>

#include "absl/strings/string_view.h"
#include "controller/scenario/fault.h"
#include "controller/scenario/given_fields.h"
#include "controller/scenario/yaml_source.h"

namespace drumline {

// Adds a fault to *faults for whatever cannot be read; the rest is read all the same. `what` the
// document is, in messages: "a scenario". The message is one whose fields have `rules`.
void ReadDocument(const YamlNode& root, absl::string_view what, google::protobuf::Message* message,
                  GivenFields* given, FaultList* faults);

// Gives each field its default, in the messages that are there (or whose default is `{}`) and that
// the file does not name.
void FillDefaults(absl::string_view path, const GivenFields& given,
                  google::protobuf::Message* message);

}  // namespace drumline

#endif  // CONTROLLER_SCENARIO_SCENARIO_READER_H_
