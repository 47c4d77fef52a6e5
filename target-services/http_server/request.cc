#include "target-services/http_server/request.h"

#include <array>

#include "target-services/http_server/ascii_text.h"

namespace drumline::target {
namespace {

constexpr std::array<std::string_view, kMethodCount> kMethodNames = {
    "GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "other"};

}  // namespace

std::string_view MethodName(Method method) { return kMethodNames[static_cast<size_t>(method)]; }

Method MethodFromToken(std::string_view token) {
  for (size_t i = 0; i + 1 < kMethodCount; ++i) {
    if (token == kMethodNames[i]) return static_cast<Method>(i);
  }
  return Method::kOther;
}

std::optional<std::string_view> Request::Field(std::string_view name) const {
  for (const FieldRange& field : head_.fields) {
    if (EqualsIgnoringCase(field.name.In(bytes_), name)) return field.value.In(bytes_);
  }
  return std::nullopt;
}

}  // namespace drumline::target
