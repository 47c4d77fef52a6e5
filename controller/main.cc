// The controller: reads a scenario, carries it out with the agents, and reports.
#include <malloc.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

#include "controller/cli.h"
#include "controller/commands.h"
#include "controller/refusal.h"

namespace {

// From here on the allocator gets a block from the kernel and gives it back. Left to itself it
// would keep blocks of a histogram's size, of which then every page is memory, touched or not:
// gigabytes with a thousand agents.
constexpr int kFromKernelBytes = 128 * 1024;

}  // namespace

int main(int argc, char** argv) {
  mallopt(M_MMAP_THRESHOLD, kFromKernelBytes);
  // `bazel run` starts a program elsewhere, and says here where its user stands.
  if (const char* directory = std::getenv("BUILD_WORKING_DIRECTORY");
      directory != nullptr && chdir(directory) != 0) {
    std::perror(directory);
    return drumline::kExitUnusable;
  }
  // What goes wrong is told in our words; gRPC's own are for those who ask for them.
  setenv("GRPC_VERBOSITY", "NONE", /*replace=*/0);
  const absl::StatusOr<drumline::CommandLine> line = drumline::ParseCommandLine(argc, argv);
  if (!line.ok()) {
    return drumline::Refuse(line.status(), drumline::kExitWrongInput);
  }
  return drumline::RunCommand(*line);
}
