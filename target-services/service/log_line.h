// What a service has to say while it runs: one line on stderr each, which a supervisor such as
// systemd adds the time to.
//
//   LogLine("users", "database: connection lost; trying again");
//
// Line ends within the text become blanks. Threads: any; a line is written whole.
#ifndef TARGET_SERVICES_SERVICE_LOG_LINE_H_
#define TARGET_SERVICES_SERVICE_LOG_LINE_H_

#include <string>
#include <string_view>

namespace drumline::target {

void LogLine(std::string_view service, std::string_view text);

// Without line ends; blanks at the end removed.
std::string OneLine(std::string_view text);

}  // namespace drumline::target

#endif  // TARGET_SERVICES_SERVICE_LOG_LINE_H_
