#include "agent/ring_queue.h"

#include <cstdint>
#include <deque>

#include "gtest/gtest.h"

namespace drumline {
namespace {

TEST(RingQueue, IsADequeToWhoeverUsesIt) {
  RingQueue<uint64_t> queue;
  std::deque<uint64_t> model;
  uint64_t state = 7;
  for (int i = 0; i < 100'000; ++i) {
    state = state * 6'364'136'223'846'793'005u + 1'442'695'040'888'963'407u;
    // Long stretches of growth and of decline, so that it wraps at every size.
    const bool push = (state >> 60) < (i / 1'000 % 2 == 0 ? 10u : 6u);
    if (push || model.empty()) {
      queue.push_back(state);
      model.push_back(state);
    } else {
      ASSERT_EQ(queue.front(), model.front());
      queue.pop_front();
      model.pop_front();
    }
    ASSERT_EQ(queue.size(), model.size());
    ASSERT_EQ(queue.empty(), model.empty());
  }
}

}  // namespace
}  // namespace drumline
