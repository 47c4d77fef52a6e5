// The answer of the echo service: about twice as long as the request.
//
//   {"id":7,"user_agent":"a","metadata":["b"],
//    "server_timestamp":1700000000.000001,"processed_by":"drumline-echo/1.0",
//    "request":{"id":7,"user_agent":"a","metadata":["b"]}}
//
// (on one line). `request` is the request in canonical form: its three fields in this order without
// blanks. Together with the fields themselves it makes the answer twice the canonical request plus
// about 90 bytes, whatever the request holds: 1,024 bytes are answered with about 2,130.
//
// All values were parsed and are written anew, so that an answer proves that its request was read.
#ifndef TARGET_SERVICES_ECHO_ECHO_ANSWER_H_
#define TARGET_SERVICES_ECHO_ECHO_ANSWER_H_

#include <chrono>
#include <string>
#include <string_view>

#include "target-services/echo/echo_terms.h"

namespace drumline::target {

// Appends the answer to `out`. `now` is the time since the epoch; `processed_by` needs no escapes.
void AppendEchoAnswer(const EchoRequest& request, std::chrono::microseconds now, std::string& out,
                      std::string_view processed_by = "drumline-echo/1.0");

}  // namespace drumline::target

#endif  // TARGET_SERVICES_ECHO_ECHO_ANSWER_H_
