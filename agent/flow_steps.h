// FlowSteps: the flows that a worker has under way, and when the next step of each is due.
//
//     FlowSteps flows({{.steps_left = 1, .think_ns = 500'000'000}, {.steps_left = 0}});
//     const uint32_t flow = flows.Begin(beat);
//     flows.Continue(flow, /*request=*/1, answered_ns + flows.ThinkAfter(0));
//     while (flows.next_ns() <= now_ns) { FlowSteps::Step step = flows.Take(); … }
//     flows.End(flow);
//
// A flow is a virtual user: it holds what its steps took from their answers, for the templates of
// those that follow. Slots and buffers are used again; nothing is allocated once as many flows as
// ever were under way at once. Pure: no clock. Used by one thread.
#ifndef AGENT_FLOW_STEPS_H_
#define AGENT_FLOW_STEPS_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <limits>
#include <queue>
#include <string>
#include <utility>
#include <vector>

namespace drumline {

class FlowSteps {
 public:
  static constexpr int64_t kNever = std::numeric_limits<int64_t>::max();
  // A request that belongs to no flow, or to one for which there was no room.
  static constexpr uint32_t kNone = std::numeric_limits<uint32_t>::max();
  // Flows of a worker that are under way at once. The first step of one beyond them is sent, its
  // others are skipped.
  static constexpr size_t kMaxUnderWay = 65'536;

  // Of each request of the plan.
  struct Shape {
    // Steps of the same flow that come after it.
    uint32_t steps_left = 0;
    // From its answer to the intended start of the next.
    int64_t think_ns = 0;
  };

  struct Step {
    int64_t due_ns = 0;
    uint32_t request = 0;
    uint32_t flow = kNone;
  };

  explicit FlowSteps(std::vector<Shape> shapes) : shapes_(std::move(shapes)) {}

  // Whether there are flows at all.
  bool any() const { return !shapes_.empty(); }
  uint32_t StepsLeft(uint32_t request) const { return any() ? shapes_[request].steps_left : 0; }
  int64_t ThinkAfter(uint32_t request) const { return shapes_[request].think_ns; }

  // A flow begins with the beat of that number. Returns its slot; kNone if there is no room.
  uint32_t Begin(uint64_t position);
  // The flow's next step, of that number, is due then.
  void Continue(uint32_t flow, uint32_t request, int64_t due_ns) {
    due_.push({due_ns, request, flow});
  }
  void End(uint32_t flow);

  int64_t next_ns() const { return due_.empty() ? kNever : due_.top().due_ns; }
  // The step that is due first; there is one.
  Step Take();

  uint64_t PositionOf(uint32_t flow) const { return slots_[flow].position; }
  // What its steps took, by the slots that the plan gives them.
  std::vector<std::string>* TakenOf(uint32_t flow) { return &slots_[flow].taken; }
  size_t under_way() const { return slots_.size() - free_.size(); }

 private:
  struct Slot {
    uint64_t position = 0;
    std::vector<std::string> taken;
  };
  struct Later {
    bool operator()(const Step& a, const Step& b) const { return a.due_ns > b.due_ns; }
  };

  const std::vector<Shape> shapes_;
  // A deque, for flights point into it.
  std::deque<Slot> slots_;
  std::vector<uint32_t> free_;
  std::priority_queue<Step, std::vector<Step>, Later> due_;
};

}  // namespace drumline

#endif  // AGENT_FLOW_STEPS_H_
