// RequestTemplate: a request that is not the same for every beat; compiled when the agent is armed,
// rendered for each send.
//
//     absl::StatusOr<RequestTemplate> request =
//         RequestTemplate::Create(plan, "10.0.1.10:8080", names, feeds, seed);
//     request->Render({.position = beat, .feeds = &feeds}, &scratch, &text);
//
// Rendered, it is what RenderRequest (request_text.h) would make of a plan with the values in their
// places: Content-Length is right for each body. Into buffers that are kept nothing is allocated
// once they have grown. Immutable; safe from any thread, with buffers of its own for each.
#ifndef AGENT_HTTP_REQUEST_TEMPLATE_H_
#define AGENT_HTTP_REQUEST_TEMPLATE_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "core/feed_table.h"
#include "core/template.h"
#include "proto/plan.pb.h"

namespace drumline::http {

class RequestTemplate {
 public:
  // The plan must have passed CheckRequest. Fails on a template that does not parse, and on one in
  // the head that takes values from a feed with control characters, which would break the request.
  static absl::StatusOr<RequestTemplate> Create(const proto::RequestPlan& plan,
                                                std::string_view authority,
                                                const TemplateNames& names,
                                                const std::vector<const proto::FeedRows*>& feeds,
                                                uint64_t seed);

  // Replaces what is in [text]. [scratch] is for the body meanwhile.
  void Render(const Template::Input& input, std::string* scratch, std::string* text) const;

 private:
  std::string method_;
  Template path_;
  // From the version to the last header but Content-Length.
  Template rest_;
  Template body_;
  bool sends_length_ = false;
};

// Whether the request needs one: some part of it is a template.
inline bool IsTemplated(const proto::RequestPlan& plan) {
  return plan.templated_head() || plan.templated_body();
}

}  // namespace drumline::http

#endif  // AGENT_HTTP_REQUEST_TEMPLATE_H_
