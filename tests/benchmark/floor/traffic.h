// What a client of either engine has to know of its traffic: which connection sends next and when,
// what an answer looks like, and the times that are measured. The engines do the rest: bytes and
// waiting.
//
//     Traffic traffic(plan, response_bytes, start_ns);
//     while (!traffic.Over(now_ns)) {
//       while (std::optional<int> connection = traffic.TakeDue(now_ns)) {
//         traffic.Sent(*connection, NowNs());
//         … send on it, sleep until traffic.WakeNs(), read …
//         if (traffic.Received(connection, bytes)) traffic.Answered(connection, NowNs());
//       }
//     }
//
// One thread. All is inline: these few lines are a part of the floor.
#ifndef TESTS_BENCHMARK_FLOOR_TRAFFIC_H_
#define TESTS_BENCHMARK_FLOOR_TRAFFIC_H_

#include <cstddef>
#include <cstdint>
#include <limits>
#include <numeric>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tests/benchmark/floor/beats.h"
#include "tests/benchmark/floor/clock.h"
#include "tests/benchmark/floor/command_line.h"
#include "tests/benchmark/floor/samples.h"

namespace drumline::floor {

enum class Pacing { kPrecise, kCoalesced, kSpin };
enum class Wait { kTimerfd, kPwait2 };

struct Plan {
  int connections = 64;
  bool closed = true;   // A request for each answer; otherwise beats of a constant rate.
  int64_t seconds = 5;  // In which requests are sent.
  int64_t rate_per_second = 20'000;
  Pacing pacing = Pacing::kPrecise;
  int64_t tick_ns = 1;
  Wait wait = Wait::kTimerfd;
  bool latency = true;  // Measure service and response time.
  std::string request;
};

class Traffic {
 public:
  static constexpr int64_t kDrainNs = kNsPerSecond;  // For answers after the last beat.
  static constexpr int64_t kMaxSamples = 20'000'000;
  static constexpr int64_t kClosedSamplesPerSecond = 400'000;

  // [response_bytes] is the size of each response, head and body.
  Traffic(const Plan& plan, size_t response_bytes)
      : closed_(plan.closed),
        latency_(plan.latency),
        response_bytes_(response_bytes),
        duration_ns_(plan.seconds * kNsPerSecond),
        beats_planned_(plan.closed ? 0 : plan.rate_per_second * plan.seconds),
        rate_per_second_(plan.rate_per_second),
        tick_ns_(plan.tick_ns),
        connections_(plan.connections),
        idle_(plan.connections),
        beats_(0, 1, 1, 0),
        send_lag_(beats_planned_),
        service_time_(AnswersExpected(plan)),
        response_time_(plan.closed ? 0 : AnswersExpected(plan)) {
    // The connection that became free last is taken first; all are used from the start if needed.
    std::iota(idle_.rbegin(), idle_.rend(), 0);
  }

  // Nothing is measured before: the first beat is meant for now.
  void Start(int64_t now_ns) {
    start_ns_ = now_ns;
    beats_ = Beats(start_ns_, rate_per_second_, tick_ns_, beats_planned_);
  }

  bool Over(int64_t now_ns) const {
    if (closed_) return now_ns >= EndNs();
    return (answered_ == beats_planned_) || now_ns >= EndNs() + kDrainNs;
  }

  // The connection for a request that may be sent now; the caller calls Sent when it does so.
  std::optional<int> TakeDue(int64_t now_ns) {
    if (idle_.empty()) return std::nullopt;
    const int index = idle_.back();
    if (!closed_) {
      if (!beats_.Left() || beats_.ReleaseNs() > now_ns) return std::nullopt;
      connections_[index].intended_ns = beats_.IntendedNs();
      beats_.Next();
    }
    idle_.pop_back();
    ++in_flight_;
    return index;
  }

  // When TakeDue may next give something by the clock alone, or the run is over.
  int64_t WakeNs() const {
    if (closed_) return EndNs();
    if (idle_.empty() || !beats_.Left()) return EndNs() + kDrainNs;
    return beats_.ReleaseNs();
  }

  // True if Sent is told the time; if not, any number will do.
  bool SendIsTimed() const { return !closed_ || latency_; }
  bool AnswerIsTimed() const { return latency_; }

  void Sent(int index, int64_t now_ns) {
    Connection& connection = connections_[index];
    connection.sent_ns = now_ns;
    if (!closed_) send_lag_.Add(now_ns - connection.intended_ns);
  }

  // True if [bytes] complete the response. It must have the size of the first one.
  bool Received(int index, std::string_view bytes) {
    Connection& connection = connections_[index];
    if (connection.received_bytes == 0 && !bytes.starts_with(kOkBegin.substr(0, bytes.size()))) {
      Die("the target answered " + std::string(bytes.substr(0, bytes.find('\r'))) + "; expected " +
          std::string(kOkBegin));
    }
    connection.received_bytes += bytes.size();
    if (connection.received_bytes < response_bytes_) return false;
    if (connection.received_bytes > response_bytes_) {
      Die("a response is longer than the first one, of " + std::to_string(response_bytes_) +
          " bytes: this client needs a target whose responses have all the same size");
    }
    connection.received_bytes = 0;
    return true;
  }

  // The connection is free again.
  void Answered(int index, int64_t now_ns) {
    const Connection& connection = connections_[index];
    ++answered_;
    --in_flight_;
    idle_.push_back(index);
    if (!latency_) return;
    service_time_.Add(now_ns - connection.sent_ns);
    if (!closed_) response_time_.Add(now_ns - connection.intended_ns);
  }

  int64_t beats_planned() const { return beats_planned_; }
  int64_t answered() const { return answered_; }
  int64_t in_flight() const { return in_flight_; }
  int64_t start_ns() const { return start_ns_; }
  Samples& send_lag() { return send_lag_; }
  Samples& service_time() { return service_time_; }
  Samples& response_time() { return response_time_; }

 private:
  static constexpr std::string_view kOkBegin = "HTTP/1.1 200";

  struct Connection {
    size_t received_bytes = 0;
    int64_t intended_ns = 0;
    int64_t sent_ns = 0;
  };

  static size_t AnswersExpected(const Plan& plan) {
    if (!plan.latency) return 0;
    const int64_t rate = plan.closed ? kClosedSamplesPerSecond : plan.rate_per_second;
    return std::min(kMaxSamples, rate * plan.seconds);
  }

  int64_t EndNs() const { return start_ns_ + duration_ns_; }

  bool closed_;
  bool latency_;
  size_t response_bytes_;
  int64_t duration_ns_;
  int64_t beats_planned_;
  int64_t rate_per_second_;
  int64_t tick_ns_;
  int64_t start_ns_ = 0;
  int64_t answered_ = 0;
  int64_t in_flight_ = 0;
  std::vector<Connection> connections_;
  std::vector<int> idle_;
  Beats beats_;
  Samples send_lag_;
  Samples service_time_;
  Samples response_time_;
};

// Each runs [traffic] to its end over [sockets], which are connected and by index. They call
// traffic.Start, and return the instant at which it was over.
int64_t RunEpoll(const Plan& plan, const std::vector<int>& sockets, Traffic& traffic);
int64_t RunIoUring(const Plan& plan, const std::vector<int>& sockets, Traffic& traffic);

}  // namespace drumline::floor

#endif  // TESTS_BENCHMARK_FLOOR_TRAFFIC_H_
