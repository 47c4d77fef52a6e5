// The oracle: a service whose response times are known beforehand.
#include <sys/resource.h>

#include <iostream>
#include <string>
#include <utility>

#include "target-services/oracle/listener.h"
#include "target-services/oracle/oracle_config.h"
#include "target-services/oracle/oracle_loop.h"
#include "target-services/service/readiness.h"

namespace drumline::target {
namespace {

constexpr int kExitWrongCommandLine = 2;
constexpr int kExitCannotListen = 5;

int Fail(const absl::Status& status) {
  std::cerr << "oracle: " << std::string(status.message()) << "\n";
  if (!absl::IsInvalidArgument(status) && !absl::IsNotFound(status)) return kExitCannotListen;
  std::cerr << "Try 'oracle --help'.\n";
  return kExitWrongCommandLine;
}

// The usual soft limit of 1,024 would refuse the connections of an ordinary load test.
void RaiseOpenFileLimit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

int Main(int argc, const char* const* argv) {
  const absl::StatusOr<CommandLine> line = ParseCommandLine(argc, argv);
  if (!line.ok()) return Fail(line.status());
  if (line->help) {
    std::cout << HelpText();
    return 0;
  }
  RaiseOpenFileLimit();
  absl::StatusOr<Listener> listener = Listener::Open(line->config.host, line->config.port);
  if (!listener.ok()) return Fail(listener.status());
  const std::string address = listener->address();
  OracleLoop loop(line->config, *std::move(listener));
  const absl::Status status = loop.Open();
  if (!status.ok()) return Fail(status);
  std::cout << "listening on " << address << "\n" << Describe(line->config) << "\n" << std::flush;
  if (!NotifySupervisor("READY=1")) {
    std::cerr << "oracle: NOTIFY_SOCKET could not be told that it serves\n";
  }
  loop.Run();
  return 0;
}

}  // namespace
}  // namespace drumline::target

int main(int argc, char** argv) { return drumline::target::Main(argc, argv); }
