#include "target-services/service/json_check.h"

#include <string_view>

#include "target-services/service/json_number.h"

namespace drumline::target {
namespace {

namespace ondemand = simdjson::ondemand;

bool IsJsonArray(ondemand::value value, int level) {
  ondemand::array array;
  if (value.get_array().get(array)) return false;
  for (auto element : array) {
    ondemand::value child;
    if (element.get(child) || !IsJson(child, level + 1)) return false;
  }
  return true;
}

bool IsJsonScalar(ondemand::value value, ondemand::json_type type) {
  switch (type) {
    case ondemand::json_type::string: {
      std::string_view ignored;
      return !value.get_string().get(ignored);
    }
    case ondemand::json_type::number: {
      const std::string_view text = value.raw_json_token();
      ondemand::number ignored;
      return HasFittingExponent(text) && !value.get_number().get(ignored);
    }
    case ondemand::json_type::boolean: {
      bool ignored = false;
      return !value.get_bool().get(ignored);
    }
    default: {
      bool null = false;
      return !value.is_null().get(null) && null;
    }
  }
}

}  // namespace

bool IsJson(ondemand::value value, int level) {
  if (level > kMaxJsonLevels) return false;
  ondemand::json_type type;
  if (value.type().get(type)) return false;
  if (type == ondemand::json_type::array) return IsJsonArray(value, level);
  if (type != ondemand::json_type::object) return IsJsonScalar(value, type);
  ondemand::object object;
  return !value.get_object().get(object) && IsJsonObject(object, level);
}

bool IsJsonObject(ondemand::object object, int level) {
  for (auto field : object) {
    std::string_view key;
    ondemand::value child;
    if (field.unescaped_key().get(key) || field.value().get(child)) return false;
    if (!IsJson(child, level + 1)) return false;
  }
  return true;
}

// Past the last token there is no location to ask for.
bool IsAtEnd(ondemand::document& document) { return document.current_location().error(); }

}  // namespace drumline::target
