#include "agent/null_service/request_framing.h"

#include <strings.h>

#include <algorithm>
#include <charconv>

namespace drumline {
namespace {

constexpr std::string_view kHeadEnd = "\r\n\r\n";
constexpr std::string_view kLength = "\r\ncontent-length:";
constexpr size_t kMaxBodyBytes = size_t{1} << 40;

// Where the value of Content-Length begins; nullptr if there is none.
const char* LengthValue(std::string_view head) {
  for (size_t at = head.find("\r\n"); at + kLength.size() <= head.size();
       at = head.find("\r\n", at + 2)) {
    if (strncasecmp(head.data() + at, kLength.data(), kLength.size()) == 0) {
      return head.data() + at + kLength.size();
    }
  }
  return nullptr;
}

}  // namespace

std::optional<int> RequestFraming::Take(std::string_view bytes) {
  int complete = 0;
  while (!bytes.empty()) {
    if (body_bytes_missing_ > 0) {
      const size_t taken = std::min(body_bytes_missing_, bytes.size());
      bytes.remove_prefix(taken);
      body_bytes_missing_ -= taken;
      complete += body_bytes_missing_ == 0;
      continue;
    }
    // What was unfinished goes before what came: rarely, so that its copy does no harm.
    const size_t before = unfinished_head_.size();
    if (before > 0) unfinished_head_ += bytes;
    const std::string_view from_head = before > 0 ? std::string_view(unfinished_head_) : bytes;
    const size_t head_bytes = HeadBytes(from_head);
    if (head_bytes == 0) {
      if (from_head.size() > kMaxHeadBytes) return std::nullopt;
      if (before == 0) unfinished_head_ = bytes;
      return complete;
    }
    const std::string_view head = from_head.substr(0, head_bytes);
    if (head != last_head_ && !Learn(head)) return std::nullopt;
    bytes.remove_prefix(head_bytes - before);
    unfinished_head_.clear();
    body_bytes_missing_ = body_bytes_;
    complete += body_bytes_ == 0;
  }
  return complete;
}

size_t RequestFraming::HeadBytes(std::string_view bytes) const {
  if (!last_head_.empty() && bytes.starts_with(last_head_)) return last_head_.size();
  const size_t end = bytes.find(kHeadEnd);
  return end == std::string_view::npos ? 0 : end + kHeadEnd.size();
}

bool RequestFraming::Learn(std::string_view head) {
  size_t length = 0;
  if (const char* value = LengthValue(head)) {
    const char* const end = head.data() + head.size();
    while (*value == ' ' || *value == '\t') ++value;
    const auto [rest, error] = std::from_chars(value, end, length);
    if (error != std::errc{} || *rest != '\r' || length > kMaxBodyBytes) return false;
  }
  last_head_ = head;
  body_bytes_ = length;
  return true;
}

}  // namespace drumline
