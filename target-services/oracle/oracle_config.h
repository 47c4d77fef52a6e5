// All knobs of the oracle: each one here once, with its default, its unit and what happens at it;
// and the command line that sets those that a user may.
//
//   absl::StatusOr<CommandLine> line = ParseCommandLine(argc, argv);
//   if (line->help) std::cout << HelpText();
//
// Errors: kInvalidArgument, and what DelayLaw::Parse says of a file; both name the flag.
#ifndef TARGET_SERVICES_ORACLE_ORACLE_CONFIG_H_
#define TARGET_SERVICES_ORACLE_ORACLE_CONFIG_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "target-services/http_server/request_limits.h"
#include "target-services/oracle/delay_law.h"
#include "target-services/oracle/fate_law.h"
#include "target-services/oracle/stop_schedule.h"

namespace drumline::target {

struct OracleConfig {
  // A numeric address or a name.
  std::string host = "127.0.0.1";
  // 0: the kernel picks a free one.
  uint16_t port = 0;

  // How the loop waits: by asking the clock again and again, or asleep. See oracle_loop.h.
  bool spin = true;

  uint64_t seed = 1;
  DelayLaw delay;
  // As it was written.
  std::string delay_text = "fixed:0ms";
  StopSchedule::Terms stops;
  FateShares fates;
  // Of the answers whose fate is an error.
  int error_status = 503;
  // Between the two halves of a body; 0: bodies are sent whole.
  int64_t slow_body_ns = 0;
  size_t response_bytes = 2;

  RequestLimits limits;
  // One more is closed as soon as it was accepted, and counted in http_connections_refused_total.
  size_t max_connections = 65'536;
  // Requests of one connection that wait for their answers; further ones stay in the kernel.
  size_t max_pipelined = 64;
  // Pieces of answers that wait to be due; with so many of them, a connection on which more comes
  // is closed, and counted in oracle_overloads_total.
  size_t max_waiting = 1'000'000;
  // A connection that finishes no request for so long is closed.
  int64_t stall_timeout_ns = 300'000'000'000;
  // After its last answer a connection is read until the client closes too, but no longer than
  // this: closing over unread bytes would have the kernel destroy the answer on its way.
  int64_t linger_timeout_ns = 2'000'000'000;
  // From the start of a drain until connections that are still open are cut.
  int64_t drain_timeout_ns = 5'000'000'000;
};

inline constexpr int kMaxResponseBytes = 16 * 1024 * 1024;

struct CommandLine {
  OracleConfig config;
  bool help = false;
};

absl::StatusOr<CommandLine> ParseCommandLine(int argc, const char* const* argv);
std::string HelpText();
// What the oracle is going to do, in a line.
std::string Describe(const OracleConfig& config);

}  // namespace drumline::target

#endif  // TARGET_SERVICES_ORACLE_ORACLE_CONFIG_H_
