// Truth: what the engine reports of targets whose response times are known beforehand, with no
// machine in the way. The schedule, the dispatcher, the recorder and the histogram are the real
// ones; network and clock are arithmetic (simulated_run.h), so that nothing but the method decides.
//
// Three things are held against each other in every case, and each is another kind of evidence:
//
//   1. the whole histogram of response times, slot by slot, with the one that follows from the
//      queue's recursion (Expected, below), for any connections and any arrivals;
//   2. the reported quantiles with the order statistics in closed form, for constant arrivals. A
//      quantile is reported as the highest value of its histogram slot, which is at most 1/1024 of
//      the value wide. So the closed form, rounded up to the end of its slot, must be reported to
//      the nanosecond, and the error is below 0.1 % of the truth: both are checked;
//   3. for Poisson arrivals, the closed form of the distribution within what chance explains.
#include <algorithm>
#include <cmath>
#include <functional>
#include <queue>
#include <vector>

#include "core/random.h"
#include "gtest/gtest.h"
#include "tests/simulation/simulated_run.h"

namespace drumline {
namespace {

constexpr int64_t kUs = 1'000;
constexpr int64_t kMs = 1'000'000;
constexpr int64_t kSecond = 1'000'000'000;
constexpr int64_t kWindow = 10 * kSecond;
constexpr double kQuantiles[] = {0.5, 0.9, 0.99, 0.999, 0.9999, 1};

// When the answer to request `number`, received at an instant, is given.
using Answer = std::function<int64_t(uint64_t number, int64_t received_ns)>;

struct Load {
  int64_t per_second;
  Schedule::Arrivals arrivals;
  size_t connections;
};

LoadProfile ProfileOf(const Load& load) {
  const Rate rate = Rate::PerSecond(load.per_second);
  return *LoadProfile::Create({{rate, rate, kWindow}});
}

std::vector<int64_t> BeatsOf(const Load& load, const LoadProfile& profile) {
  constexpr uint64_t kSeed = 7;
  Schedule schedule(profile, load.arrivals, kSeed,
                    Schedule::CountBeats(profile, load.arrivals, kSeed), Lane{});
  std::vector<int64_t> beats;
  while (const std::optional<int64_t> beat = schedule.Next()) beats.push_back(*beat);
  return beats;
}

// Requests take the connection that becomes free first, in the order of their beats. So request k
// is sent when it is due or when the least of the connections' free instants has come, whichever is
// later, and that connection is free again with its answer: the recursion of Kiefer and Wolfowitz
// (1955) for a queue with several servers.
Histogram Expected(const Load& load, const LoadProfile& profile, const Answer& answer) {
  std::priority_queue<int64_t, std::vector<int64_t>, std::greater<>> free;
  for (size_t i = 0; i < load.connections; ++i) free.push(0);
  Histogram expected;
  uint64_t number = 0;
  for (const int64_t beat : BeatsOf(load, profile)) {
    const int64_t sent_ns = std::max(beat, free.top());
    free.pop();
    const int64_t answered_ns = answer(number++, sent_ns);
    free.push(answered_ns);
    expected.Record(answered_ns - beat);
  }
  return expected;
}

// What the engine reports of the target, after the histogram as a whole was found right.
Histogram Reported(const Load& load, const Answer& answer) {
  const LoadProfile profile = ProfileOf(load);
  uint64_t number = 0;
  SimulatedRun::Terms terms;
  terms.dispatch.timeout_ns = 60 * kSecond;
  terms.dispatch.drain_ns = 60 * kSecond;
  terms.window.measure_ns = kWindow;
  terms.profile = &profile;
  terms.arrivals = load.arrivals;
  terms.seed = 7;
  terms.connections = load.connections;
  terms.open_at_start = load.connections;
  terms.target = {.reply =
                      [&](int64_t now_ns) {
                        return ModelWire::Reply{Outcome::kOk, answer(number++, now_ns) - now_ns};
                      },
                  .opening = [](int64_t) { return ModelWire::Opening{}; }};
  SimulatedRun run(terms);
  const absl::Status status = run.Play();
  EXPECT_TRUE(status.ok()) << status;
  EXPECT_EQ(run.measure().generator_lag().max_ns(), 0);
  EXPECT_EQ(run.measure().response_time(), Expected(load, profile, answer));
  return run.measure().response_time();
}

// `truth` gives the order statistic of a rank from 1 to n.
void ExpectOrderStatistics(const Histogram& reported,
                           const std::function<int64_t(uint64_t rank)>& truth) {
  const uint64_t n = reported.count();
  for (const double q : kQuantiles) {
    const int64_t true_ns = truth(Histogram::RankOfQuantile(q, n));
    const int64_t end_of_slot = Histogram::HighestInSlot(Histogram::SlotOf(true_ns));
    EXPECT_EQ(reported.ValueAtQuantile(q), std::min(end_of_slot, truth(n))) << "q " << q;
    EXPECT_NEAR(static_cast<double>(reported.ValueAtQuantile(q)), static_cast<double>(true_ns),
                0.001 * static_cast<double>(true_ns))
        << "q " << q;
  }
  EXPECT_EQ(reported.max_ns(), truth(n)) << "the maximum is exact";
}

// So many that no request waits for a connection in a stop of that length.
size_t Ample(int64_t per_second, int64_t longest_ns) {
  // Poisson arrivals come in crowds: a half more.
  return static_cast<size_t>(per_second * longest_ns / kSecond * 3 / 2 + 100);
}

std::vector<Load> Loads(int64_t longest_ns) {
  std::vector<Load> loads;
  for (const int64_t per_second : {1'000, 5'000, 20'000}) {
    for (const auto arrivals : {Schedule::Arrivals::kConstant, Schedule::Arrivals::kPoisson}) {
      loads.push_back({per_second, arrivals, Ample(per_second, longest_ns)});
    }
  }
  return loads;
}

bool IsConstant(const Load& load) { return load.arrivals == Schedule::Arrivals::kConstant; }

std::string Words(const Load& load) {
  return std::to_string(load.per_second) + "/s, " + (IsConstant(load) ? "constant" : "poisson") +
         ", " + std::to_string(load.connections) + " connections";
}

// ---- A fixed service time. Every response time is it, with as many connections as there are
// requests in flight at once: rate × D. One more, for the instant at which one ends and another
// begins; Poisson arrivals have no such bound, and get ample ones.

TEST(Truth, AFixedServiceTimeIsReportedAsItIs) {
  constexpr int64_t kDelay = 2 * kMs;
  const Answer answer = [](uint64_t, int64_t received_ns) { return received_ns + kDelay; };
  std::vector<Load> loads = Loads(kDelay);
  loads.push_back({20'000, Schedule::Arrivals::kConstant, 40});
  for (const Load& load : loads) {
    SCOPED_TRACE(Words(load));
    ExpectOrderStatistics(Reported(load, answer), [](uint64_t) { return kDelay; });
  }
}

// ---- One request in a hundred takes 20 ms, the others 1 ms. Of n requests the n / 100 slow ones
// are the last of the order statistics:
//
//     X(r) = 1 ms   for r ≤ n − n / 100,      20 ms   beyond
//
// so p50, p90 and p99 (rank 0.99 n, the last of the fast ones) are 1 ms, and p99.9 is 20 ms. Where
// chance decides which are slow, their number is what was drawn.

Answer TwoPoint(const std::function<bool(uint64_t)>& is_slow) {
  return [=](uint64_t number, int64_t received_ns) {
    return received_ns + (is_slow(number) ? 20 * kMs : kMs);
  };
}

void ExpectTwoPoint(const Load& load, const std::function<bool(uint64_t)>& is_slow) {
  SCOPED_TRACE(Words(load));
  const Histogram reported = Reported(load, TwoPoint(is_slow));
  uint64_t slow = 0;
  for (uint64_t number = 0; number < reported.count(); ++number) slow += is_slow(number) ? 1 : 0;
  ExpectOrderStatistics(
      reported, [&](uint64_t rank) { return rank <= reported.count() - slow ? kMs : 20 * kMs; });
}

TEST(Truth, TwoKindsOfRequestsAreReportedInTheirShares) {
  const RandomSequence random(3);
  for (const Load& load : Loads(40 * kMs)) {
    ExpectTwoPoint(load, [](uint64_t number) { return number % 100 == 99; });
    ExpectTwoPoint(load, [&](uint64_t number) { return random.UniformAt(number) <= 0.01; });
  }
}

// With few connections a slow request holds up those behind it. There is no closed form for that,
// but the recursion; a client that measures from the send reports none of it.
TEST(Truth, WaitingForAConnectionIsPartOfTheResponseTime) {
  const RandomSequence random(3);
  const auto is_slow = [&](uint64_t number) { return random.UniformAt(number) <= 0.01; };
  for (const size_t connections : {6u, 7u, 10u}) {  // 5,000/s × 1.19 ms: 5.95 are busy
    for (const auto arrivals : {Schedule::Arrivals::kConstant, Schedule::Arrivals::kPoisson}) {
      const Histogram reported = Reported({5'000, arrivals, connections}, TwoPoint(is_slow));
      EXPECT_GT(reported.max_ns(), 20 * kMs) << connections;
    }
  }
}

// ---- Stops of length P every T, at T, 2 T, …, in which nothing is received or answered. A request
// takes D; an answer that is due in a stop is given at its end. Let a stop be [a, b), b = a + P. A
// request of instant t is due at t + D. If that lies in [a, b), the answer comes at b, and
//
//     R(t) = b − t,    for a − D ≤ t < b − D:   from D + P, falling in a straight line, to D;
//     R(t) = D         for all others.
//
// With uniform arrivals over whole periods the share P / T is uniform over (D, D + P]:
//
//     Q(q) = D                              for q ≤ 1 − P / T
//     Q(q) = D + P − (1 − q) T              beyond
//
// With constant arrivals, a beat each p, P and D multiples of p and beats at the stops' edges, the
// P / p requests of one stop have D + p, D + 2 p, … D + P. Of n requests and s stops, in order:
//
//     X(r) = D                                            for r ≤ n − s P / p
//     X(r) = D + p ceil((r − (n − s P / p)) / s)          beyond
//
// The window of 10 s with T = 2 s has the stops at 2, 4, 6 and 8 s: s = 4, and P / T becomes
// s P / 10 s. (The stop at the window's end is left out: requests of its last D would be due in
// it.)

constexpr int64_t kPause = 200 * kMs;
constexpr int64_t kEvery = 2 * kSecond;
constexpr int64_t kStops = 4;

// The first instant from `at_ns` on that lies in no stop.
int64_t AfterPauses(int64_t at_ns) {
  const int64_t number = at_ns / kEvery;
  const bool in_stop = number >= 1 && number <= kStops && at_ns % kEvery < kPause;
  return in_stop ? number * kEvery + kPause : at_ns;
}

Answer Pausing(int64_t delay_ns) {
  return [=](uint64_t, int64_t received_ns) { return AfterPauses(received_ns + delay_ns); };
}

// Poisson: the number K of requests due in stops, and of those with more than a given excess, is
// binomial, so the quantile is that of a share which is off by at most five standard deviations;
// and excess falls by kWindow / kStops for each unit of share.
void ExpectPausesByChance(const Histogram& reported, int64_t delay_ns) {
  const auto n = static_cast<double>(reported.count());
  const double period = static_cast<double>(kWindow) / kStops;
  for (const double q : {0.5, 0.9, 0.99, 0.999}) {
    const double deviation = 5 * std::sqrt(q * (1 - q) / n);
    const auto excess = [&](double share) {
      return std::max(0.0, static_cast<double>(kPause) - (1 - share) * period);
    };
    const auto got = static_cast<double>(reported.ValueAtQuantile(q));
    const auto base = static_cast<double>(delay_ns);
    EXPECT_GE(got, base + excess(q - deviation)) << "q " << q;
    EXPECT_LE(got, 1.001 * (base + excess(std::min(1.0, q + deviation)))) << "q " << q;
  }
}

TEST(Truth, StopsAreSeenByAllWhoWouldHaveCome) {
  for (const int64_t delay_ns : {2 * kMs, 20 * kMs}) {
    for (const Load& load : Loads(kPause + delay_ns)) {
      SCOPED_TRACE(Words(load));
      const Histogram reported = Reported(load, Pausing(delay_ns));
      if (!IsConstant(load)) {
        ExpectPausesByChance(reported, delay_ns);
        continue;
      }
      const int64_t beat_ns = kSecond / load.per_second;
      const auto unstopped = static_cast<int64_t>(reported.count()) - kStops * (kPause / beat_ns);
      ExpectOrderStatistics(reported, [=](uint64_t rank) {
        const int64_t beyond = static_cast<int64_t>(rank) - unstopped;
        return beyond <= 0 ? delay_ns : delay_ns + beat_ns * ((beyond + kStops - 1) / kStops);
      });
    }
  }
}

// ---- The same stops with few connections. In a stop they are all taken, and requests queue in the
// client. If D is nothing, the backlog is answered the instant the stop ends, and R(t) is what it
// is with ample connections: a client that reports requests when they find a connection, instead of
// when they were due, has one slow request a connection and stop, and none of the others.

TEST(Truth, StopsAreSeenThroughFewConnections) {
  for (const int64_t per_second : {1'000, 5'000, 20'000}) {
    for (const size_t connections : {1u, 8u, 64u}) {
      const Load load{per_second, Schedule::Arrivals::kConstant, connections};
      SCOPED_TRACE(Words(load));
      // An answer takes the wire's least, which is 1 ns: the last of the backlog on one connection
      // waits for all others, 4,000 ns in 200 ms. What follows allows for it.
      const Histogram reported = Reported(load, Pausing(1));
      const int64_t beat_ns = kSecond / per_second;
      const auto n = static_cast<int64_t>(reported.count());
      for (const double q : kQuantiles) {
        const auto rank = static_cast<int64_t>(Histogram::RankOfQuantile(q, reported.count()));
        const int64_t beyond = rank - (n - kStops * (kPause / beat_ns));
        const int64_t truth = beyond <= 0 ? 1 : beat_ns * ((beyond + kStops - 1) / kStops);
        const int64_t backlog_ns = beyond <= 0 ? 0 : kPause / beat_ns;
        EXPECT_NEAR(static_cast<double>(reported.ValueAtQuantile(q)), static_cast<double>(truth),
                    0.001 * static_cast<double>(truth) + static_cast<double>(backlog_ns))
            << "q " << q;
      }
    }
  }
}

// ---- Few connections and a service time that counts. c connections answer c / D requests a
// second, of which the arrivals take the share u = rate D / c. When a stop ends, the backlog is
// worked off at what is left: a request that was due x into the stop finds rate × x before it, so
//
//     R − D = P − x + x rate D / c = P − (1 − u) x
//
// and the excess goes on to fall in that line after the stop, until it is 0 at x = P / (1 − u). So
// the excess is uniform over (0, P] again, for the share P / T / (1 − u):
//
//     Q(q) = D + P − (1 − u) (1 − q) T,    or D
//
// to within a beat and a round of the connections (D), for requests and connections are whole.

TEST(Truth, ABacklogIsWorkedOffByWhatCapacityIsLeft) {
  struct Few {
    int64_t per_second;
    size_t connections;
    int64_t delay_ns;
  };
  for (const Few& few : {Few{20'000, 2, 20 * kUs}, Few{20'000, 40, kMs}, Few{5'000, 10, kMs}}) {
    const Load load{few.per_second, Schedule::Arrivals::kConstant, few.connections};
    SCOPED_TRACE(Words(load));
    const Histogram reported = Reported(load, Pausing(few.delay_ns));
    const auto delay = static_cast<double>(few.delay_ns);
    const double used = static_cast<double>(few.per_second) * delay / kSecond /
                        static_cast<double>(few.connections);
    const int64_t beat_ns = kSecond / few.per_second;
    const auto round = static_cast<double>(beat_ns + few.delay_ns);
    for (const double q : kQuantiles) {
      const double fall = (1 - used) * (1 - q) * kWindow / kStops;
      const double truth = delay + std::max(0.0, kPause - fall);
      EXPECT_NEAR(static_cast<double>(reported.ValueAtQuantile(q)), truth, 0.001 * truth + round)
          << "q " << q;
    }
  }
}

// ---- One stop at the end of the window, [a, b). While b lies within the window, R(t) is as above
// with s = 1. Where b lies behind its end, at e, only the requests with t < e are measured: those
// have waited longest, from b − e to D + P, and the drain waits for their answers. In order:
//
//     X(r) = D                                      for r ≤ n − m,    m = (min(b − D, e) − (a − D))
//     / p X(r) = max(b − e, D) + p (r − (n − m))        beyond

TEST(Truth, AStopInTheLastSecondIsNotHidden) {
  constexpr int64_t kDelay = 2 * kMs;
  struct LastStop {
    int64_t begin_ns;
    int64_t length_ns;
  };
  const int64_t end = kWindow;
  for (const LastStop& stop :
       {LastStop{end - 700 * kMs, 500 * kMs}, LastStop{end - 200 * kMs, 500 * kMs},
        LastStop{end - 20 * kMs, 5 * kSecond}}) {
    const int64_t stop_end = stop.begin_ns + stop.length_ns;
    const Answer answer = [=](uint64_t, int64_t received_ns) {
      const int64_t due_ns = received_ns + kDelay;
      return due_ns >= stop.begin_ns ? std::max(due_ns, stop_end) : due_ns;
    };
    for (const Load& load : Loads(700 * kMs)) {
      SCOPED_TRACE(Words(load));
      const Histogram reported = Reported(load, answer);
      if (!IsConstant(load)) continue;
      const int64_t beat_ns = kSecond / load.per_second;
      const int64_t stopped =
          (std::min(stop_end - kDelay, end) - (stop.begin_ns - kDelay)) / beat_ns;
      const int64_t unstopped = static_cast<int64_t>(reported.count()) - stopped;
      ExpectOrderStatistics(reported, [=](uint64_t rank) {
        const int64_t beyond = static_cast<int64_t>(rank) - unstopped;
        return beyond <= 0 ? kDelay : std::max(stop_end - end, kDelay) + beat_ns * beyond;
      });
    }
  }
}

}  // namespace
}  // namespace drumline
