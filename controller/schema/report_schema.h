// report.json as other programs can rely on it: a JSON Schema (draft 7) made of report.proto.
//
//     std::string schema = ReportSchema(*proto::Report::descriptor(), comments);
//
// Every field that report.json always has is required; fields that the schema does not know are
// allowed, for fields may be added. 64-bit numbers are strings of digits, as proto3 has them. Pure.
#ifndef CONTROLLER_SCHEMA_REPORT_SCHEMA_H_
#define CONTROLLER_SCHEMA_REPORT_SCHEMA_H_

#include <google/protobuf/descriptor.h>

#include <string>

#include "controller/schema/comments.h"

namespace drumline {

std::string ReportSchema(const google::protobuf::Descriptor& root, const Comments& comments);

}  // namespace drumline

#endif  // CONTROLLER_SCHEMA_REPORT_SCHEMA_H_
