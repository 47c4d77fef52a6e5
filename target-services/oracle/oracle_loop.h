// The oracle's loop: reads requests, and answers each at the instant that was chosen for it.
//
//   absl::StatusOr<Listener> listener = Listener::Open(config.host, config.port);
//   OracleLoop loop(config, *std::move(listener));
//   absl::Status status = loop.Open();
//   loop.Run();                                   // until SIGTERM or SIGINT, then drains
//
// One thread does everything, so that nothing but the clock decides when an answer is given. A
// request's delay counts from its arrival in the kernel, so that it does not matter when the loop
// reads it, as long as that is before its answer is due; what is due is looked for between any two
// other things that the loop does. Between them it asks the kernel for news without waiting
// (config.spin), or sleeps until shortly before something is due. A loop that spins sleeps too once
// no request has come for kSpinNs.
//
// Requests are numbered in the order in which they are read, from 0. Answers of one connection keep
// the order of its requests, as HTTP has it: one that is ready sooner waits for those before it.
//
// Ownership: owns the listener and the connections. Threads: one. Errors of Open: kUnavailable.
#ifndef TARGET_SERVICES_ORACLE_ORACLE_LOOP_H_
#define TARGET_SERVICES_ORACLE_ORACLE_LOOP_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "target-services/metrics/request_metrics.h"
#include "target-services/oracle/answer_text.h"
#include "target-services/oracle/books.h"
#include "target-services/oracle/connection_table.h"
#include "target-services/oracle/due_queue.h"
#include "target-services/oracle/listener.h"
#include "target-services/oracle/oracle_config.h"
#include "target-services/oracle/poller.h"
#include "target-services/oracle/usage_probe.h"

namespace drumline::target {

class OracleLoop {
 public:
  // How long the loop spins after the last request.
  static constexpr int64_t kSpinNs = 1'000'000'000;

  OracleLoop(const OracleConfig& config, Listener listener);

  absl::Status Open();
  void Run();

 private:
  static constexpr uint64_t kListener = Poller::kSignal - 1;
  // Housekeeping, and how many turns of it look at all connections once.
  static constexpr int64_t kTickNs = 10'000'000;
  static constexpr size_t kSweepTicks = 64;
  // Of one connection or of the listener, before others get their turn.
  static constexpr int kMostReads = 16;

  // Waiting, and what comes.
  int64_t WaitUntil(int64_t now_ns) const;
  // Waits out the stop, if there is one now. Returns the time.
  int64_t StandStill();
  void Take(const epoll_event& event);
  void AcceptClients();
  void AddClient(int socket);

  // Requests.
  void TakeInput(uint64_t name, OracleConnection& connection, bool to_the_end);
  void TakeRequests(uint64_t name, OracleConnection& connection);
  void TakeRequest(uint64_t name, OracleConnection& connection, const Request& request);
  void Number(Piece piece, OracleConnection& connection);
  void Refuse(uint64_t name, OracleConnection& connection);
  void Add(const Piece& piece, int64_t due_ns, OracleConnection& connection);

  // Answers.
  void GiveWhatIsDue();
  void Give(const Piece& piece, int64_t now_ns);
  void Record(const Piece& piece, int64_t now_ns);
  void Send(const Piece& piece, OracleConnection& connection);
  void FlushHeld(uint64_t name, OracleConnection& connection);
  // Goes on with a connection after it was sent something.
  void GoOn(uint64_t name, OracleConnection& connection);
  std::string RenderMetrics() const;

  // Ends.
  void BeginLinger(uint64_t name, OracleConnection& connection);
  void Close(uint64_t name);
  void Tick(int64_t now_ns);
  void Sweep(int64_t now_ns);
  void BeginDrain();
  bool Finished() const { return draining_ && connections_.size() == 0; }

  const OracleConfig config_;
  const DelayLaw& delays_;
  const FateLaw fates_;
  const AnswerText text_;
  StopSchedule stops_;
  StopSchedule::Stop next_stop_;
  Listener listener_;
  Poller poller_;
  const UsageProbe usage_;

  ConnectionTable connections_;
  DueQueue<Piece> due_;
  uint64_t numbered_ = 0;
  int64_t last_request_ns_ = 0;

  Books books_;
  RequestMetrics metrics_;
  RequestRecorder& recorder_;

  std::string date_;
  int64_t date_until_ns_ = 0;
  int64_t next_tick_ns_ = 0;
  size_t next_swept_ = 0;
  bool accept_paused_ = false;
  bool draining_ = false;
  int64_t drain_until_ns_ = 0;
};

}  // namespace drumline::target

#endif  // TARGET_SERVICES_ORACLE_ORACLE_LOOP_H_
