#include "target-services/echo_dom/dom_request.h"

#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/value_stack.hpp>
#include <cmath>
#include <cstdint>
#include <utility>

#include "target-services/service/json_levels.h"
#include "target-services/service/json_number.h"

namespace drumline::target {
namespace {

namespace json = boost::json;
using boost::system::error_code;

// What Boost.JSON's parser calls as it reads. Each returns false to refuse the body.
class TreeBuilder {
 public:
  static constexpr size_t max_object_size = json::object::max_size();
  static constexpr size_t max_array_size = json::array::max_size();
  static constexpr size_t max_key_size = json::string::max_size();
  static constexpr size_t max_string_size = json::string::max_size();

  TreeBuilder() { stack_.reset(); }
  json::value Release() { return stack_.release(); }

  bool on_document_begin(error_code&) { return true; }
  bool on_document_end(error_code&) { return true; }
  bool on_object_begin(error_code& error) { return Open(/*object=*/true, error); }
  bool on_array_begin(error_code& error) { return Open(/*object=*/false, error); }
  bool on_object_end(size_t size, error_code&) {
    --open_;
    if (open_ == 0) {
      stack_.push_array(2 * size);
    } else {
      stack_.push_object(size);
    }
    return true;
  }
  bool on_array_end(size_t size, error_code&) {
    --open_;
    stack_.push_array(size);
    return true;
  }
  bool on_key_part(json::string_view text, size_t, error_code&) {
    stack_.push_chars(text);
    return true;
  }
  bool on_key(json::string_view text, size_t, error_code&) {
    if (open_ == 1) {
      stack_.push_string(text);
    } else {
      stack_.push_key(text);
    }
    return true;
  }
  bool on_string_part(json::string_view text, size_t, error_code&) {
    stack_.push_chars(text);
    return true;
  }
  bool on_string(json::string_view text, size_t, error_code& error) {
    stack_.push_string(text);
    return Scalar(error);
  }
  bool on_number_part(json::string_view, error_code&) { return true; }
  bool on_int64(int64_t number, json::string_view text, error_code& error) {
    // -0 is no unsigned integer.
    if (number == 0 && text.front() == '-') {
      stack_.push_double(-0.0);
    } else {
      stack_.push_int64(number);
    }
    return Scalar(error);
  }
  bool on_uint64(uint64_t number, json::string_view, error_code& error) {
    stack_.push_uint64(number);
    return Scalar(error);
  }
  bool on_double(double number, json::string_view text, error_code& error) {
    const std::string_view digits(text.data(), text.size());
    const bool integer = digits.find_first_of(".eE") == digits.npos;
    if (integer || !HasFittingExponent(digits)) return Refuse(error);
    // Zero to any power is multiplied by infinity here.
    const bool zero =
        digits.substr(0, digits.find_first_of("eE")).find_first_of("123456789") == digits.npos;
    if (!zero && !std::isfinite(number)) return Refuse(error);
    stack_.push_double(zero ? 0.0 : number);
    return Scalar(error);
  }
  bool on_bool(bool truth, error_code& error) {
    stack_.push_bool(truth);
    return Scalar(error);
  }
  bool on_null(error_code& error) {
    stack_.push_null();
    return Scalar(error);
  }
  bool on_comment_part(json::string_view, error_code&) { return true; }
  bool on_comment(json::string_view, error_code&) { return true; }

 private:
  static bool Refuse(error_code& error) {
    error = json::error::syntax;
    return false;
  }
  // The body is one object, whose fields' values have level 0.
  bool Open(bool object, error_code& error) {
    if ((open_ == 0 && !object) || open_ - 1 > kMaxJsonLevels) return Refuse(error);
    ++open_;
    return true;
  }
  bool Scalar(error_code& error) const {
    return open_ > 0 && open_ - 1 <= kMaxJsonLevels ? true : Refuse(error);
  }

  json::value_stack stack_;
  int open_ = 0;  // Objects and arrays that have begun and not ended.
};

bool IsWhiteSpace(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

std::string_view ViewOf(const json::string& text) { return {text.data(), text.size()}; }

absl::Status ReadMetadata(const json::value& value, std::vector<std::string_view>& metadata) {
  if (!value.is_array()) return Expected("metadata", kMetadataExpectation);
  for (const json::value& element : value.get_array()) {
    if (!element.is_string()) return ExpectedElement(metadata.size());
    metadata.push_back(ViewOf(element.get_string()));
  }
  return absl::OkStatus();
}

bool ReadId(const json::value& value, uint64_t& id) {
  if (value.is_uint64()) {
    id = value.get_uint64();
    return true;
  }
  if (!value.is_int64() || value.get_int64() < 0) return false;
  id = static_cast<uint64_t>(value.get_int64());
  return true;
}

}  // namespace

absl::StatusOr<DomRequest> DomRequest::Read(std::string_view body) {
  json::parse_options options;
  options.max_depth = kMaxJsonLevels + 2;  // The builder's own limit speaks first.
  json::basic_parser<TreeBuilder> parser(options);
  error_code error;
  const size_t end = parser.write_some(/*more=*/false, body.data(), body.size(), error);
  body.remove_prefix(end);
  for (char c : body) {
    if (!IsWhiteSpace(c)) return NotOneObject();
  }
  if (error) return NotOneObject();
  DomRequest request;
  request.members_ = parser.handler().Release();
  absl::Status status = request.ReadFields();
  if (!status.ok()) return status;
  return request;
}

absl::Status DomRequest::ReadFields() {
  bool has_id = false;
  bool has_metadata = false;
  const json::array& members = members_.get_array();
  for (size_t i = 0; i < members.size(); i += 2) {
    const std::string_view key = ViewOf(members[i].get_string());
    const json::value& value = members[i + 1];
    if (key == "id") {
      if (std::exchange(has_id, true)) return Expected("id", kOnceExpectation);
      if (!ReadId(value, id_)) return Expected("id", kIdExpectation);
    } else if (key == "user_agent") {
      if (user_agent_ != nullptr) return Expected("user_agent", kOnceExpectation);
      if (!value.is_string()) return Expected("user_agent", kUserAgentExpectation);
      user_agent_ = &value.get_string();
    } else if (key == "metadata") {
      if (std::exchange(has_metadata, true)) return Expected("metadata", kOnceExpectation);
      absl::Status status = ReadMetadata(value, metadata_);
      if (!status.ok()) return status;
    }
  }
  if (!has_id) return Missing("id", kIdExpectation);
  if (user_agent_ == nullptr) return Missing("user_agent", kUserAgentExpectation);
  if (!has_metadata) return Missing("metadata", kMetadataExpectation);
  return absl::OkStatus();
}

EchoRequest DomRequest::fields() const { return {id_, ViewOf(*user_agent_), &metadata_}; }

}  // namespace drumline::target
