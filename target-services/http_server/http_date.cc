#include "target-services/http_server/http_date.h"

namespace drumline::target {

std::string HttpDate(std::time_t now) {
  constexpr const char* kDays[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr const char* kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  std::tm utc{};
  gmtime_r(&now, &utc);
  char rest[32];
  const size_t length = std::strftime(rest, sizeof(rest), " %Y %H:%M:%S GMT", &utc);
  std::string date = kDays[utc.tm_wday];
  date.append(utc.tm_mday < 10 ? ", 0" : ", ").append(std::to_string(utc.tm_mday)).append(" ");
  return date.append(kMonths[utc.tm_mon]).append(rest, length);
}

}  // namespace drumline::target
