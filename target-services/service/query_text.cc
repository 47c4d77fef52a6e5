#include "target-services/service/query_text.h"

#include <algorithm>

namespace drumline::target {
namespace {

// -1 for what is no hexadecimal digit.
int HexValue(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

absl::StatusOr<std::string> Decode(std::string_view text, bool plus_is_blank) {
  std::string decoded;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      decoded += plus_is_blank && text[i] == '+' ? ' ' : text[i];
      continue;
    }
    const bool whole = text.size() - i > 2;
    const int high = whole ? HexValue(text[i + 1]) : -1;
    const int low = whole ? HexValue(text[i + 2]) : -1;
    if (high < 0 || low < 0) {
      return absl::InvalidArgumentError("expected two hexadecimal digits behind %");
    }
    decoded += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return decoded;
}

}  // namespace

absl::StatusOr<std::string> PercentDecode(std::string_view text) {
  return Decode(text, /*plus_is_blank=*/false);
}

absl::StatusOr<std::optional<std::string>> QueryValue(std::string_view query,
                                                      std::string_view name) {
  while (!query.empty()) {
    const std::string_view parameter = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(parameter.size() + 1, query.size()));
    const size_t equals = std::min(parameter.find('='), parameter.size());
    const absl::StatusOr<std::string> key = Decode(parameter.substr(0, equals), true);
    if (!key.ok()) return key.status();
    if (*key != name) continue;
    absl::StatusOr<std::string> value =
        Decode(parameter.substr(std::min(equals + 1, parameter.size())), true);
    if (!value.ok()) return value.status();
    return std::optional<std::string>(*std::move(value));
  }
  return std::nullopt;
}

}  // namespace drumline::target
