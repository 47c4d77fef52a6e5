// Flows in virtual time: whatever a target answers, each flow that began has each of its steps
// either scheduled or skipped, and each step is intended for the end of the answer before it and
// the think time.
#include <algorithm>
#include <list>
#include <map>
#include <memory>
#include <random>
#include <vector>

#include "agent/dispatcher.h"
#include "core/load_profile.h"
#include "core/mix.h"
#include "core/schedule.h"
#include "gtest/gtest.h"

namespace drumline {
namespace {

constexpr int64_t kMs = 1'000'000;
constexpr int64_t kSecond = 1'000 * kMs;

// So many connections; each answer takes as long, and is as good, as the generator has it.
class RandomWire : public Wire {
 public:
  RandomWire(size_t connections, double failing, uint64_t seed)
      : connections_(connections), failing_(failing), random_(seed) {}

  struct Pending {
    Flight flight;
    int64_t ends_ns;
    bool ok;
  };

  bool HasIdle() const override { return pending_.size() < connections_; }
  uint64_t Send(const Flight& flight) override {
    const int64_t takes_ns = static_cast<int64_t>(random_() % 30) * kMs / 10 + 1;
    const bool ok = std::uniform_real_distribution<>(0, 1)(random_) >= failing_;
    pending_.push_back({flight, flight.sent_ns + takes_ns, ok});
    sends.push_back(flight);
    most_in_flight = std::max(most_in_flight, pending_.size());
    return 1;
  }
  const Flight* Oldest() const override {
    return pending_.empty() ? nullptr : &pending_.front().flight;
  }
  // Its connection is closed; another one is opened at once, which the dispatcher has to be told.
  void AbandonOldest() override {
    pending_.pop_front();
    ++reopened;
  }

  int64_t NextEndNs() const {
    int64_t next = Dispatcher::kNever;
    for (const Pending& pending : pending_) next = std::min(next, pending.ends_ns);
    return next;
  }
  Pending TakeEnded(int64_t at_ns) {
    const auto found = std::find_if(pending_.begin(), pending_.end(),
                                    [at_ns](const Pending& one) { return one.ends_ns == at_ns; });
    const Pending ended = *found;
    pending_.erase(found);
    return ended;
  }

  std::vector<Flight> sends;
  size_t most_in_flight = 0;
  int reopened = 0;

 private:
  const size_t connections_;
  const double failing_;
  std::mt19937_64 random_;
  std::list<Pending> pending_;
};

struct Plan {
  // Steps of each flow; each with its think time.
  std::vector<std::vector<int64_t>> thinks;
  bool closed_loop = false;
  uint64_t count = 0;  // closed loop: flows
  double failing = 0;
  size_t connections = 4;
  int64_t timeout_ns = kSecond;
};

struct Played {
  std::vector<Book> requests;
  Book measure;
  std::vector<Flight> sends;
  size_t most_in_flight = 0;
  // The instant at which each flow's answer to its newest step came: (position, request) → end.
  std::map<std::pair<uint64_t, uint32_t>, int64_t> ends;
};

void Append(const WorkerInterval& interval, Played* played) {
  played->requests.resize(interval.requests.size());
  EXPECT_TRUE(played->measure.Append(interval.measure).ok());
  Book sum;
  for (size_t i = 0; i < interval.requests.size(); ++i) {
    EXPECT_TRUE(interval.requests[i].CheckBalance().ok());
    EXPECT_TRUE(played->requests[i].Append(interval.requests[i]).ok());
    sum.Merge(interval.requests[i]);
  }
  if (!interval.requests.empty()) {
    EXPECT_TRUE(sum == interval.measure);
  }
}

Dispatcher::Terms TermsOf(const Plan& plan) {
  Dispatcher::Terms terms;
  terms.closed_loop = plan.closed_loop;
  terms.timeout_ns = plan.timeout_ns;
  terms.drain_ns = kSecond;
  terms.by_count = plan.count > 0;
  terms.requests = plan.count;
  terms.users = plan.connections;
  for (const std::vector<int64_t>& steps : plan.thinks) {
    terms.first.push_back(static_cast<uint32_t>(terms.flows.size()));
    for (size_t i = 0; i < steps.size(); ++i) {
      const auto left = static_cast<uint32_t>(steps.size() - 1 - i);
      terms.flows.push_back({left, left > 0 ? steps[i + 1] : 0});
    }
  }
  return terms;
}

Played Play(const Plan& plan, uint64_t seed) {
  const LoadProfile profile =
      *LoadProfile::Create({{Rate::PerSecond(300), Rate::PerSecond(300), kSecond}});
  Schedule schedule(profile, Schedule::Arrivals::kConstant, 1, profile.beats(), {0, 1});
  const Mix mix(std::vector<uint32_t>(plan.thinks.size(), 1), seed);
  Dispatcher::Terms terms = TermsOf(plan);
  if (plan.thinks.size() > 1) terms.mix = &mix;
  Played played;
  Recorder recorder(
      {0, plan.count > 0 ? Recorder::kUnbounded : kSecond}, [] { return Recorder::Gauges{}; },
      [&played](std::unique_ptr<WorkerInterval> full) {
        Append(*full, &played);
        return std::make_unique<WorkerInterval>();
      },
      terms.flows.size());
  RandomWire wire(plan.connections, plan.failing, seed);
  Dispatcher dispatcher(terms, plan.closed_loop ? nullptr : &schedule, &recorder, &wire);
  dispatcher.Begin(0);
  for (int64_t now_ns = 0; !dispatcher.finished();) {
    const int64_t end_ns = wire.NextEndNs();
    now_ns = std::max(now_ns, std::min(end_ns, dispatcher.WakeAt(now_ns)));
    while (dispatcher.next_start_ns() <= now_ns) dispatcher.Beat(now_ns);
    if (end_ns <= now_ns && wire.NextEndNs() == end_ns) {
      const RandomWire::Pending ended = wire.TakeEnded(end_ns);
      if (ended.ok) played.ends[{ended.flight.position, ended.flight.request}] = end_ns;
      dispatcher.Answered(ended.flight, ended.ok ? Outcome::kOk : Outcome::kBadStatus, end_ns,
                          now_ns, 1);
    }
    dispatcher.AdvanceTo(now_ns, now_ns);
    for (; wire.reopened > 0; --wire.reopened) dispatcher.Opened(now_ns);
  }
  played.sends = wire.sends;
  played.most_in_flight = wire.most_in_flight;
  return played;
}

// Of each flow: begun = scheduled + skipped, step by step; and what is due follows from answers.
void ExpectWholeFlows(const Plan& plan, const Played& played) {
  const Dispatcher::Terms terms = TermsOf(plan);
  ASSERT_TRUE(played.measure.ledger().CheckClosed().ok()) << played.measure.ledger().CheckClosed();
  size_t request = 0;
  for (const std::vector<int64_t>& steps : plan.thinks) {
    const uint64_t begun = played.requests.at(request).ledger().scheduled();
    for (size_t i = 0; i < steps.size(); ++i, ++request) {
      const Book& book = played.requests.at(request);
      EXPECT_EQ(book.ledger().scheduled() + book.skipped(), begun) << "step " << i;
    }
  }
  for (const Flight& flight : played.sends) {
    if (std::count(terms.first.begin(), terms.first.end(), flight.request) > 0) continue;
    const auto before = played.ends.find({flight.position, flight.request - 1});
    ASSERT_NE(before, played.ends.end()) << "a step without the answer to the one before it";
    EXPECT_EQ(flight.intended_ns, before->second + terms.flows[flight.request - 1].think_ns);
  }
}

Plan RandomPlan(std::mt19937_64& random) {
  Plan plan;
  plan.thinks.resize(random() % 3 + 1);
  for (auto& steps : plan.thinks) {
    steps.resize(random() % 3 + 2);
    for (int64_t& think_ns : steps) think_ns = static_cast<int64_t>(random() % 3) * 40 * kMs;
  }
  plan.closed_loop = random() % 2 == 0;
  if (plan.closed_loop && random() % 2 == 0) plan.count = random() % 200 + 1;
  plan.failing = random() % 3 == 0 ? 0.2 : 0;
  plan.connections = random() % 8 + 1;
  if (random() % 4 == 0) plan.timeout_ns = 2 * kMs;
  return plan;
}

TEST(FlowSimulation, EachFlowHasEachOfItsSteps) {
  std::mt19937_64 random(1);
  for (uint64_t seed = 0; seed < 300; ++seed) {
    const Plan plan = RandomPlan(random);
    const Played played = Play(plan, seed);
    SCOPED_TRACE(seed);
    ExpectWholeFlows(plan, played);
    EXPECT_LE(played.most_in_flight, plan.connections);
    if (testing::Test::HasFailure()) return;
  }
}

TEST(FlowSimulation, WhereNothingFailsNothingIsSkipped) {
  Plan plan;
  plan.thinks = {{0, 10 * kMs, 20 * kMs}};
  plan.closed_loop = true;
  plan.count = 100;
  const Played played = Play(plan, 1);
  for (const Book& book : played.requests) {
    EXPECT_EQ(book.ledger().Count(Outcome::kOk), 100u);
    EXPECT_EQ(book.skipped(), 0u);
  }
}

// A closed loop's users think, and nobody takes their place meanwhile.
TEST(FlowSimulation, AUserWhoThinksHoldsHisPlace) {
  Plan plan;
  plan.thinks = {{0, 100 * kMs}};
  plan.closed_loop = true;
  const Played played = Play(plan, 1);
  // Four users, a second, at most one flow each 100 ms.
  EXPECT_LE(played.requests[0].ledger().scheduled(), 44u);
  EXPECT_GE(played.requests[0].ledger().scheduled(), 36u);
}

}  // namespace
}  // namespace drumline
