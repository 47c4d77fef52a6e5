#include "target-services/service/json_fields.h"

#include <simdjson.h>

#include <algorithm>
#include <string>

#include "target-services/service/json_check.h"
#include "target-services/service/json_number.h"

namespace drumline::target {
namespace {

namespace ondemand = simdjson::ondemand;

// A token ends where the next one begins, white space included.
std::string_view WithoutTrailingSpace(std::string_view text) {
  return text.substr(0, text.find_last_not_of(" \t\r\n") + 1);
}

JsonKind KindOf(ondemand::json_type type) {
  switch (type) {
    case ondemand::json_type::array:
      return JsonKind::kArray;
    case ondemand::json_type::object:
      return JsonKind::kObject;
    case ondemand::json_type::string:
      return JsonKind::kString;
    case ondemand::json_type::number:
      return JsonKind::kNumber;
    case ondemand::json_type::boolean:
      return JsonKind::kBool;
    default:
      return JsonKind::kNull;
  }
}

// False if it is no JSON.
bool ReadValue(ondemand::value value, int level, JsonField& field) {
  ondemand::json_type type;
  if (value.type().get(type)) return false;
  field = {KindOf(type), {}};
  if (field.kind == JsonKind::kString) return !value.get_string().get(field.text);
  if (field.kind == JsonKind::kNumber) {
    // Not by its value, which need not fit any type of ours.
    field.text = WithoutTrailingSpace(value.raw_json_token());
    return IsJsonNumber(field.text);
  }
  return IsJson(value, level);
}

bool ReadObject(ondemand::object object, int level, const std::vector<std::string_view>& names,
                std::vector<JsonField>& fields) {
  for (auto member : object) {
    std::string_view key;
    ondemand::value value;
    if (member.unescaped_key().get(key) || member.value().get(value)) return false;
    const auto name = std::find(names.begin(), names.end(), key);
    const bool sound =
        name == names.end()
            ? IsJson(value, level)
            : ReadValue(value, level, fields[static_cast<size_t>(name - names.begin())]);
    if (!sound) return false;
  }
  return true;
}

}  // namespace

struct JsonFieldReader::Workspace {
  ondemand::parser parser;
  ondemand::document document;
  std::string padded;  // The body and the spare bytes that simdjson may read behind it.

  // The shape that its first character promises.
  JsonShape Begin(std::string_view body) {
    padded.assign(body);
    padded.resize(body.size() + simdjson::SIMDJSON_PADDING);
    const simdjson::padded_string_view view(padded.data(), body.size(), padded.size());
    ondemand::json_type type;
    if (parser.iterate(view).get(document) || document.type().get(type)) return JsonShape::kNoJson;
    if (type == ondemand::json_type::object) return JsonShape::kObject;
    return type == ondemand::json_type::array ? JsonShape::kArray : JsonShape::kScalar;
  }
};

JsonFieldReader::JsonFieldReader(absl::Span<const std::string_view> names)
    : names_(names.begin(), names.end()),
      fields_(names.size()),
      workspace_(std::make_unique<Workspace>()) {}

JsonFieldReader::~JsonFieldReader() = default;

void JsonFieldReader::Clear() { std::fill(fields_.begin(), fields_.end(), JsonField()); }

JsonShape JsonFieldReader::Read(std::string_view body) {
  Clear();
  const JsonShape shape = workspace_->Begin(body);
  if (shape != JsonShape::kObject) return shape;
  ondemand::object object;
  if (workspace_->document.get_object().get(object)) return JsonShape::kNoJson;
  const bool sound = ReadObject(object, /*level=*/0, names_, fields_);
  return sound && IsAtEnd(workspace_->document) ? shape : JsonShape::kNoJson;
}

JsonShape JsonFieldReader::ReadArray(std::string_view body,
                                     const std::function<void(bool is_object)>& on_element) {
  const JsonShape shape = workspace_->Begin(body);
  if (shape != JsonShape::kArray) return shape;
  ondemand::array array;
  if (workspace_->document.get_array().get(array)) return JsonShape::kNoJson;
  for (auto element : array) {
    Clear();
    ondemand::value value;
    ondemand::json_type type;
    if (element.get(value) || value.type().get(type)) return JsonShape::kNoJson;
    const bool is_object = type == ondemand::json_type::object;
    if (is_object) {
      ondemand::object object;
      if (value.get_object().get(object)) return JsonShape::kNoJson;
      if (!ReadObject(object, /*level=*/1, names_, fields_)) return JsonShape::kNoJson;
    } else if (!IsJson(value, /*level=*/0)) {
      return JsonShape::kNoJson;
    }
    on_element(is_object);
  }
  return IsAtEnd(workspace_->document) ? shape : JsonShape::kNoJson;
}

}  // namespace drumline::target
