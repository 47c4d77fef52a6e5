// Child: a program that runs as a child of this one, and writes into a log file.
//
//     absl::StatusOr<std::unique_ptr<Child>> child =
//         Child::Start(&loop, {path, {"--port", "0"}, "logs/echo-1.log", on_stdout_line},
//                      [](const Child::Exit& exit) { … "exited with 1" … });
//     (*child)->Terminate(std::chrono::seconds(5));      // SIGTERM, SIGKILL 5 s later; then
//     on_exit
//
// See spawn.h for the state in which it starts; it must be started by the main thread. Its standard
// output and error are appended to the log; with `on_stdout_line` its output goes there by way of
// a pipe, and each line of it is shown to the callback.
//
// Destroying a Child that still runs kills it with its whole process group and waits until the
// kernel has let go of it; no callback comes then or later. Callbacks come from the loop, never
// from within a call, and may destroy the Child. Belongs to the loop's thread; the loop must
// outlive it.
#ifndef CONTROLLER_FLEET_CHILD_H_
#define CONTROLLER_FLEET_CHILD_H_

#include <sys/types.h>

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace drumline {

class Child {
 public:
  // Longer lines are shown to `on_stdout_line` without their end; the log has them whole.
  static constexpr size_t kMaxLineBytes = 4096;
  // What Exit::log_tail has at most.
  static constexpr size_t kTailBytes = 2048;
  static constexpr size_t kTailLines = 10;

  struct Order {
    // A path; it is not searched for.
    std::string program;
    std::vector<std::string> arguments;
    // Appended to, and made if it is not there; its directory must exist.
    std::string log_path;
    // Without the line's end. May be empty: then the output goes to the log alone.
    std::function<void(std::string_view)> on_stdout_line;
  };

  struct Exit {
    // "exited with 1", "killed by signal 9".
    std::string reason;
    // The last lines that this child wrote, fit to be printed; empty if it wrote nothing.
    std::string log_tail;
  };
  using OnExit = std::function<void(const Exit&)>;

  // Unavailable, in words for the person at the terminal, if the log or the program cannot be
  // opened.
  static absl::StatusOr<std::unique_ptr<Child>> Start(boost::asio::io_context* loop, Order order,
                                                      OnExit on_exit);
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  ~Child();

  pid_t pid() const;
  // SIGTERM to the child's process group now, SIGKILL if it has not ended after `grace`. What then
  // still lives of its group is killed when the child itself has ended. Nothing, if it has.
  void Terminate(std::chrono::nanoseconds grace);

 private:
  struct State;

  explicit Child(std::shared_ptr<State> state);

  // Shared with handlers on the loop.
  const std::shared_ptr<State> state_;
};

}  // namespace drumline

#endif  // CONTROLLER_FLEET_CHILD_H_
