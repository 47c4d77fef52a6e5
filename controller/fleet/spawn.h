// Spawn: fork and exec, done so that it is right in a program with threads.
//
//     absl::StatusOr<Spawned> child = Spawn({"/usr/bin/true", {"--flag"}, log_fd, log_fd});
//
// The child
//   - leads a process group of its own, so that Ctrl-C on the terminal reaches the controller
//   alone;
//   - is killed by the kernel when the thread that started it ends, so start children from the main
//     thread: then none outlives the program, however it dies;
//   - has /dev/null as its standard input, the descriptors it is given as its standard output and
//     error, and no other;
//   - begins with all signals unblocked and at their defaults, and with the environment of its
//   parent.
//
// Blocks until the child's exec has succeeded or failed.
#ifndef CONTROLLER_FLEET_SPAWN_H_
#define CONTROLLER_FLEET_SPAWN_H_

#include <sys/types.h>

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "controller/fleet/file_descriptor.h"

namespace drumline {

struct SpawnOrder {
  // A path; it is not searched for.
  std::string program;
  // Without the program's own name.
  std::vector<std::string> arguments;
  // Borrowed; the child gets duplicates.
  int stdout_fd = -1;
  int stderr_fd = -1;
};

struct Spawned {
  pid_t pid = 0;
  // Becomes readable when the child has ended.
  FileDescriptor pidfd;
};

// Unavailable, with the system's words, if the program could not be started: nothing is left then.
absl::StatusOr<Spawned> Spawn(const SpawnOrder& order);

// A descriptor that becomes readable when the program of that number has ended; invalid, with errno
// set, if there is none.
FileDescriptor OpenPidfd(pid_t pid);

}  // namespace drumline

#endif  // CONTROLLER_FLEET_SPAWN_H_
