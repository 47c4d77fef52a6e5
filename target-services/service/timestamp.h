// Time as RFC 3339 writes it, in UTC: "2023-11-14T22:13:20.000042Z".
//
//   AppendTimestamp(MicrosSinceEpoch(), out);
//
// Always 27 characters, from year 0 to 9999. Written with integer arithmetic and without a table of
// time zones, so that an answer does not wait for the C library's locks.
#ifndef TARGET_SERVICES_SERVICE_TIMESTAMP_H_
#define TARGET_SERVICES_SERVICE_TIMESTAMP_H_

#include <chrono>
#include <string>

namespace drumline::target {

inline constexpr size_t kTimestampChars = 27;

void AppendTimestamp(std::chrono::microseconds since_epoch, std::string& out);

// The wall clock.
std::chrono::microseconds MicrosSinceEpoch();

}  // namespace drumline::target

#endif  // TARGET_SERVICES_SERVICE_TIMESTAMP_H_
