// The bytes of a request, made once from the plan and sent many times.
//
//     absl::Status status = CheckRequest(plan, "10.0.1.10:8080", "/echo");
//     if (!status.ok()) return status;  // the plan came by wire
//     const std::string request = RenderRequest(plan, "10.0.1.10:8080", "/echo");
//
// Pure; may be called from any thread.
#ifndef AGENT_HTTP_REQUEST_TEXT_H_
#define AGENT_HTTP_REQUEST_TEXT_H_

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "proto/plan.pb.h"

namespace drumline::http {

// Whether the request can be sent as it is meant; if not, an InvalidArgumentError names the part
// and the fault. Refused: a method or header name that is no token; CONNECT, which is no request to
// a target; a path, authority or value that would end its line; Host named twice; Transfer-Encoding
// and a Content-Length that is not the body's, for the body is sent as it is; Upgrade, whose answer
// would no longer be HTTP/1.1. Of templates what stands
// between {{ and }} is not looked at.
absl::Status CheckRequest(const proto::RequestPlan& plan, std::string_view authority,
                          std::string_view path);

// The whole request, HTTP/1.1: request line, Host, User-Agent, the plan's own headers in their
// order, Content-Length, body.
//   - [path] and query go out as they are; an empty one is "/". The plan's own path is not looked
//   at.
//   - Host is [authority] and User-Agent is "drumline", unless the plan's headers name them.
//   - Content-Length is there with a body, and without one where the method expects one (POST, PUT,
//     PATCH).
// The request must have passed CheckRequest.
std::string RenderRequest(const proto::RequestPlan& plan, std::string_view authority,
                          std::string_view path);

// Parts of it: what stands between the path and Content-Length, from the blank before the version
// to the last header's CRLF; and whether Content-Length is sent.
std::string RenderHeaders(const proto::RequestPlan& plan, std::string_view authority);
bool SendsLength(const proto::RequestPlan& plan);

}  // namespace drumline::http

#endif  // AGENT_HTTP_REQUEST_TEXT_H_
