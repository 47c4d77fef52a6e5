#include "agent/http/request_text.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "agent/http/token.h"

namespace drumline::http {
namespace {

bool IsControl(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte < 0x20 || byte == 0x7f;
}

bool HasBlankOrControl(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) { return c == ' ' || IsControl(c); });
}

// The text of a template without its places.
std::string WithoutPlaces(std::string_view text) {
  std::string rest;
  while (true) {
    const size_t open = text.find("{{");
    rest.append(text.substr(0, open));
    const size_t close = open == std::string_view::npos ? open : text.find("}}", open);
    if (close == std::string_view::npos) return rest;
    text.remove_prefix(close + 2);
  }
}

bool HasControlButTab(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) { return c != '\t' && IsControl(c); });
}

bool Names(const proto::RequestPlan& plan, std::string_view name) {
  return std::any_of(plan.headers().begin(), plan.headers().end(),
                     [name](const auto& header) { return EqualsIgnoreCase(header.name(), name); });
}

absl::Status CheckHeader(const proto::Header& header, size_t body_bytes) {
  if (!IsToken(header.name())) {
    return absl::InvalidArgumentError(
        absl::StrCat("header name '", header.name(), "' has characters that a name may not have"));
  }
  if (HasControlButTab(header.value())) {
    return absl::InvalidArgumentError(
        absl::StrCat("the value of header '", header.name(), "' has control characters"));
  }
  if (EqualsIgnoreCase(header.name(), "transfer-encoding") ||
      EqualsIgnoreCase(header.name(), "upgrade")) {
    return absl::InvalidArgumentError(
        absl::StrCat("header '", header.name(), "' is not supported"));
  }
  if (EqualsIgnoreCase(header.name(), "content-length") &&
      header.value() != absl::StrCat(body_bytes)) {
    return absl::InvalidArgumentError(absl::StrCat("header '", header.name(), ": ", header.value(),
                                                   "' contradicts the body of ", body_bytes,
                                                   " bytes"));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status CheckRequest(const proto::RequestPlan& plan, std::string_view authority,
                          std::string_view given_path) {
  const std::string path =
      plan.templated_head() ? WithoutPlaces(given_path) : std::string(given_path);
  if (!IsToken(plan.method()) || plan.method() == "CONNECT") {
    return absl::InvalidArgumentError(
        absl::StrCat("method '", plan.method(), "' is not one that can be sent"));
  }
  if (!path.empty() && (HasBlankOrControl(path) || path.find('#') != std::string::npos ||
                        (path.front() != '/' && path != "*"))) {
    return absl::InvalidArgumentError(absl::StrCat(
        "path '", path, "' does not begin with '/', or has spaces, control characters or '#'"));
  }
  if (authority.empty() || HasBlankOrControl(authority) ||
      authority.find_first_of("/?#@") != std::string_view::npos) {
    return absl::InvalidArgumentError(
        absl::StrCat("authority '", std::string(authority), "' is not of the form host[:port]"));
  }
  size_t hosts = 0;
  for (const proto::Header& header : plan.headers()) {
    absl::Status status = CheckHeader(header, plan.body().size());
    if (!status.ok()) return status;
    hosts += EqualsIgnoreCase(header.name(), "host") ? 1 : 0;
  }
  if (hosts > 1) return absl::InvalidArgumentError("header 'Host' is named twice");
  return absl::OkStatus();
}

std::string RenderHeaders(const proto::RequestPlan& plan, std::string_view authority) {
  std::string text = " HTTP/1.1\r\n";
  if (!Names(plan, "host")) absl::StrAppend(&text, "Host: ", std::string(authority), "\r\n");
  if (!Names(plan, "user-agent")) absl::StrAppend(&text, "User-Agent: drumline\r\n");
  for (const proto::Header& header : plan.headers()) {
    // Ours is right whether it is named or not, and there must be only one.
    if (EqualsIgnoreCase(header.name(), "content-length")) continue;
    absl::StrAppend(&text, header.name(), ": ", header.value(), "\r\n");
  }
  return text;
}

bool SendsLength(const proto::RequestPlan& plan) {
  const bool expects_body =
      plan.method() == "POST" || plan.method() == "PUT" || plan.method() == "PATCH";
  return !plan.body().empty() || expects_body || Names(plan, "content-length");
}

std::string RenderRequest(const proto::RequestPlan& plan, std::string_view authority,
                          std::string_view path) {
  std::string text = absl::StrCat(plan.method(), " ", path.empty() ? "/" : std::string(path),
                                  RenderHeaders(plan, authority));
  if (SendsLength(plan)) absl::StrAppend(&text, "Content-Length: ", plan.body().size(), "\r\n");
  absl::StrAppend(&text, "\r\n", plan.body());
  return text;
}

}  // namespace drumline::http
