// The languages of people's YAML files, as an editor knows them (JSON Schema, draft 7) and as a
// page of reference. Both are made of the .proto file alone: its fields, their rules and comments.
//
//     std::string schema = YamlSchema(*proto::Scenario::descriptor(), comments, "A scenario");
//     std::string page = YamlReference(*proto::Scenario::descriptor(), comments);
//
// The schema is no stricter than the loader: what the loader takes, no editor underlines. Rules
// that tie keys to each other are the loader's alone (`controller validate`). Pure.
#ifndef CONTROLLER_SCHEMA_SCENARIO_SCHEMA_H_
#define CONTROLLER_SCHEMA_SCENARIO_SCHEMA_H_

#include <google/protobuf/descriptor.h>

#include <string>

#include "absl/strings/string_view.h"
#include "controller/schema/comments.h"

namespace drumline {

std::string YamlSchema(const google::protobuf::Descriptor& root, const Comments& comments,
                       absl::string_view title);

// Markdown: a section for each mapping with its keys, defaults, limits and meanings.
std::string YamlReference(const google::protobuf::Descriptor& root, const Comments& comments);

}  // namespace drumline

#endif  // CONTROLLER_SCHEMA_SCENARIO_SCHEMA_H_
