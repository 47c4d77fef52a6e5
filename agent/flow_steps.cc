#include "agent/flow_steps.h"

namespace drumline {

uint32_t FlowSteps::Begin(uint64_t position) {
  if (free_.empty()) {
    if (slots_.size() == kMaxUnderWay) return kNone;
    free_.push_back(static_cast<uint32_t>(slots_.size()));
    slots_.emplace_back();
  }
  const uint32_t flow = free_.back();
  free_.pop_back();
  slots_[flow].position = position;
  return flow;
}

void FlowSteps::End(uint32_t flow) {
  // What was taken is emptied, and its memory kept.
  for (std::string& value : slots_[flow].taken) value.clear();
  free_.push_back(flow);
}

FlowSteps::Step FlowSteps::Take() {
  const Step step = due_.top();
  due_.pop();
  return step;
}

}  // namespace drumline
