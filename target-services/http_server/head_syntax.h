// The grammar of a request's head, one line at a time (RFC 9110, RFC 9112). Strict where leniency
// lets two parties disagree about where a message ends.
//
//   RequestHead head;
//   Refusal refusal = ParseRequestLine(bytes, {0, 16}, head);
//   ... ParseFieldLine for each line until the empty one ...
//   refusal = FinishHead(bytes, head);
//
// Lines are given without their CR LF. Pure functions; nothing is allocated beyond the growth of
// head.fields.
#ifndef TARGET_SERVICES_HTTP_SERVER_HEAD_SYNTAX_H_
#define TARGET_SERVICES_HTTP_SERVER_HEAD_SYNTAX_H_

#include <string_view>

#include "target-services/http_server/refusal.h"
#include "target-services/http_server/request.h"

namespace drumline::target {

Refusal ParseRequestLine(const char* bytes, ByteRange line, RequestHead& head);
Refusal ParseFieldLine(const char* bytes, ByteRange line, RequestHead& head);
// The rules that need all fields: Host, body framing, persistence, expectation.
Refusal FinishHead(const char* bytes, RequestHead& head);

// True if `line` is NAME: VALUE. Trailer fields are checked with it, then dropped.
bool IsFieldLine(std::string_view line);
// True if `text` holds no control character other than the tab.
bool IsFieldText(std::string_view text);

}  // namespace drumline::target

#endif  // TARGET_SERVICES_HTTP_SERVER_HEAD_SYNTAX_H_
