// ClockSync: the offset of one agent's clock from the controller's, from pings over the stream.
//
//     ClockSync sync;
//     sync.Add({.sent_ns = t0, .agent_ns = ta, .received_ns = t1});    // a dozen times
//     sync.offset_ns();        // agent's clock − controller's clock
//     sync.uncertainty_ns();   // the true offset is within ± this
//
// If the ping left at t0 and its answer came at t1, the agent read its clock at some instant
// between the two. So the offset lies within ta − t1 … ta − t0: the middle is the estimate and half
// the round trip its bound, whatever the delays of the two ways were (Cristian, "Probabilistic
// clock synchronization", Distributed Computing 3, 1989, §3). The fastest round trip gives the
// narrowest bound, and is the one kept.
//
// Nanoseconds; each clock is monotonic and has an origin of its own. Thread-compatible.
#ifndef CONTROLLER_RUN_CLOCK_SYNC_H_
#define CONTROLLER_RUN_CLOCK_SYNC_H_

#include <cstdint>
#include <limits>

namespace drumline {

class ClockSync {
 public:
  struct Sample {
    int64_t sent_ns = 0;
    int64_t agent_ns = 0;
    int64_t received_ns = 0;
  };

  void Add(const Sample& sample) {
    ++samples_;
    const int64_t round_trip_ns = sample.received_ns - sample.sent_ns;
    if (round_trip_ns < 0 || round_trip_ns >= fastest_ns_) return;
    fastest_ns_ = round_trip_ns;
    offset_ns_ = sample.agent_ns - (sample.sent_ns + round_trip_ns / 2);
  }

  int samples() const { return samples_; }
  int64_t offset_ns() const { return offset_ns_; }
  // Rounded up: half of an odd round trip must not understate the bound.
  int64_t uncertainty_ns() const { return fastest_ns_ / 2 + fastest_ns_ % 2; }

 private:
  int samples_ = 0;
  int64_t fastest_ns_ = std::numeric_limits<int64_t>::max();
  int64_t offset_ns_ = 0;
};

}  // namespace drumline

#endif  // CONTROLLER_RUN_CLOCK_SYNC_H_
