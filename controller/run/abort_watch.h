// AbortWatch: whether a run is hopeless, by the scenario's abort_when.
//
//     AbortWatch watch({plan.abort_when().begin(), plan.abort_when().end()}, agents);
//     if (std::string why = watch.Add(interval); !why.empty()) …     // end the run
//
// A condition is looked at once for each second of the measured window that all agents have
// reported, on what happened in that second alone: quantiles, mean and max of the response times of
// requests that ended in it; errors, of those that ended; achieved, the answers as a part of the
// requests that came due. It must hold in kHopelessSeconds seconds, one after another: a stall of a
// second or two is what a measurement is for. A second in which nothing ended holds no condition on
// times or errors, and one in which nothing came due none on achieved.
//
// Pure. Used by one thread.
#ifndef CONTROLLER_RUN_ABORT_WATCH_H_
#define CONTROLLER_RUN_ABORT_WATCH_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "core/book.h"
#include "proto/interval.pb.h"
#include "proto/scenario.pb.h"

namespace drumline {

class AbortWatch {
 public:
  static constexpr int kHopelessSeconds = 5;

  AbortWatch(std::vector<proto::Bound> conditions, size_t agents);

  // An interval that is added again changes nothing. Returns the condition that held for long
  // enough, in words, once; otherwise nothing.
  std::string Add(const proto::Interval& interval);

 private:
  struct Second {
    size_t agents = 0;
    bool measured = true;
    Book book;
  };

  std::string Judge(const Book& book);

  const std::vector<proto::Bound> conditions_;
  const size_t agents_;
  // By condition: in how many seconds it has held by now, without a break.
  std::vector<int> held_;
  // By the interval's number.
  std::map<uint64_t, Second> open_;
  std::set<std::pair<std::string, uint64_t>> seen_;
  bool told_ = false;
};

}  // namespace drumline

#endif  // CONTROLLER_RUN_ABORT_WATCH_H_
