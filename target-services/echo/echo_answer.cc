#include "target-services/echo/echo_answer.h"

#include <charconv>

#include "target-services/http_server/json_text.h"

namespace drumline::target {
namespace {

void AppendNumber(uint64_t number, std::string& out) {
  char digits[20];
  const std::to_chars_result end = std::to_chars(digits, digits + sizeof(digits), number);
  out.append(digits, end.ptr);
}

// Seconds with six decimals. Integer arithmetic: a double keeps no microseconds of today's times
// for certain, and is slower to print.
void AppendSeconds(std::chrono::microseconds time, std::string& out) {
  constexpr uint64_t kMicrosPerSecond = 1'000'000;
  const auto micros = static_cast<uint64_t>(time.count());
  AppendNumber(micros / kMicrosPerSecond, out);
  const size_t point = out.size();
  AppendNumber(kMicrosPerSecond + micros % kMicrosPerSecond, out);
  out[point] = '.';  // Where the leading one stood, which kept the zeros behind it.
}

void AppendFields(const EchoRequest& request, std::string& out) {
  out += "\"id\":";
  AppendNumber(request.id, out);
  out += ",\"user_agent\":";
  AppendJsonString(request.user_agent, out);
  out += ",\"metadata\":[";
  bool first = true;
  for (std::string_view text : *request.metadata) {
    if (!first) out += ',';
    first = false;
    AppendJsonString(text, out);
  }
  out += ']';
}

}  // namespace

void AppendEchoAnswer(const EchoRequest& request, std::chrono::microseconds now, std::string& out,
                      std::string_view processed_by) {
  out += '{';
  const size_t fields_begin = out.size();
  AppendFields(request, out);
  const size_t fields_size = out.size() - fields_begin;
  out += ",\"server_timestamp\":";
  AppendSeconds(now, out);
  out += ",\"processed_by\":\"";
  out += processed_by;
  out += "\",\"request\":{";
  out.reserve(out.size() + fields_size + 2);  // So that the source stays where it is.
  out.append(out, fields_begin, fields_size);
  out += "}}";
}

}  // namespace drumline::target
