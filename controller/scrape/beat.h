// The beat of something that is done again and again at the instants start + n · interval, n = 0,
// 1, 2 …: absolute, so that no delay adds up.
//
//     const BeatStep next = NextBeat(interval_ns, last, now_ns - start_ns);
//     // report next.missed beats as gaps, then wait for start_ns + next.number * interval_ns
//
// Pure; all times in nanoseconds.
#ifndef CONTROLLER_SCRAPE_BEAT_H_
#define CONTROLLER_SCRAPE_BEAT_H_

#include <algorithm>
#include <cstdint>

namespace drumline {

struct BeatStep {
  int64_t number = 0;
  // Beats between the last one and this one whose instants have gone by.
  int64_t missed = 0;
};

// The first beat after `last` whose instant is not before `elapsed_ns` since the start. A beat is
// never made up for later: that would bring two readings close together and none where one is due.
inline BeatStep NextBeat(int64_t interval_ns, int64_t last, int64_t elapsed_ns) {
  const int64_t first_ahead =
      elapsed_ns <= 0 ? 0 : (elapsed_ns - 1) / interval_ns + 1;  // rounded up
  const int64_t number = std::max(last + 1, first_ahead);
  return {number, number - last - 1};
}

}  // namespace drumline

#endif  // CONTROLLER_SCRAPE_BEAT_H_
