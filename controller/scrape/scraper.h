// Scraper: reads the CPU time, the memory and more of one target, once a second, on an absolute
// beat.
//
//     Scraper scraper(&loop, {.url = {"10.0.1.10", 8080, "/metrics"}}, {},
//                     [&](proto::Scrape scrape) { … }, MonotonicNowNs);
//     scraper.Start();          // the first reading at once, then one each second
//     scraper.Stop();           // nothing follows
//
// Each beat yields exactly one Scrape: a reading, or a gap that says why there is none ("refused",
// "timeout", "HTTP status 503", "malformed line 17: …", "missed: …" where the loop itself was busy
// when the beat was due). What is read of a page stands in page_reading.h, what of a process or a
// control group on this machine in local_reading.h.
//
// `at_ns` is the raw clock in the middle of the exchange (of a missed beat, the instant at which it
// was due); the caller takes the start of the run off it, and fills in run_id and target.
//
// Belongs to the loop's thread, as do its callbacks. `now_ns` is CLOCK_MONOTONIC, the clock of the
// loop's timers. The callback may stop the scraper or destroy it. The loop must outlive it.
#ifndef CONTROLLER_SCRAPE_SCRAPER_H_
#define CONTROLLER_SCRAPE_SCRAPER_H_

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>

#include "controller/scrape/metrics_source.h"
#include "proto/interval.pb.h"

namespace drumline {

class Scraper {
 public:
  struct Options {
    std::chrono::nanoseconds interval = std::chrono::seconds(1);
    // For one exchange, with looking the name up and connecting. Less than the interval, or beats
    // are missed while it runs out.
    std::chrono::nanoseconds timeout = std::chrono::milliseconds(900);
    // Of one answer's body.
    size_t max_bytes = 4 * 1024 * 1024;
  };
  using OnScrape = std::function<void(proto::Scrape)>;

  Scraper(boost::asio::io_context* loop, MetricsSource source, Options options, OnScrape on_scrape,
          std::function<int64_t()> now_ns);
  Scraper(const Scraper&) = delete;
  Scraper& operator=(const Scraper&) = delete;
  // Stops it.
  ~Scraper();

  // Once.
  void Start();
  // No callback comes after it; an exchange that is under way is cut off.
  void Stop();

 private:
  struct State;

  // Shared with the coroutine, which may run once more after the scraper is gone.
  const std::shared_ptr<State> state_;
};

}  // namespace drumline

#endif  // CONTROLLER_SCRAPE_SCRAPER_H_
