#include "controller/format/terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>

#include "absl/strings/numbers.h"

namespace drumline {

std::optional<TerminalSize> TerminalSizeOf(std::FILE* stream) {
  winsize size = {};
  if (isatty(fileno(stream)) == 0 || ioctl(fileno(stream), TIOCGWINSZ, &size) != 0) {
    return std::nullopt;
  }
  if (size.ws_col == 0 || size.ws_row == 0) return std::nullopt;
  return TerminalSize{size.ws_col, size.ws_row};
}

std::optional<size_t> TerminalColumns(std::FILE* stream) {
  if (isatty(fileno(stream)) == 0) return std::nullopt;
  uint32_t columns = 0;
  // Who sets it, means it: the terminal is asked only where nobody did.
  const char* wanted = std::getenv("COLUMNS");
  if (wanted != nullptr && absl::SimpleAtoi(wanted, &columns) && columns > 0) return columns;
  winsize size = {};
  if (ioctl(fileno(stream), TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return std::nullopt;
  return size.ws_col;
}

}  // namespace drumline
