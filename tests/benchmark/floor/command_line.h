// A command line of `--name=value` and nothing else.
//
//     int64_t port = 0;
//     CommandLine line("floor_target", "Answers any request with a fixed response.");
//     line.AddNumber("port", "where to listen; 0 takes a free one", 0, 65535, port);
//     if (const std::optional<int> exit_code = line.Parse(argc, argv)) return *exit_code;
//
// A value that is not given keeps what the variable held before: the default, which --help shows.
// The variables must outlive Parse. Faults go to stderr and give exit code 2; --help goes to
// stdout.
#ifndef TESTS_BENCHMARK_FLOOR_COMMAND_LINE_H_
#define TESTS_BENCHMARK_FLOOR_COMMAND_LINE_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace drumline::floor {

inline constexpr int kExitWrongCommandLine = 2;
inline constexpr int kExitUnusable = 5;

// Ends the program with `PROGRAM: WHAT` and exit code 5: what the benchmark needs is not there.
[[noreturn]] void Die(const std::string& what);
// The same with the text of errno.
[[noreturn]] void DieOfErrno(const std::string& what);

class CommandLine {
 public:
  CommandLine(std::string program, std::string summary);

  // A whole number between [low] and [high], both included.
  void AddNumber(std::string name, std::string help, int64_t low, int64_t high, int64_t& value);
  // One of [choices].
  void AddChoice(std::string name, std::string help, std::vector<std::string> choices,
                 std::string& value);
  // Any text that begins with [begin].
  void AddText(std::string name, std::string help, std::string begin, std::string& value);
  // --name alone sets [value].
  void AddFlag(std::string name, std::string help, bool& value);

  // The exit code if the program is to end now.
  std::optional<int> Parse(int argc, const char* const* argv) const;

 private:
  struct Option {
    std::string name;
    std::string form;  // What stands behind the name in --help: `=N`.
    std::string help;
    std::string fallback;
    // Takes a value; what it expected instead, if it did not.
    std::function<std::optional<std::string>(std::string_view)> take;
  };

  std::optional<std::string> Take(std::string_view argument) const;
  void PrintHelp() const;

  std::string program_;
  std::string summary_;
  std::vector<Option> options_;
};

}  // namespace drumline::floor

#endif  // TESTS_BENCHMARK_FLOOR_COMMAND_LINE_H_
