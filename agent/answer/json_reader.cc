#include "agent/answer/json_reader.h"

#include <simdjson.h>

namespace drumline {
namespace {

namespace ondemand = simdjson::ondemand;

// What a token is followed by belongs to it in simdjson's eyes.
std::string_view WithoutBlanks(std::string_view token) {
  const size_t last = token.find_last_not_of(" \t\r\n");
  return last == std::string_view::npos ? std::string_view() : token.substr(0, last + 1);
}

std::optional<std::string_view> TokenOf(ondemand::value& value) {
  return WithoutBlanks(value.raw_json_token());
}

std::optional<std::string_view> TokenOf(ondemand::document& document) {
  std::string_view token;
  if (document.raw_json_token().get(token) != simdjson::SUCCESS) return std::nullopt;
  return WithoutBlanks(token);
}

// [value] is a document or a value within one.
template <typename Value>
std::optional<std::string_view> TextOf(Value& value) {
  ondemand::json_type type;
  if (value.type().get(type) != simdjson::SUCCESS) return std::nullopt;
  if (type == ondemand::json_type::string) {
    std::string_view text;
    if (value.get_string().get(text) != simdjson::SUCCESS) return std::nullopt;
    return text;
  }
  if (type == ondemand::json_type::object || type == ondemand::json_type::array) {
    return std::nullopt;
  }
  return TokenOf(value);
}

}  // namespace

struct JsonReader::Parser {
  ondemand::parser parser;
  ondemand::document document;
};

JsonReader::JsonReader() : parser_(std::make_unique<Parser>()) {}
JsonReader::~JsonReader() = default;

bool JsonReader::Load(std::string* document) {
  document->reserve(document->size() + simdjson::SIMDJSON_PADDING);
  return parser_->parser.iterate(document->data(), document->size(), document->capacity())
             .get(parser_->document) == simdjson::SUCCESS;
}

std::optional<std::string_view> JsonReader::At(std::string_view pointer) {
  parser_->document.rewind();
  if (pointer.empty()) return TextOf(parser_->document);
  ondemand::value value;
  if (parser_->document.at_pointer(pointer).get(value) != simdjson::SUCCESS) return std::nullopt;
  return TextOf(value);
}

}  // namespace drumline
