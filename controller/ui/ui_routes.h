// What the live page's server answers to whom: a pure function of the request, so that its rules
// can be tested without a socket.
//
//     UiAnswer answer = AnswerFor(request, policy);
//
//     GET  /                          the live page
//     GET  /events                    server-sent events
//     GET  /bundles                   the list of bundles, as JSON
//     GET  /bundles/NAME/FILE         report.html, overlay.html or report.json of a bundle
//     POST /stop                      ends the campaign
//
// Nobody but the person who started the controller may watch or stop it:
// - Bound to loopback, a request must name a loopback host (127.0.0.1, localhost, [::1]) in its
// Host
//   header: a page of somebody else's whose name was made to point here (DNS rebinding) does not.
// - Bound to anything else, each request must show the token, which the controller prints: once as
//   /?token=…, which sets a cookie for all that follow.
// - Nothing changes but by POST, with a header that no page of another origin can send: it holds
// the
//   token, which stands in the live page alone.
#ifndef CONTROLLER_UI_UI_ROUTES_H_
#define CONTROLLER_UI_UI_ROUTES_H_

#include <string>

namespace drumline {

// The header of a POST.
inline constexpr char kTokenHeader[] = "X-Drumline-Token";
inline constexpr char kTokenCookie[] = "drumline-token";

struct UiRequest {
  std::string method = {};
  // Path and query, as they were sent.
  std::string target = {};
  std::string host = {};
  // Headers; empty where there is none.
  std::string origin = {};
  std::string cookie = {};
  std::string token = {};
};

struct UiPolicy {
  bool loopback = true;
  // 128 random bits in hexadecimal.
  std::string token = {};
};

struct UiAnswer {
  enum class What { kRefuse, kPage, kEvents, kList, kFile, kStop, kRedirectWithCookie };

  What what = What::kRefuse;
  // An HTTP status; of kRefuse, with the words for the person.
  int status = 200;
  std::string words = {};
  // Of kFile; the bundle's name has no slash, and the file is one of the three.
  std::string bundle = {};
  std::string file = {};
};

UiAnswer AnswerFor(const UiRequest& request, const UiPolicy& policy);

}  // namespace drumline

#endif  // CONTROLLER_UI_UI_ROUTES_H_
