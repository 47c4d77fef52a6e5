// Writes JSON string literals.
//
//   std::string body = "{\"error\":";
//   AppendJsonString("path: not found", body);
//   body += '}';
//
// Expects UTF-8 and leaves it as it is; escapes what RFC 8259 requires and nothing more.
#ifndef TARGET_SERVICES_HTTP_SERVER_JSON_TEXT_H_
#define TARGET_SERVICES_HTTP_SERVER_JSON_TEXT_H_

#include <string>
#include <string_view>

namespace drumline::target {

inline constexpr std::string_view kJsonContentType = "application/json";

// Appends `text` in quotes.
void AppendJsonString(std::string_view text, std::string& out);

// {"error": message}
std::string ErrorText(std::string_view message);

}  // namespace drumline::target

#endif  // TARGET_SERVICES_HTTP_SERVER_JSON_TEXT_H_
