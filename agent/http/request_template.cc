#include "agent/http/request_template.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "absl/strings/str_cat.h"
#include "agent/http/request_text.h"
#include "core/text_hash.h"

namespace drumline::http {
namespace {

bool HasControls(const proto::FeedRows& rows) {
  return std::any_of(rows.values().begin(), rows.values().end(), [](const std::string& value) {
    return std::any_of(value.begin(), value.end(),
                       [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
  });
}

// Text that is no template becomes one with nothing to fill in.
std::string Literally(std::string_view text) {
  std::string quoted;
  for (size_t at = 0; at < text.size();) {
    const size_t open = text.find("{{", at);
    quoted.append(text.substr(at, open - at));
    if (open == std::string_view::npos) break;
    quoted.append("{{\"{{\"}}");
    at = open + 2;
  }
  return quoted;
}

}  // namespace

absl::StatusOr<RequestTemplate> RequestTemplate::Create(
    const proto::RequestPlan& plan, std::string_view authority, const TemplateNames& names,
    const std::vector<const proto::FeedRows*>& feeds, uint64_t seed) {
  std::vector<TemplateFault> faults;
  // Each part of each request draws numbers of its own.
  const auto parse = [&](std::string_view part, bool templated, std::string_view text) {
    const uint64_t salt =
        TextHash(absl::StrCat(plan.flow(), "/", plan.name(), "/")) + TextHash(part);
    return templated ? Template::Parse(text, names, seed + salt, &faults)
                     : Template::Parse(Literally(text), names, seed, &faults);
  };
  RequestTemplate request;
  request.method_ = plan.method();
  request.path_ = parse("path", plan.templated_head(), plan.path().empty() ? "/" : plan.path());
  request.rest_ = parse("headers", plan.templated_head(), RenderHeaders(plan, authority));
  request.body_ = parse("body", plan.templated_body(), plan.body());
  request.sends_length_ = SendsLength(plan);
  if (!faults.empty()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "request ", plan.name(), ": ", faults.front().message, " ", faults.front().word));
  }
  for (size_t i = 0; i < feeds.size(); ++i) {
    const bool in_head = request.path_.UsesFeed(i) || request.rest_.UsesFeed(i);
    if (!in_head || !HasControls(*feeds[i])) continue;
    return absl::InvalidArgumentError(
        absl::StrCat("request ", plan.name(), " takes values from feed ", feeds[i]->name(),
                     " into its path or its headers, and there are control characters among them"));
  }
  return request;
}

void RequestTemplate::Render(const Template::Input& input, std::string* scratch,
                             std::string* text) const {
  scratch->clear();
  body_.Render(input, Template::Escape::kNone, scratch);
  text->clear();
  text->append(method_);
  text->push_back(' ');
  path_.Render(input, Template::Escape::kPath, text);
  rest_.Render(input, Template::Escape::kNone, text);
  if (sends_length_) {
    std::array<char, 24> digits;
    const auto end =
        std::to_chars(digits.data(), digits.data() + digits.size(), scratch->size()).ptr;
    text->append("Content-Length: ");
    text->append(digits.data(), static_cast<size_t>(end - digits.data()));
    text->append("\r\n");
  }
  text->append("\r\n");
  text->append(*scratch);
}

}  // namespace drumline::http
