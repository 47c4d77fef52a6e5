// How large the terminal is that a stream leads to.
//
//     printer.Print(TerminalColumns(stdout).value_or(100));
//
// Asked anew at each call, for a window may have been resized. Reads the environment; otherwise
// safe from any thread.
#ifndef CONTROLLER_FORMAT_TERMINAL_H_
#define CONTROLLER_FORMAT_TERMINAL_H_

#include <cstddef>
#include <cstdio>
#include <optional>

namespace drumline {

struct TerminalSize {
  size_t columns = 80;
  size_t rows = 24;
};

// What the terminal itself says; nothing if the stream is no terminal, or it does not know.
std::optional<TerminalSize> TerminalSizeOf(std::FILE* stream);

// What COLUMNS says, if it is a number, and else what the terminal itself says. Nothing if the
// stream is no terminal, or nobody knows.
std::optional<size_t> TerminalColumns(std::FILE* stream);

}  // namespace drumline

#endif  // CONTROLLER_FORMAT_TERMINAL_H_
