#include "controller/schema/json_text.h"

namespace drumline {
namespace {

namespace json = boost::json;

// Lists of plain values stand in one line.
bool IsPlain(const json::array& list) {
  for (const json::value& element : list) {
    if (element.is_object() || element.is_array()) return false;
  }
  return true;
}

void Append(const json::value& value, size_t level, std::string* text) {
  const std::string inner(2 * (level + 1), ' ');
  const std::string outer(2 * level, ' ');
  if (const json::object* object = value.if_object(); object != nullptr && !object->empty()) {
    const char* separator = "{\n";
    for (const auto& [key, member] : *object) {
      *text += separator + inner + json::serialize(json::string(key)) + ": ";
      Append(member, level + 1, text);
      separator = ",\n";
    }
    *text += "\n" + outer + "}";
    return;
  }
  if (const json::array* list = value.if_array(); list != nullptr && !IsPlain(*list)) {
    const char* separator = "[\n";
    for (const json::value& element : *list) {
      *text += separator + inner;
      Append(element, level + 1, text);
      separator = ",\n";
    }
    *text += "\n" + outer + "]";
    return;
  }
  *text += json::serialize(value);
}

}  // namespace

std::string IndentedJson(const json::value& value) {
  std::string text;
  Append(value, 0, &text);
  return text + "\n";
}

}  // namespace drumline
