#include "target-services/echo/echo_request.h"

#include <simdjson.h>

#include <string>
#include <utility>

#include "target-services/service/json_check.h"

namespace drumline::target {
namespace {

namespace ondemand = simdjson::ondemand;

struct Seen {
  bool id = false;
  bool user_agent = false;
  bool metadata = false;
};

absl::Status ReadMetadata(ondemand::value value, std::vector<std::string_view>& metadata) {
  metadata.clear();
  ondemand::array array;
  if (value.get_array().get(array)) return Expected("metadata", kMetadataExpectation);
  for (auto element : array) {
    std::string_view text;
    if (element.get_string().get(text)) return ExpectedElement(metadata.size());
    metadata.push_back(text);
  }
  return absl::OkStatus();
}

absl::Status ReadField(std::string_view key, ondemand::value value, EchoRequest& request,
                       std::vector<std::string_view>& metadata, Seen& seen) {
  if (key == "id") {
    if (std::exchange(seen.id, true)) return Expected("id", kOnceExpectation);
    if (value.get_uint64().get(request.id)) return Expected("id", kIdExpectation);
    return absl::OkStatus();
  }
  if (key == "user_agent") {
    if (std::exchange(seen.user_agent, true)) return Expected("user_agent", kOnceExpectation);
    if (value.get_string().get(request.user_agent))
      return Expected("user_agent", kUserAgentExpectation);
    return absl::OkStatus();
  }
  if (key == "metadata") {
    if (std::exchange(seen.metadata, true)) return Expected("metadata", kOnceExpectation);
    return ReadMetadata(value, metadata);
  }
  return IsJson(value, /*level=*/0) ? absl::OkStatus() : NotOneObject();
}

}  // namespace

struct EchoRequestReader::Workspace {
  ondemand::parser parser;
  std::string padded;  // The body and the spare bytes that simdjson may read behind it.
  size_t body_size = 0;
  std::vector<std::string_view> metadata;

  simdjson::error_code Iterate(ondemand::document& document) {
    const simdjson::padded_string_view view(padded.data(), body_size, padded.size());
    return parser.iterate(view).get(document);
  }
};

EchoRequestReader::EchoRequestReader() : workspace_(std::make_unique<Workspace>()) {}
EchoRequestReader::~EchoRequestReader() = default;

absl::StatusOr<EchoRequest> EchoRequestReader::Read(std::string_view body) {
  std::string& padded = workspace_->padded;
  padded.assign(body);
  padded.resize(body.size() + simdjson::SIMDJSON_PADDING);
  workspace_->body_size = body.size();
  absl::StatusOr<EchoRequest> request = ReadFields();
  if (!request.ok() && !IsOneObject()) return NotOneObject();
  return request;
}

absl::StatusOr<EchoRequest> EchoRequestReader::ReadFields() {
  ondemand::document document;
  ondemand::object object;
  if (workspace_->Iterate(document) || document.get_object().get(object)) return NotOneObject();
  EchoRequest request;
  request.metadata = &workspace_->metadata;
  Seen seen;
  for (auto field : object) {
    std::string_view key;
    ondemand::value value;
    if (field.unescaped_key().get(key) || field.value().get(value)) return NotOneObject();
    absl::Status status = ReadField(key, value, request, workspace_->metadata, seen);
    if (!status.ok()) return status;
  }
  if (!IsAtEnd(document)) return NotOneObject();
  if (!seen.id) return Missing("id", kIdExpectation);
  if (!seen.user_agent) return Missing("user_agent", kUserAgentExpectation);
  if (!seen.metadata) return Missing("metadata", kMetadataExpectation);
  return request;
}

bool EchoRequestReader::IsOneObject() {
  ondemand::document document;
  ondemand::object object;
  if (workspace_->Iterate(document) || document.get_object().get(object)) return false;
  // The object itself is one level above the values of its fields.
  return IsJsonObject(object, /*level=*/-1) && IsAtEnd(document);
}

}  // namespace drumline::target
