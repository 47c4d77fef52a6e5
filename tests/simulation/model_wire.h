// ModelWire: connections to a target that exists only in arithmetic, in virtual time.
//
//     ModelWire wire(64, {.reply = …, .opening = …});
//     wire.set_now(now_ns);                       // before the dispatcher is called
//     while (wire.NextEventNs() <= now_ns) { ModelWire::Event event = wire.TakeEvent(); … }
//
// What the target does is decided at the moment of each send: an answer after so long, a break
// after so long, or nothing for ever. A connection that has closed is opened again at once, which
// takes as long, and succeeds or fails, as the model says. The wire notes what truly happened, so
// that a test can hold the books to it. One thread.
#ifndef TESTS_SIMULATION_MODEL_WIRE_H_
#define TESTS_SIMULATION_MODEL_WIRE_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <list>
#include <optional>
#include <queue>
#include <vector>

#include "agent/dispatcher.h"
#include "core/histogram.h"
#include "core/outcome.h"

namespace drumline {

class ModelWire : public Wire {
 public:
  static constexpr int64_t kNever = Dispatcher::kNever;

  // What becomes of a request: its outcome after so long, or nothing at all.
  struct Reply {
    std::optional<Outcome> outcome;
    int64_t after_ns = 0;
    bool reusable = true;
  };
  // What becomes of an attempt to open a connection.
  struct Opening {
    bool opens = true;
    int64_t after_ns = 1;
  };
  struct Target {
    std::function<Reply(int64_t now_ns)> reply;
    std::function<Opening(int64_t now_ns)> opening;
  };

  struct Event {
    enum class Kind { kAnswered, kBroken, kOpened, kOpenFailed };
    Kind kind;
    Outcome outcome = Outcome::kOk;
    Flight flight;
    // When it happened, however late it is looked at.
    int64_t at_ns = 0;
  };

  // What truly happened.
  struct Truth {
    std::vector<int64_t> sends;  // instants, in order
    std::vector<int64_t> ends;   // of answers and breaks
    std::array<uint64_t, kOutcomeCount> outcomes = {};
    Histogram service_time;
    Histogram send_lag;
    // Of requests that were sent; what never was has a response time too.
    Histogram response_time;
    // Requests that were handed over although their deadline had passed.
    uint64_t sent_too_late = 0;
  };

  // The first [open] of the connections are idle to begin with; the rest are being opened.
  ModelWire(size_t connections, size_t open, int64_t timeout_ns, Target target);

  void set_now(int64_t now_ns) { now_ns_ = now_ns; }
  int64_t NextEventNs();
  // The event of that instant; the connections are already as it left them.
  Event TakeEvent();
  size_t open() const { return idle_.size() + busy_.size(); }
  const Truth& truth() const { return truth_; }

  bool HasIdle() const override { return !idle_.empty(); }
  uint64_t Send(const Flight& flight) override;
  const Flight* Oldest() const override;
  void AbandonOldest() override;

 private:
  struct Connection {
    Flight flight;
    uint64_t life = 0;
  };
  struct Due {
    int64_t at_ns;
    uint64_t order;
    size_t connection;
    uint64_t life;
    Event::Kind kind;
    Outcome outcome;
    bool reusable;
    friend bool operator>(const Due& a, const Due& b) {
      return a.at_ns != b.at_ns ? a.at_ns > b.at_ns : a.order > b.order;
    }
  };

  void Open(size_t connection, int64_t now_ns);
  Outcome OutcomeOf(const Due& due, const Flight& flight) const;
  void NoteEnd(const Flight& flight, Outcome outcome, int64_t ended_ns);

  const int64_t timeout_ns_;
  const Target target_;
  int64_t now_ns_ = 0;
  uint64_t order_ = 0;
  std::vector<Connection> connections_;
  std::deque<size_t> idle_;
  std::list<size_t> busy_;  // in the order of their sends
  std::priority_queue<Due, std::vector<Due>, std::greater<>> events_;
  Truth truth_;
};

}  // namespace drumline

#endif  // TESTS_SIMULATION_MODEL_WIRE_H_
