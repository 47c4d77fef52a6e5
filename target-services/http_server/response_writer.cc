#include "target-services/http_server/response_writer.h"

#include <charconv>
#include <cstddef>

#include "target-services/http_server/json_text.h"

namespace drumline::target {
namespace {

// By definition without content, and without the fields that would describe it.
constexpr int kNoContent = 204;

void AppendNumber(size_t number, std::string& out) {
  char digits[20];
  const std::to_chars_result end = std::to_chars(digits, digits + sizeof(digits), number);
  out.append(digits, end.ptr);
}

}  // namespace

std::string_view ReasonPhrase(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 201:
      return "Created";
    case 204:
      return "No Content";
    case 400:
      return "Bad Request";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 408:
      return "Request Timeout";
    case 409:
      return "Conflict";
    case 413:
      return "Content Too Large";
    case 414:
      return "URI Too Long";
    case 417:
      return "Expectation Failed";
    case 422:
      return "Unprocessable Content";
    case 431:
      return "Request Header Fields Too Large";
    case 500:
      return "Internal Server Error";
    case 501:
      return "Not Implemented";
    case 503:
      return "Service Unavailable";
    case 505:
      return "HTTP Version Not Supported";
    default:
      return "Status";
  }
}

void ResponseWriter::Respond(int status, std::string_view content_type, std::string_view body,
                             std::string_view allow) {
  status_ = status;
  output_ += "HTTP/1.1 ";
  AppendNumber(static_cast<size_t>(status), output_);
  output_.append(" ").append(ReasonPhrase(status));
  output_.append("\r\nDate: ").append(terms_.date);
  if (status != kNoContent) {
    output_.append("\r\nContent-Type: ").append(content_type);
    output_ += "\r\nContent-Length: ";
    AppendNumber(body.size(), output_);
  }
  if (!allow.empty()) output_.append("\r\nAllow: ").append(allow);
  if (terms_.close) {
    output_ += "\r\nConnection: close";
  } else if (terms_.name_keep_alive) {
    output_ += "\r\nConnection: keep-alive";
  }
  output_ += "\r\n\r\n";
  if (!terms_.head_only && status != kNoContent) output_ += body;
}

void ResponseWriter::RespondError(int status, std::string_view message, std::string_view allow) {
  Respond(status, kJsonContentType, ErrorText(message), allow);
}

DeferredAnswer ResponseWriter::Defer() {
  deferred_ = true;
  return DeferredAnswer(promise_ ? promise_() : DeferredAnswer::Deliver());
}

}  // namespace drumline::target
