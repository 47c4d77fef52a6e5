#include <google/protobuf/descriptor.h>

#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "controller/scenario/enum_word.h"
#include "controller/scenario/field_value.h"
#include "controller/schema/message_order.h"
#include "controller/schema/scenario_schema.h"
#include "proto/scenario.pb.h"

namespace drumline {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::EnumDescriptor;
using google::protobuf::FieldDescriptor;

const proto::Rules& RulesOf(const FieldDescriptor& field) {
  return field.options().GetExtension(proto::rules);
}

// Within a cell of a table.
std::string Cell(const std::string& text) {
  return absl::StrReplaceAll(text, {{"|", "\\|"}, {"\n\n", "<br>"}, {"\n", " "}});
}

std::string Code(const std::string& text) { return text.empty() ? "" : "`" + text + "`"; }

std::string Link(const Descriptor& message) {
  return absl::StrCat("[", message.name(), "](#", absl::AsciiStrToLower(message.name()), ")");
}

// What stands in the place of a value: a link to a mapping's own section, or words.
std::string ValueWords(const FieldDescriptor& field, const proto::Rules& rules) {
  if (!IsSingleValue(field)) return Link(*field.message_type());
  if (field.cpp_type() != FieldDescriptor::CPPTYPE_ENUM) return DescribeExpected(field, rules);
  std::vector<std::string> words;
  for (int i = 0; i < field.enum_type()->value_count(); ++i) {
    const auto& value = *field.enum_type()->value(i);
    if (value.number() != 0) words.push_back(Code(EnumWord(value)));
  }
  return absl::StrJoin(words, ", ");
}

std::string TypeWords(const FieldDescriptor& field) {
  const proto::Rules& rules = RulesOf(field);
  if (field.is_map()) {
    return absl::StrCat("by name: ", ValueWords(*field.message_type()->map_value(), rules));
  }
  if (field.is_repeated()) return absl::StrCat("a list: ", ValueWords(field, rules));
  if (rules.short_for().empty()) return ValueWords(field, rules);
  const FieldDescriptor& meant = *field.message_type()->FindFieldByName(rules.short_for());
  return absl::StrCat(ValueWords(field, rules), ", or its ", Code(meant.name()), " alone");
}

std::string Limits(const proto::Rules& rules) {
  if (rules.min().empty() && rules.max().empty()) return "";
  return absl::StrCat(rules.min(), " … ", rules.max());
}

std::string Row(const FieldDescriptor& field, const Comments& comments) {
  const proto::Rules& rules = RulesOf(field);
  const std::string fallback = rules.required()           ? "required"
                               : rules.default_() == "{}" ? ""
                                                          : Code(rules.default_());
  return absl::StrCat("| ", Code(field.name()), " | ", Cell(TypeWords(field)), " | ", fallback,
                      " | ", Cell(Limits(rules)), " | ", Cell(comments.Of(field.full_name())),
                      " |\n");
}

// The choices that have a meaning of their own to tell.
std::string Choices(const Descriptor& message, const Comments& comments) {
  std::string text;
  for (int i = 0; i < message.field_count(); ++i) {
    const FieldDescriptor& field = *message.field(i);
    if (field.cpp_type() != FieldDescriptor::CPPTYPE_ENUM) continue;
    const EnumDescriptor& type = *field.enum_type();
    for (int j = 0; j < type.value_count(); ++j) {
      const std::string meaning =
          comments.Of(absl::StrCat(type.full_name(), ".", type.value(j)->name()));
      if (meaning.empty()) continue;
      absl::StrAppend(&text, "- ", Code(absl::StrCat(field.name(), ": ", EnumWord(*type.value(j)))),
                      " ", meaning, "\n");
    }
  }
  return text.empty() ? "" : "\n" + text;
}

std::string Section(const Descriptor& message, const Comments& comments) {
  std::string text = absl::StrCat("\n## ", message.name(), "\n\n");
  const std::string comment = comments.Of(message.full_name());
  if (!comment.empty()) absl::StrAppend(&text, comment, "\n\n");
  absl::StrAppend(&text, "| key | value | default | limits | meaning |\n|---|---|---|---|---|\n");
  for (int i = 0; i < message.field_count(); ++i) {
    absl::StrAppend(&text, Row(*message.field(i), comments));
  }
  return text + Choices(message, comments);
}

}  // namespace

std::string YamlReference(const Descriptor& root, const Comments& comments) {
  std::string text = absl::StrCat(
      "# Reference of the scenario language\n\n"
      "Made of `proto/scenario.proto`, which is the only definition of the language; see\n"
      "CONTRIBUTING.md for how to make it again. `controller validate FILE` checks a file against\n"
      "all of it, and against the rules that tie keys to each other.\n");
  for (const Descriptor* message : MessagesOf(root, &IsSingleValue)) {
    absl::StrAppend(&text, Section(*message, comments));
  }
  return text;
}

}  // namespace drumline
