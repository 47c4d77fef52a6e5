// CapacitySearch: the search for the highest rate at which a target meets its objectives. It says
// which rate to run next and is told how that went; it runs nothing itself.
//
//     CapacitySearch search({.from = 1'000, .to = 200'000, .within = 0.05});
//     while (std::optional<CapacitySearch::Probe> probe = search.Next()) {
//       search.Record(RunAt(probe->rate) ? Met::kYes : Met::kNo);
//     }
//     search.knee(), search.fails_at()      // the knee lies between them
//
//   climb     from, 2 from, 4 from … up to `to`, until one is not met: the same rates for every
//             target, so that their curves can be laid over each other
//   bisect    the geometric middle of the highest rate that was met and the lowest that was not,
//             until these are within `within` of each other
//   confirm   the highest rate that was met, once more; if it is not met now, it was luck: the
//             search goes on below it, kMostConfirmations times at most
//
// A run that could not be judged (INVALID: the generator was too slow) is repeated once; then its
// rate counts as not met, and limited_by_generator() says why. The bracket is what runs showed, not
// a confidence interval: a target of which the same rate is met on one day and missed on another
// has a knee that is as wide.
//
// A value type; pure.
#ifndef CORE_CAPACITY_SEARCH_H_
#define CORE_CAPACITY_SEARCH_H_

#include <map>
#include <optional>

namespace drumline {

enum class Met { kYes, kNo, kUnjudged };

class CapacitySearch {
 public:
  static constexpr int kMostConfirmations = 3;
  // A search ends after so many runs, whatever it has found.
  static constexpr int kMostProbes = 64;

  // Rates in requests a second, 0 < from < to; within as a fraction of 1, above 0.
  struct Terms {
    double from = 0;
    double to = 0;
    double within = 0.05;
  };

  enum class Step { kClimb, kBisect, kConfirm };

  struct Probe {
    double rate = 0;
    Step step = Step::kClimb;
  };

  explicit CapacitySearch(const Terms& terms) : terms_(terms) {}

  // The most probes that a target takes of which each rate shows the same each time. With probes
  // that could not be judged, or a knee that is not confirmed, it may be up to kMostProbes.
  static int MostOfASteadyTarget(const Terms& terms);

  // Nothing once the search is over. Asked twice, it says the same.
  std::optional<Probe> Next() const;
  // How the probe that Next() gave went.
  void Record(Met met);

  // The highest rate that was met; nothing if `from` was not.
  std::optional<double> knee() const;
  // The lowest rate above the knee that was not met; nothing if `to` was met.
  std::optional<double> fails_at() const;
  bool confirmed() const { return confirmed_; }
  bool limited_by_generator() const { return limited_by_generator_; }

 private:
  bool climbing() const { return !fails_at() && (!knee() || *knee() < terms_.to); }

  const Terms terms_;
  // Rates that count, and whether they were met.
  std::map<double, bool> known_;
  int probes_ = 0;
  int confirmations_ = 0;
  bool confirmed_ = false;
  bool retried_ = false;
  bool limited_by_generator_ = false;
};

}  // namespace drumline

#endif  // CORE_CAPACITY_SEARCH_H_
