#include "target-services/echo/echo_request.h"

#include <simdjson.h>

#include <string>
#include <utility>

namespace drumline::target {
namespace {

namespace ondemand = simdjson::ondemand;

constexpr int kMaxDepth = 64;  // Of fields that are passed over.

absl::Status Expected(const std::string& field, const char* expectation) {
  return absl::InvalidArgumentError(field + ": expected " + expectation);
}

absl::Status NotJson(simdjson::error_code error) {
  return absl::InvalidArgumentError(std::string("body: expected a JSON object, but ") +
                                    simdjson::error_message(error));
}

absl::Status CheckJson(ondemand::value value, int depth);

absl::Status CheckArray(ondemand::value value, int depth) {
  ondemand::array array;
  if (const auto error = value.get_array().get(array)) return NotJson(error);
  for (auto element : array) {
    ondemand::value child;
    if (const auto error = element.get(child)) return NotJson(error);
    absl::Status status = CheckJson(child, depth + 1);
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::Status CheckObject(ondemand::value value, int depth) {
  ondemand::object object;
  if (const auto error = value.get_object().get(object)) return NotJson(error);
  for (auto field : object) {
    std::string_view key;
    ondemand::value child;
    if (const auto error = field.unescaped_key().get(key)) return NotJson(error);
    if (const auto error = field.value().get(child)) return NotJson(error);
    absl::Status status = CheckJson(child, depth + 1);
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::Status CheckScalar(ondemand::value value, ondemand::json_type type) {
  switch (type) {
    case ondemand::json_type::string: {
      std::string_view ignored;
      return value.get_string().get(ignored) ? Expected("body", "valid strings") : absl::OkStatus();
    }
    case ondemand::json_type::number: {
      ondemand::number ignored;
      return value.get_number().get(ignored) ? Expected("body", "valid numbers") : absl::OkStatus();
    }
    case ondemand::json_type::boolean: {
      bool ignored = false;
      return value.get_bool().get(ignored) ? Expected("body", "true or false") : absl::OkStatus();
    }
    default: {
      bool null = false;
      const bool failed = value.is_null().get(null) != simdjson::SUCCESS;
      return failed || !null ? Expected("body", "null") : absl::OkStatus();
    }
  }
}

// An on-demand parser passes over what is not asked for without a look. This takes one, so that
// "bad JSON" is refused wherever it stands.
absl::Status CheckJson(ondemand::value value, int depth) {
  if (depth > kMaxDepth) return Expected("body", "at most 64 levels of nesting");
  ondemand::json_type type;
  if (const auto error = value.type().get(type)) return NotJson(error);
  if (type == ondemand::json_type::array) return CheckArray(value, depth);
  if (type == ondemand::json_type::object) return CheckObject(value, depth);
  return CheckScalar(value, type);
}

struct Seen {
  bool id = false;
  bool user_agent = false;
  bool metadata = false;
};

absl::Status ReadMetadata(ondemand::value value, std::vector<std::string_view>& metadata) {
  metadata.clear();
  ondemand::array array;
  if (value.get_array().get(array)) return Expected("metadata", "an array of strings");
  for (auto element : array) {
    std::string_view text;
    if (element.get_string().get(text)) {
      return Expected("metadata[" + std::to_string(metadata.size()) + "]", "a string");
    }
    metadata.push_back(text);
  }
  return absl::OkStatus();
}

absl::Status ReadField(std::string_view key, ondemand::value value, EchoRequest& request,
                       std::vector<std::string_view>& metadata, Seen& seen) {
  if (key == "id") {
    if (std::exchange(seen.id, true)) return Expected("id", "to be given once");
    if (value.get_uint64().get(request.id)) return Expected("id", "an unsigned 64-bit integer");
    return absl::OkStatus();
  }
  if (key == "user_agent") {
    if (std::exchange(seen.user_agent, true)) return Expected("user_agent", "to be given once");
    if (value.get_string().get(request.user_agent)) return Expected("user_agent", "a string");
    return absl::OkStatus();
  }
  if (key == "metadata") {
    if (std::exchange(seen.metadata, true)) return Expected("metadata", "to be given once");
    return ReadMetadata(value, metadata);
  }
  return CheckJson(value, /*depth=*/0);
}

}  // namespace

struct EchoRequestReader::Workspace {
  ondemand::parser parser;
  std::string padded;  // The body and the spare bytes that simdjson may read behind it.
  std::vector<std::string_view> metadata;
};

EchoRequestReader::EchoRequestReader() : workspace_(std::make_unique<Workspace>()) {}
EchoRequestReader::~EchoRequestReader() = default;

absl::StatusOr<EchoRequest> EchoRequestReader::Read(std::string_view body) {
  std::string& padded = workspace_->padded;
  padded.assign(body);
  padded.resize(body.size() + simdjson::SIMDJSON_PADDING);
  const simdjson::padded_string_view view(padded.data(), body.size(), padded.size());
  ondemand::document document;
  if (const auto error = workspace_->parser.iterate(view).get(document)) return NotJson(error);
  ondemand::object object;
  if (const auto error = document.get_object().get(object)) return NotJson(error);
  EchoRequest request;
  request.metadata = &workspace_->metadata;
  Seen seen;
  for (auto field : object) {
    std::string_view key;
    ondemand::value value;
    if (const auto error = field.unescaped_key().get(key)) return NotJson(error);
    if (const auto error = field.value().get(value)) return NotJson(error);
    absl::Status status = ReadField(key, value, request, workspace_->metadata, seen);
    if (!status.ok()) return status;
  }
  // Past the last token there is no location to ask for.
  if (!document.current_location().error()) {
    return Expected("body", "nothing behind the JSON object");
  }
  if (!seen.id) return Expected("id", "an unsigned 64-bit integer, but it is missing");
  if (!seen.user_agent) return Expected("user_agent", "a string, but it is missing");
  if (!seen.metadata) return Expected("metadata", "an array of strings, but it is missing");
  return request;
}

}  // namespace drumline::target
