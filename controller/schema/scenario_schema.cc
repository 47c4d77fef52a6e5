#include "controller/schema/scenario_schema.h"

#include <boost/json.hpp>
#include <cstdint>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "controller/scenario/enum_word.h"
#include "controller/scenario/field_value.h"
#include "controller/schema/json_text.h"
#include "controller/schema/message_order.h"
#include "proto/scenario.pb.h"

namespace drumline {
namespace {

namespace json = boost::json;
using google::protobuf::Descriptor;
using google::protobuf::EnumDescriptor;
using google::protobuf::FieldDescriptor;

const proto::Rules& RulesOf(const FieldDescriptor& field) {
  return field.options().GetExtension(proto::rules);
}

// Draft 7 knows no numbers with units: what looks like one is left to the loader.
constexpr char kDurationPattern[] = "^([0-9.]+ ?(ns|us|µs|ms|s|m|h) ?)+$";
constexpr char kRatePattern[] = "^[0-9.]+[kMG]? ?/(s|m|h)$";
constexpr char kBytesPattern[] = "^[0-9.]+ ?(B|kB|MB|GB|KiB|MiB|GiB)$";
constexpr char kCountPattern[] = "^[0-9.]+[kMG]?$";

json::object Text(const char* pattern) {
  json::object schema;
  schema["type"] = "string";
  schema["pattern"] = pattern;
  return schema;
}

json::object ScalarMessage(const Descriptor& type) {
  if (&type == proto::Duration::descriptor()) return Text(kDurationPattern);
  if (&type == proto::Rate::descriptor()) return Text(kRatePattern);
  if (&type == proto::Bytes::descriptor()) return Text(kBytesPattern);
  json::object schema;
  schema["type"] = json::array{"string", "number"};
  return schema;
}

json::object Choice(const EnumDescriptor& type, const Comments& comments) {
  json::array words;
  json::array meanings;
  for (int i = 0; i < type.value_count(); ++i) {
    const auto& value = *type.value(i);
    if (value.number() == 0) continue;
    words.emplace_back(EnumWord(value));
    meanings.emplace_back(comments.Of(absl::StrCat(type.full_name(), ".", value.name())));
  }
  json::object schema;
  schema["enum"] = words;
  // Not of the standard; editors that speak yaml-language-server show it beside each word.
  schema["enumDescriptions"] = meanings;
  return schema;
}

json::object Count(const proto::Rules& rules) {
  json::object number;
  number["type"] = "integer";
  uint64_t limit = 0;
  if (absl::SimpleAtoi(rules.min(), &limit)) number["minimum"] = limit;
  if (absl::SimpleAtoi(rules.max(), &limit)) number["maximum"] = limit;
  json::object schema;
  schema["anyOf"] = json::array{number, Text(kCountPattern)};
  return schema;
}

// Of one value, be it a field's own, an element of its list or a value of its map.
json::object ValueSchema(const FieldDescriptor& field, const proto::Rules& rules,
                         const Comments& comments) {
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_MESSAGE: {
      if (IsSingleValue(field)) return ScalarMessage(*field.message_type());
      json::object schema;
      schema["$ref"] = absl::StrCat("#/definitions/", field.message_type()->name());
      return schema;
    }
    case FieldDescriptor::CPPTYPE_ENUM:
      return Choice(*field.enum_type(), comments);
    case FieldDescriptor::CPPTYPE_BOOL: {
      json::object schema;
      schema["type"] = "boolean";
      return schema;
    }
    case FieldDescriptor::CPPTYPE_UINT32:
    case FieldDescriptor::CPPTYPE_UINT64:
      return Count(rules);
    default: {
      // The loader reads every plain value as the text that it is.
      json::object schema;
      schema["type"] = json::array{"string", "number", "boolean"};
      return schema;
    }
  }
}

std::string Limits(const proto::Rules& rules) {
  if (!rules.min().empty() && !rules.max().empty()) {
    return absl::StrCat("From ", rules.min(), " to ", rules.max(), ".");
  }
  if (!rules.min().empty()) return absl::StrCat("At least ", rules.min(), ".");
  if (!rules.max().empty()) return absl::StrCat("At most ", rules.max(), ".");
  return "";
}

std::string Description(const FieldDescriptor& field, const Comments& comments) {
  std::string text = comments.Of(field.full_name());
  if (text.empty() && field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE && !field.is_map()) {
    text = comments.Of(field.message_type()->full_name());
  }
  const std::string limits = Limits(RulesOf(field));
  if (!limits.empty()) absl::StrAppend(&text, text.empty() ? "" : " ", limits);
  return text;
}

json::object FieldSchema(const FieldDescriptor& field, const Comments& comments) {
  constexpr uint32_t kDefaultMaxEntries = 64;
  const proto::Rules& rules = RulesOf(field);
  const uint32_t most = rules.max_entries() == 0 ? kDefaultMaxEntries : rules.max_entries();
  json::object schema;
  if (field.is_map()) {
    schema["type"] = "object";
    schema["additionalProperties"] =
        ValueSchema(*field.message_type()->map_value(), rules, comments);
    schema["maxProperties"] = most;
  } else if (field.is_repeated()) {
    schema["type"] = "array";
    schema["items"] = ValueSchema(field, rules, comments);
    schema["maxItems"] = most;
  } else if (!rules.short_for().empty()) {
    const FieldDescriptor& meant = *field.message_type()->FindFieldByName(rules.short_for());
    schema["anyOf"] = json::array{ValueSchema(meant, RulesOf(meant), comments),
                                  ValueSchema(field, rules, comments)};
  } else if (field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE && !IsSingleValue(field)) {
    // Beside a $ref everything else is ignored in draft 7.
    schema["allOf"] = json::array{ValueSchema(field, rules, comments)};
  } else {
    schema = ValueSchema(field, rules, comments);
  }
  const std::string description = Description(field, comments);
  if (!description.empty()) schema["description"] = description;
  if (!rules.default_().empty() && rules.default_() != "{}") schema["default"] = rules.default_();
  if (!rules.example().empty()) schema["examples"] = json::array{rules.example()};
  return schema;
}

json::object MessageSchema(const Descriptor& message, const Comments& comments) {
  json::object properties;
  json::array required;
  for (int i = 0; i < message.field_count(); ++i) {
    const FieldDescriptor& field = *message.field(i);
    properties[field.name()] = FieldSchema(field, comments);
    if (RulesOf(field).required()) required.emplace_back(field.name());
  }
  json::object schema;
  schema["type"] = "object";
  const std::string description = comments.Of(message.full_name());
  if (!description.empty()) schema["description"] = description;
  schema["properties"] = properties;
  if (!required.empty()) schema["required"] = required;
  schema["additionalProperties"] = false;
  return schema;
}

}  // namespace

std::string YamlSchema(const Descriptor& root, const Comments& comments, absl::string_view title) {
  json::object schema;
  schema["$schema"] = "http://json-schema.org/draft-07/schema#";
  schema["title"] = std::string(title);
  for (auto& [key, value] : MessageSchema(root, comments)) schema[key] = value;
  json::object definitions;
  for (const Descriptor* message : MessagesOf(root, &IsSingleValue)) {
    if (message != &root) definitions[message->name()] = MessageSchema(*message, comments);
  }
  schema["definitions"] = definitions;
  return IndentedJson(schema);
}

}  // namespace drumline
