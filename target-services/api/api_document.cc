#include "target-services/api/api_document.h"

#include <algorithm>
#include <string_view>

#include "target-services/service/timestamp.h"

namespace drumline::target {
namespace {

constexpr std::string_view kSentence = "A document for a load test. ";
constexpr std::string_view kAfterDescription = R"(","timestamp":")";
constexpr std::string_view kAfterTimestamp =
    R"(","metadata":{"version":"1.0","source":"drumline-api","tags":["load","test"]}})";

}  // namespace

void AppendApiDocument(uint64_t id, std::chrono::microseconds now, std::string& out) {
  const size_t end = out.size() + kApiDocumentBytes;
  const std::string number = std::to_string(id);
  out.append(R"({"id":)").append(number);
  out.append(R"(,"name":"item )").append(number);
  out += R"(","description":")";
  const size_t description_end =
      end - kAfterDescription.size() - kTimestampChars - kAfterTimestamp.size();
  while (out.size() < description_end) {
    out += kSentence.substr(0, std::min(kSentence.size(), description_end - out.size()));
  }
  out += kAfterDescription;
  AppendTimestamp(now, out);
  out += kAfterTimestamp;
}

}  // namespace drumline::target
