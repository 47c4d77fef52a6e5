// The live screen: what a run is doing, drawn anew each second.
//
//     std::vector<std::string> lines = DrawScreen(view, {80, 24}, Colours::kSome);
//
//      quickstart  run 1 of 3  echo                                        0:41 left
//      measure  ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━───────────────────────   0:04 left
//
//      offered  5.00k/s
//      sent     5.00k/s
//      achieved 5.00k/s  ▁▄████████████████████████████████████
//
//      p50       412µs   ▂▂▂▂▂▂▂▁▂▂▂▂ …
//
// A pure function: state, size and colours go in, lines come out, none wider than the screen and
// not more of them than it has rows. 80 columns show everything; on a lower screen agents give way
// first (the ones with the largest lag stay), then messages, then series. Safe from any thread.
#ifndef CONTROLLER_PROGRESS_LIVE_SCREEN_H_
#define CONTROLLER_PROGRESS_LIVE_SCREEN_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "controller/progress/progress_line.h"
#include "controller/progress/styled_text.h"

namespace drumline {

struct ScreenView {
  // What the line shows that stands where there is no screen.
  ProgressView line;
  std::string scenario;
  // Of the phase that has gone by; empty where its end is not known.
  std::optional<double> phase_share;

  // Seconds of the run, oldest first.
  struct Second {
    double offered_rate = 0;
    double sent_rate = 0;
    double achieved_rate = 0;
    int64_t p50_ns = 0;
    int64_t p99_ns = 0;
    int64_t p999_ns = 0;
    int64_t send_lag_p99_ns = 0;
  };
  std::vector<Second> seconds;

  struct Outcome {
    std::string name;
    uint64_t count = 0;
  };
  // Since the run began, in the order in which they are shown; those without a count are left out.
  std::vector<Outcome> outcomes;

  struct Agent {
    std::string id;
    // Empty until it has reported its first second.
    bool reported = false;
    bool lost = false;
    double sent_rate = 0;
    double cpu_cores = 0;
    double busiest = 0;
    int64_t lag_p99_ns = 0;
    uint32_t connections = 0;
    // How long it has not reported, where that is longer than it should be.
    std::optional<int64_t> silent_s;
  };
  std::vector<Agent> agents;

  // What would make the run INVALID if it ended now, and other bad news, in words.
  std::vector<std::string> warnings;

  // Readings of the target's own metrics, oldest first; empty where it has none. A value that was
  // not read is 0.
  std::vector<double> target_cpu_cores;
  std::vector<double> target_rss_bytes;
};

struct ScreenSize {
  size_t columns = 80;
  size_t rows = 24;
};

struct ScreenNote {
  std::string text;
  // It says that something is wrong.
  bool warning = false;
};

// `notes`: what was told meanwhile, oldest first.
std::vector<std::string> DrawScreen(const ScreenView& view, const std::vector<ScreenNote>& notes,
                                    const ScreenSize& size, Colours colours);

}  // namespace drumline

#endif  // CONTROLLER_PROGRESS_LIVE_SCREEN_H_
