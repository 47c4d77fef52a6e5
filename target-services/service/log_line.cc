#include "target-services/service/log_line.h"

#include <unistd.h>

#include <algorithm>

namespace drumline::target {

std::string OneLine(std::string_view text) {
  std::string line(text.substr(0, text.find_last_not_of(" \r\n") + 1));
  std::replace_if(
      line.begin(), line.end(), [](char c) { return c == '\n' || c == '\r'; }, ' ');
  return line;
}

void LogLine(std::string_view service, std::string_view text) {
  const std::string line = std::string(service) + ": " + OneLine(text) + "\n";
  [[maybe_unused]] const ssize_t written = write(STDERR_FILENO, line.data(), line.size());
}

}  // namespace drumline::target
