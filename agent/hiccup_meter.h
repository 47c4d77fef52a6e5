// HiccupMeter: what keeps a thread that sends on time from the clock. A metronome of one beat every
// kBeatNs, kept on the worker's own thread: for each beat, how much later the thread could look at
// the clock. Stops of a virtual machine, of the scheduler, of interrupts, and timers that go off
// late show here and are never taken for the target's doing. So does a long turn of the thread's
// own work, such as opening connections.
//
//     HiccupMeter meter;
//     meter.Start(now_ns);
//     meter.Look(now_ns, [&](int64_t delay_ns, uint64_t beats) { … });
//     meter.AsleepUntil(wake_ns);       // then sleep, and Look again
//
// A beat during a sleep that the thread chose is as late as the sleep's end was; any other is as
// late as the first look after it. The thread must look often: after each sleep and each event,
// and never sleep for longer than a millisecond, or a stop could hide in a sleep.
//
// The idea is jHiccup's (G. Tene, https://github.com/giltene/jHiccup), without a thread of its own:
// a loop that looks at the clock anyway pays one comparison for it, and what is measured happens on
// the very core that sends. A stop of length s is met by s / kBeatNs beats, whose delays fall
// evenly from s to 0: that is what requests which were due in it saw.
//
// All instants are nanoseconds of one clock and never go back. Used by one thread.
#ifndef AGENT_HICCUP_METER_H_
#define AGENT_HICCUP_METER_H_

#include <algorithm>
#include <cstdint>
#include <limits>

namespace drumline {

class HiccupMeter {
 public:
  // Some 0.1 ms, but no fraction of a round number: the metronome shall not keep step with
  // requests.
  static constexpr int64_t kBeatNs = 97'003;

  void Start(int64_t now_ns) {
    next_beat_ns_ = now_ns + kBeatNs;
    asleep_until_ns_ = kAwake;
  }

  // The thread looks at the clock. [record] is called with a delay and the number of beats that had
  // it.
  template <typename Record>
  void Look(int64_t now_ns, Record record) {
    if (now_ns >= next_beat_ns_) Count(now_ns, record);
    // Whatever woke it, it is awake.
    asleep_until_ns_ = kAwake;
  }

  // The thread goes to sleep; what comes before that instant, or before it looks, is no hiccup.
  void AsleepUntil(int64_t wake_ns) { asleep_until_ns_ = wake_ns; }

 private:
  // Seldom called, and kept out of the way of the loop that looks.
  template <typename Record>
  [[gnu::noinline]] void Count(int64_t now_ns, Record record) {
    if (const int64_t slept_to_ns = std::min(asleep_until_ns_, now_ns);
        next_beat_ns_ <= slept_to_ns) {
      const int64_t beats = (slept_to_ns - next_beat_ns_) / kBeatNs + 1;
      record(now_ns - slept_to_ns, static_cast<uint64_t>(beats));
      next_beat_ns_ += beats * kBeatNs;
    }
    for (; next_beat_ns_ <= now_ns; next_beat_ns_ += kBeatNs) record(now_ns - next_beat_ns_, 1);
  }

  static constexpr int64_t kAwake = std::numeric_limits<int64_t>::min();

  int64_t next_beat_ns_ = 0;
  int64_t asleep_until_ns_ = kAwake;
};

}  // namespace drumline

#endif  // AGENT_HICCUP_METER_H_
