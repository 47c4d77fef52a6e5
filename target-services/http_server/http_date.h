// The value of HTTP's Date field (RFC 9110, 5.6.7), whatever the locale.
//
//   HttpDate(std::time(nullptr));   // "Sun, 06 Nov 1994 08:49:37 GMT"
#ifndef TARGET_SERVICES_HTTP_SERVER_HTTP_DATE_H_
#define TARGET_SERVICES_HTTP_SERVER_HTTP_DATE_H_

#include <ctime>
#include <string>

namespace drumline::target {

std::string HttpDate(std::time_t now);

}  // namespace drumline::target

#endif  // TARGET_SERVICES_HTTP_SERVER_HTTP_DATE_H_
