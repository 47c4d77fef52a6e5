#include "controller/schema/report_schema.h"

#include <boost/json.hpp>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
#include "controller/schema/json_text.h"
#include "controller/schema/message_order.h"

namespace drumline {
namespace {

namespace json = boost::json;
using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;

bool LeadsNowhere(const FieldDescriptor&) { return false; }

// Nested types are known by the names of those around them: "Validity.Value" has its own.
std::string NameOf(const Descriptor& message) {
  absl::string_view name = message.full_name();
  absl::ConsumePrefix(&name, absl::StrCat(message.file()->package(), "."));
  return absl::StrReplaceAll(name, {{".", "_"}});
}

json::object OfType(const char* type) {
  json::object schema;
  schema["type"] = type;
  return schema;
}

// 64-bit numbers, and what a number cannot say: as JSON has them in proto3.
json::object DigitString(const char* pattern) {
  json::object schema = OfType("string");
  schema["pattern"] = pattern;
  return schema;
}

json::object ValueSchema(const FieldDescriptor& field) {
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_MESSAGE: {
      json::object schema;
      schema["$ref"] = absl::StrCat("#/definitions/", NameOf(*field.message_type()));
      return schema;
    }
    case FieldDescriptor::CPPTYPE_ENUM: {
      json::array names;
      for (int i = 0; i < field.enum_type()->value_count(); ++i) {
        names.emplace_back(field.enum_type()->value(i)->name());
      }
      json::object schema;
      schema["enum"] = names;
      return schema;
    }
    case FieldDescriptor::CPPTYPE_UINT64:
      return DigitString("^[0-9]+$");
    case FieldDescriptor::CPPTYPE_INT64:
      return DigitString("^-?[0-9]+$");
    case FieldDescriptor::CPPTYPE_BOOL:
      return OfType("boolean");
    case FieldDescriptor::CPPTYPE_STRING:
      return OfType("string");
    case FieldDescriptor::CPPTYPE_DOUBLE:
    case FieldDescriptor::CPPTYPE_FLOAT: {
      json::object word;
      word["enum"] = json::array{"NaN", "Infinity", "-Infinity"};
      json::object schema;
      schema["anyOf"] = json::array{OfType("number"), word};
      return schema;
    }
    default:
      return OfType("integer");
  }
}

json::object FieldSchema(const FieldDescriptor& field, const Comments& comments) {
  json::object schema;
  if (field.is_map()) {
    schema = OfType("object");
    schema["additionalProperties"] = ValueSchema(*field.message_type()->map_value());
  } else if (field.is_repeated()) {
    schema = OfType("array");
    schema["items"] = ValueSchema(field);
  } else if (field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
    // Beside a $ref everything else is ignored in draft 7.
    schema["allOf"] = json::array{ValueSchema(field)};
  } else {
    schema = ValueSchema(field);
  }
  const std::string description = comments.Of(field.full_name());
  if (!description.empty()) schema["description"] = description;
  return schema;
}

// What is written even where it has its default: all but messages and fields that say `optional`.
bool IsAlwaysThere(const FieldDescriptor& field) {
  return field.is_repeated() || !field.has_presence();
}

json::object MessageSchema(const Descriptor& message, const Comments& comments) {
  json::object properties;
  json::array required;
  for (int i = 0; i < message.field_count(); ++i) {
    const FieldDescriptor& field = *message.field(i);
    properties[field.name()] = FieldSchema(field, comments);
    if (IsAlwaysThere(field)) required.emplace_back(field.name());
  }
  json::object schema = OfType("object");
  const std::string description = comments.Of(message.full_name());
  if (!description.empty()) schema["description"] = description;
  schema["properties"] = properties;
  if (!required.empty()) schema["required"] = required;
  return schema;
}

}  // namespace

std::string ReportSchema(const Descriptor& root, const Comments& comments) {
  json::object schema;
  schema["$schema"] = "http://json-schema.org/draft-07/schema#";
  schema["title"] = "report.json of a Drumline bundle";
  for (auto& [key, value] : MessageSchema(root, comments)) schema[key] = value;
  json::object definitions;
  for (const Descriptor* message : MessagesOf(root, &LeadsNowhere)) {
    if (message != &root) definitions[NameOf(*message)] = MessageSchema(*message, comments);
  }
  schema["definitions"] = definitions;
  return IndentedJson(schema);
}

}  // namespace drumline
