// The controller: reads a scenario, carries it out with the agents, and reports.
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

#include "controller/cli.h"
#include "controller/commands.h"

int main(int argc, char** argv) {
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
    std::fprintf(stderr, "controller: %s\n", std::string(line.status().message()).c_str());
    return drumline::kExitWrongInput;
  }
  return drumline::RunCommand(*line);
}
