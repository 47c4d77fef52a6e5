#include "agent/answer/answer_check.h"

#include "agent/http/token.h"

namespace drumline {

AnswerCheck::AnswerCheck(const proto::RequestPlan& request, bool searches)
    : contains_(searches ? request.expect_body_contains() : "") {
  if (request.expect_status() != 0) {
    const auto status = static_cast<int>(request.expect_status());
    statuses_.emplace_back(status, status);
  }
  for (const proto::StatusRange& range : request.expect_statuses()) {
    statuses_.emplace_back(static_cast<int>(range.first()), static_cast<int>(range.last()));
  }
  for (const proto::Header& header : request.expect_headers()) {
    headers_.emplace_back(header.name(), header.value());
  }
  for (const proto::JsonEquals& equals : request.expect_json()) {
    json_.emplace_back(equals.pointer(), equals.value());
  }
  needs_head_ = !headers_.empty();
  needs_body_ = !json_.empty() || !contains_.empty();
}

Outcome AnswerCheck::LookInside(http::KeptResponse* kept, JsonReader* reader) const {
  for (const auto& [name, value] : headers_) {
    if (HeaderIn(kept->head, name) != value) return Outcome::kBadBody;
  }
  if (!needs_body()) return Outcome::kOk;
  if (kept->truncated || kept->body.find(contains_) == std::string::npos) return Outcome::kBadBody;
  if (json_.empty()) return Outcome::kOk;
  if (!reader->Load(&kept->body)) return Outcome::kBadBody;
  for (const auto& [pointer, value] : json_) {
    if (reader->At(pointer) != value) return Outcome::kBadBody;
  }
  return Outcome::kOk;
}

std::optional<std::string_view> HeaderIn(std::string_view head, std::string_view name) {
  while (!head.empty()) {
    const std::string_view line = head.substr(0, head.find('\n'));
    head.remove_prefix(line.size() + 1);
    const size_t colon = line.find(':');
    if (colon == std::string_view::npos) continue;
    if (!http::EqualsIgnoreCase(line.substr(0, colon), name)) continue;
    return http::TrimBlanks(line.substr(colon + 1));
  }
  return std::nullopt;
}

}  // namespace drumline
