#include "controller/scenario/field_value.h"

#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "controller/scenario/bound.h"
#include "controller/scenario/enum_word.h"
#include "controller/scenario/fault.h"
#include "controller/scenario/price.h"
#include "controller/scenario/scalar.h"
#include "controller/scenario/suggestion.h"
#include "controller/scenario/text_format.h"

namespace drumline {
namespace {

using google::protobuf::EnumDescriptor;
using google::protobuf::EnumValueDescriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

bool IsDuration(const FieldDescriptor& field) {
  return field.message_type() == proto::Duration::descriptor();
}
bool IsRate(const FieldDescriptor& field) {
  return field.message_type() == proto::Rate::descriptor();
}
bool IsBytes(const FieldDescriptor& field) {
  return field.message_type() == proto::Bytes::descriptor();
}
bool IsBound(const FieldDescriptor& field) {
  return field.message_type() == proto::Bound::descriptor();
}
bool IsStatus(const FieldDescriptor& field) {
  return field.message_type() == proto::StatusClass::descriptor();
}

bool IsPrice(const FieldDescriptor& field) {
  return field.message_type() == proto::Price::descriptor();
}

bool IsMoney(const FieldDescriptor& field) {
  return field.message_type() == proto::Money::descriptor();
}

// The words that a file may use, by the value they stand for; the value 0 is none.
std::vector<std::pair<std::string, const EnumValueDescriptor*>> EnumWords(
    const EnumDescriptor& type) {
  std::vector<std::pair<std::string, const EnumValueDescriptor*>> words;
  for (int i = 0; i < type.value_count(); ++i) {
    const EnumValueDescriptor* value = type.value(i);
    if (value->number() != 0) words.emplace_back(EnumWord(*value), value);
  }
  return words;
}

std::string ListEnumWords(const EnumDescriptor& type) {
  std::vector<std::string> words;
  for (auto& [word, value] : EnumWords(type)) words.push_back(word);
  return absl::StrJoin(words, ", ");
}

absl::Status Expected(const FieldDescriptor& field, const proto::Rules& rules,
                      absl::string_view why) {
  return absl::InvalidArgumentError(
      absl::StrCat("expected ", DescribeExpected(field, rules), "; ", why));
}

// How a scalar with limits is read. All but counts fit into int64, so that uint64 holds each.
using NumberParser = absl::StatusOr<uint64_t> (*)(absl::string_view);

template <absl::StatusOr<int64_t> (*Parse)(absl::string_view)>
absl::StatusOr<uint64_t> ParseUnsigned(absl::string_view text) {
  const absl::StatusOr<int64_t> value = Parse(text);
  if (!value.ok()) return value.status();
  return static_cast<uint64_t>(*value);
}

NumberParser ParserOf(const FieldDescriptor& field) {
  if (field.cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) return &ParseCount;
  if (IsDuration(field)) return &ParseUnsigned<ParseDurationNs>;
  if (IsRate(field)) return &ParseUnsigned<ParseRate>;
  return &ParseUnsigned<ParseBytes>;
}

// Reads the text as the field's kind of number and holds it to the field's limits. Limits that do
// not parse are a fault of scenario.proto, which a test finds.
absl::StatusOr<uint64_t> ReadLimited(const FieldDescriptor& field, const proto::Rules& rules,
                                     absl::string_view text) {
  const NumberParser parse = ParserOf(field);
  absl::StatusOr<uint64_t> value = parse(text);
  if (!value.ok()) {
    // One that overflows is told the limit, which is more use than an example.
    if (absl::StrContains(value.status().message(), "is too large") && !rules.max().empty()) {
      return absl::InvalidArgumentError(
          absl::StrCat("must be at most ", rules.max(), "; ", value.status().message()));
    }
    return Expected(field, rules, value.status().message());
  }
  if (!rules.min().empty() && *value < parse(rules.min()).value_or(0)) {
    return absl::InvalidArgumentError(
        absl::StrCat("must be at least ", rules.min(), "; ", Quoted(text), " is less"));
  }
  const uint64_t most = field.cpp_type() == FieldDescriptor::CPPTYPE_UINT32
                            ? std::numeric_limits<uint32_t>::max()
                            : std::numeric_limits<uint64_t>::max();
  const uint64_t max = rules.max().empty() ? most : parse(rules.max()).value_or(0);
  if (*value > max) {
    return absl::InvalidArgumentError(
        absl::StrCat("must be at most ", rules.max().empty() ? CountText(max) : rules.max(), "; ",
                     Quoted(text), " is more"));
  }
  return value;
}

Message* NewElement(const FieldDescriptor& field, Message* message) {
  const auto* reflection = message->GetReflection();
  return field.is_repeated() ? reflection->AddMessage(message, &field)
                             : reflection->MutableMessage(message, &field);
}

absl::Status SetMessage(const FieldDescriptor& field, const proto::Rules& rules,
                        absl::string_view text, Message* message) {
  if (IsBound(field)) {
    absl::StatusOr<proto::Bound> bound = ParseBound(text);
    if (!bound.ok()) return Expected(field, rules, bound.status().message());
    NewElement(field, message)->CopyFrom(*bound);
    return absl::OkStatus();
  }
  if (IsStatus(field)) {
    const absl::StatusOr<StatusSpan> span = ParseStatusClass(text);
    if (!span.ok()) return Expected(field, rules, span.status().message());
    auto* status = static_cast<proto::StatusClass*>(NewElement(field, message));
    status->set_first(span->first);
    status->set_last(span->last);
    return absl::OkStatus();
  }
  if (IsPrice(field)) {
    const absl::StatusOr<proto::Price> price = ParsePrice(text);
    if (!price.ok()) return Expected(field, rules, price.status().message());
    NewElement(field, message)->CopyFrom(*price);
    return absl::OkStatus();
  }
  if (IsMoney(field)) {
    const absl::StatusOr<proto::Money> money = ParseMoney(text);
    if (!money.ok()) return Expected(field, rules, money.status().message());
    NewElement(field, message)->CopyFrom(*money);
    return absl::OkStatus();
  }
  const absl::StatusOr<uint64_t> value = ReadLimited(field, rules, text);
  if (!value.ok()) return value.status();
  const int64_t number = static_cast<int64_t>(*value);
  Message* element = NewElement(field, message);
  if (IsDuration(field)) {
    static_cast<proto::Duration*>(element)->set_ns(number);
  } else if (IsRate(field)) {
    static_cast<proto::Rate*>(element)->set_micro_per_hour(number);
  } else {
    static_cast<proto::Bytes*>(element)->set_bytes(number);
    static_cast<proto::Bytes*>(element)->set_text(std::string(text));
  }
  return absl::OkStatus();
}

void SetString(const FieldDescriptor& field, absl::string_view text, Message* message) {
  const auto* reflection = message->GetReflection();
  if (field.is_repeated()) {
    reflection->AddString(message, &field, std::string(text));
  } else {
    reflection->SetString(message, &field, std::string(text));
  }
}

absl::Status SetEnum(const FieldDescriptor& field, absl::string_view text, Message* message) {
  std::vector<absl::string_view> candidates;
  const auto words = EnumWords(*field.enum_type());
  for (const auto& [word, value] : words) {
    if (word == text) {
      message->GetReflection()->SetEnum(message, &field, value);
      return absl::OkStatus();
    }
    candidates.push_back(word);
  }
  const absl::string_view nearest = NearestWord(text, candidates);
  return absl::InvalidArgumentError(
      absl::StrCat("expected ", words.size() == 1 ? "" : "one of ",
                   ListEnumWords(*field.enum_type()), "; ", Quoted(text), " is not known",
                   nearest.empty() ? "" : absl::StrCat("; did you mean ", Quoted(nearest), "?")));
}

absl::Status SetNumber(const FieldDescriptor& field, const proto::Rules& rules,
                       absl::string_view text, bool quoted, Message* message) {
  if (quoted) return Expected(field, rules, absl::StrCat(Quoted(text), " is in quotes"));
  const absl::StatusOr<uint64_t> value = ReadLimited(field, rules, text);
  if (!value.ok()) return value.status();
  if (field.is_repeated()) {
    message->GetReflection()->AddUInt32(message, &field, static_cast<uint32_t>(*value));
  } else if (field.cpp_type() == FieldDescriptor::CPPTYPE_UINT32) {
    message->GetReflection()->SetUInt32(message, &field, static_cast<uint32_t>(*value));
  } else {
    message->GetReflection()->SetUInt64(message, &field, *value);
  }
  return absl::OkStatus();
}

absl::Status SetBool(const FieldDescriptor& field, const proto::Rules& rules,
                     absl::string_view text, bool quoted, Message* message) {
  if (quoted) return Expected(field, rules, absl::StrCat(Quoted(text), " is in quotes"));
  if (text != "true" && text != "false") {
    return Expected(field, rules, absl::StrCat(Quoted(text), " is neither"));
  }
  message->GetReflection()->SetBool(message, &field, text == "true");
  return absl::OkStatus();
}

std::string DescribeWithoutExample(const FieldDescriptor& field, const proto::Rules& rules) {
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      return std::string(DescribeFormat(rules.format()));
    case FieldDescriptor::CPPTYPE_ENUM:
      return absl::StrCat("one of ", ListEnumWords(*field.enum_type()));
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return IsDuration(field) ? "a duration"
             : IsRate(field)   ? "a rate"
             : IsBytes(field)  ? "a size"
             : IsStatus(field) ? "a status"
             : IsPrice(field)  ? "a price"
             : IsMoney(field)  ? "an amount of money"
                               : "a bound";
    case FieldDescriptor::CPPTYPE_BOOL:
      return "true or false";
    default:
      return "a whole number";
  }
}

}  // namespace

bool IsSingleValue(const FieldDescriptor& field) {
  return field.cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE || IsDuration(field) ||
         IsRate(field) || IsBytes(field) || IsBound(field) || IsStatus(field) || IsPrice(field) ||
         IsMoney(field);
}

std::string DescribeExpected(const FieldDescriptor& field, const proto::Rules& rules) {
  std::string kind = DescribeWithoutExample(field, rules);
  if (field.cpp_type() == FieldDescriptor::CPPTYPE_ENUM || rules.example().empty()) return kind;
  return absl::StrCat(kind, ", for example ", rules.example());
}

absl::Status SetValue(const FieldDescriptor& field, const proto::Rules& rules,
                      absl::string_view text, bool quoted, Message* message) {
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      if (absl::Status status = CheckFormat(rules.format(), text); !status.ok()) {
        return Expected(field, rules, status.message());
      }
      SetString(field, text, message);
      return absl::OkStatus();
    case FieldDescriptor::CPPTYPE_ENUM:
      return SetEnum(field, text, message);
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return SetMessage(field, rules, text, message);
    case FieldDescriptor::CPPTYPE_BOOL:
      return SetBool(field, rules, text, quoted, message);
    default:
      return SetNumber(field, rules, text, quoted, message);
  }
}

}  // namespace drumline
