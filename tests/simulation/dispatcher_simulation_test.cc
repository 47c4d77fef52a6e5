// Thousands of random runs of the agent's engine in virtual time: open and closed loops, ramps and
// bursts, targets that stall, break and refuse, machines that hiccup, stops at any instant. What
// must hold of every run is checked by SimulatedRun; a seed that fails prints its story, and
// `--test_env=SIMULATION_SEED=n` plays that one alone.
#include <cstdlib>
#include <string>

#include "absl/strings/str_cat.h"
#include "core/random.h"
#include "gtest/gtest.h"
#include "tests/simulation/simulated_run.h"

namespace drumline {
namespace {

constexpr int64_t kMs = 1'000'000;
constexpr int64_t kSecond = 1'000'000'000;
constexpr uint64_t kSeeds = 4000;

// Draws what it is asked for, the same for the same seed.
class Dice {
 public:
  explicit Dice(uint64_t seed) : random_(seed) {}
  // In [low, high].
  int64_t Between(int64_t low, int64_t high) {
    const auto width = static_cast<uint64_t>(high - low) + 1;
    return low + static_cast<int64_t>(random_.BitsAt(position_++) % width);
  }
  bool Chance(double probability) { return random_.UniformAt(position_++) <= probability; }

 private:
  RandomSequence random_;
  uint64_t position_ = 0;
};

// How a target behaves, drawn once for a run.
struct Temper {
  int64_t service_low_ns;
  int64_t service_high_ns;
  double slow;  // the share of answers that take a hundred times as long
  double silent;
  double breaks;
  double garbage;
  double closes;
  double wrong;
  double refuses;
  int64_t stall_from_ns;
  int64_t stall_to_ns;

  std::string ToString() const {
    return absl::StrCat("service ", service_low_ns, "..", service_high_ns, " ns, slow ", slow,
                        ", silent ", silent, ", breaks ", breaks, ", garbage ", garbage,
                        ", closes ", closes, ", wrong ", wrong, ", refuses ", refuses,
                        ", stalls from ", stall_from_ns, " to ", stall_to_ns);
  }
};

Temper DrawTemper(Dice& dice) {
  Temper temper = {};
  temper.service_low_ns = dice.Between(1, 2 * kMs);
  temper.service_high_ns = temper.service_low_ns + dice.Between(0, 20 * kMs);
  if (dice.Chance(0.3)) temper.slow = 0.02;
  if (dice.Chance(0.3)) temper.silent = dice.Chance(0.2) ? 1 : 0.01;
  if (dice.Chance(0.3)) temper.breaks = dice.Chance(0.1) ? 1 : 0.03;
  if (dice.Chance(0.2)) temper.garbage = 0.02;
  if (dice.Chance(0.3)) temper.closes = dice.Chance(0.3) ? 1 : 0.1;
  if (dice.Chance(0.2)) temper.wrong = 0.1;
  if (dice.Chance(0.3)) temper.refuses = dice.Chance(0.2) ? 1 : 0.5;
  if (dice.Chance(0.4)) {
    temper.stall_from_ns = dice.Between(0, 3 * kSecond);
    temper.stall_to_ns = temper.stall_from_ns + dice.Between(1, 2 * kSecond);
  }
  return temper;
}

ModelWire::Target TargetOf(const Temper& temper, Dice* dice) {
  return {
      .reply =
          [temper, dice](int64_t now_ns) {
            ModelWire::Reply reply;
            reply.after_ns = dice->Between(temper.service_low_ns, temper.service_high_ns);
            if (dice->Chance(temper.slow)) reply.after_ns *= 100;
            if (now_ns >= temper.stall_from_ns && now_ns < temper.stall_to_ns) {
              reply.after_ns += temper.stall_to_ns - now_ns;
            }
            reply.reusable = !dice->Chance(temper.closes);
            reply.outcome = Outcome::kOk;
            if (dice->Chance(temper.wrong)) reply.outcome = Outcome::kBadStatus;
            if (dice->Chance(temper.garbage)) reply.outcome = Outcome::kProtocolError;
            if (dice->Chance(temper.breaks)) reply.outcome = Outcome::kReset;
            if (dice->Chance(temper.silent)) reply.outcome = std::nullopt;
            return reply;
          },
      .opening =
          [temper, dice](int64_t) {
            return ModelWire::Opening{!dice->Chance(temper.refuses),
                                      dice->Between(100'000, 50 * kMs)};
          },
  };
}

Rate DrawRate(Dice& dice) {
  return dice.Chance(0.1) ? Rate() : Rate::PerSecond(dice.Between(1, 2500));
}

// Holds, ramps and bursts that fill the time exactly.
LoadProfile DrawProfile(Dice& dice, int64_t length_ns) {
  std::vector<LoadProfile::Segment> segments;
  while (length_ns > 0) {
    const int64_t part_ns = dice.Chance(0.4) ? length_ns : dice.Between(1, length_ns);
    const Rate from = DrawRate(dice);
    segments.push_back({from, dice.Chance(0.5) ? from : DrawRate(dice), part_ns});
    length_ns -= part_ns;
  }
  return *LoadProfile::Create(segments);
}

// One run, all of it drawn from its seed.
struct Draw {
  explicit Draw(uint64_t seed);
  std::string ToString() const;

  Dice dice;
  Temper temper;
  LoadProfile profile;
  SimulatedRun::Terms terms;
};

Draw::Draw(uint64_t seed) : dice(seed), temper(DrawTemper(dice)) {
  // Some lengths are whole seconds, so that phases end where intervals do.
  const auto length = [this](int64_t longest) {
    return dice.Chance(0.3) ? kSecond * dice.Between(0, longest / kSecond)
                            : dice.Between(1, longest);
  };
  terms.dispatch.timeout_ns =
      dice.Chance(0.3) ? dice.Between(1, 20 * kMs) : dice.Between(20 * kMs, 2 * kSecond);
  terms.dispatch.drain_ns = dice.Chance(0.3) ? 0 : dice.Between(0, kSecond);
  terms.dispatch.warmup_ns = dice.Chance(0.5) ? 0 : length(2 * kSecond);
  terms.dispatch.closed_loop = dice.Chance(0.4);
  terms.window.warmup_ns = terms.dispatch.warmup_ns;
  terms.window.measure_ns = std::max<int64_t>(1, length(3 * kSecond));
  if (terms.dispatch.closed_loop && dice.Chance(0.5)) {
    terms.dispatch.by_count = true;
    terms.dispatch.requests = static_cast<uint64_t>(dice.Between(0, 400));
    terms.window.measure_ns = Recorder::kUnbounded;
  }
  if (!terms.dispatch.closed_loop) {
    profile = DrawProfile(dice, terms.window.warmup_ns + terms.window.measure_ns);
    terms.profile = &profile;
    if (dice.Chance(0.5)) terms.arrivals = Schedule::Arrivals::kPoisson;
    terms.seed = seed;
    const int64_t lanes = dice.Between(1, 4);
    terms.lane = {static_cast<uint64_t>(dice.Between(0, lanes - 1)), static_cast<uint64_t>(lanes)};
  }
  terms.connections = static_cast<size_t>(dice.Between(1, dice.Chance(0.5) ? 4 : 64));
  terms.open_at_start =
      dice.Chance(0.7)
          ? terms.connections
          : static_cast<size_t>(dice.Between(0, static_cast<int64_t>(terms.connections)));
  terms.begin_late_ns = dice.Chance(0.8) ? dice.Between(0, kMs) : dice.Between(0, 3 * kSecond);
  terms.call_ns = dice.Between(1, 2'000);
  terms.target = TargetOf(temper, &dice);
  terms.blind = dice.Chance(0.5);
  terms.hiccup = [this] {
    return dice.Chance(0.002) ? dice.Between(0, 300 * kMs) : dice.Between(0, 60'000);
  };
  if (dice.Chance(0.4)) {
    terms.stop = {dice.Between(0, 6 * kSecond), dice.Chance(0.5) ? 0 : dice.Between(0, kSecond)};
  }
}

std::string Draw::ToString() const {
  const Dispatcher::Terms& dispatch = terms.dispatch;
  std::string story = absl::StrCat(
      dispatch.by_count      ? absl::StrCat("closed loop, ", dispatch.requests, " requests")
      : dispatch.closed_loop ? "closed loop, by time"
                             : absl::StrCat("open loop, ", profile.beats(), " beats, lane ",
                                            terms.lane.first, " of ", terms.lane.stride),
      terms.arrivals == Schedule::Arrivals::kPoisson ? " poisson" : "", "; warm-up ",
      dispatch.warmup_ns, ", measure ", terms.window.measure_ns, ", drain ", dispatch.drain_ns,
      ", timeout ", dispatch.timeout_ns, "; ", terms.connections, " connections, ",
      terms.open_at_start, terms.blind ? " open, blind; late by " : " open; late by ",
      terms.begin_late_ns, "; ");
  absl::StrAppend(&story, temper.ToString());
  if (terms.stop.has_value()) {
    absl::StrAppend(&story, "; stopped at ", terms.stop->at_ns, ", drain ", terms.stop->drain_ns);
  }
  return story;
}

TEST(DispatcherSimulation, KeepsItsPromisesWhateverHappens) {
  uint64_t first = 1;
  uint64_t last = kSeeds;
  if (const char* seed = std::getenv("SIMULATION_SEED"); seed != nullptr) {
    first = last = std::strtoull(seed, nullptr, 10);
  }
  uint64_t outcomes[kOutcomeCount] = {};
  for (uint64_t seed = first; seed <= last; ++seed) {
    Draw draw(seed);
    SimulatedRun run(draw.terms);
    const absl::Status status = run.Play();
    ASSERT_TRUE(status.ok()) << "seed " << seed << ": " << status.message() << "\n"
                             << draw.ToString() << "\nended at " << run.ended_ns();
    for (size_t i = 0; i < kOutcomeCount; ++i) {
      outcomes[i] += run.measure().ledger().Count(static_cast<Outcome>(i));
    }
  }
  if (first == last) return;
  // A simulation that never sees an outcome proves nothing about it.
  for (size_t i = 0; i < kOutcomeCount; ++i) {
    EXPECT_TRUE(outcomes[i] > 100 || static_cast<Outcome>(i) == Outcome::kBadBody)
        << kOutcomeNames[i];
  }
}

}  // namespace
}  // namespace drumline
