// RingQueue: a first-in, first-out queue in one block of memory. Unlike std::deque it allocates
// only when it becomes larger than it ever was, so that a queue in steady use allocates nothing.
//
//     RingQueue<int> queue;
//     queue.push_back(1);
//     while (!queue.empty()) { use(queue.front()); queue.pop_front(); }
//
// T is copied; it should be small and trivial. Used by one thread.
#ifndef AGENT_RING_QUEUE_H_
#define AGENT_RING_QUEUE_H_

#include <cstddef>
#include <type_traits>
#include <vector>

namespace drumline {

template <typename T>
class RingQueue {
  static_assert(std::is_trivially_copyable_v<T>);

 public:
  bool empty() const { return size_ == 0; }
  size_t size() const { return size_; }
  // The oldest; there is one.
  const T& front() const { return ring_[first_]; }

  void push_back(const T& value) {
    if (size_ == ring_.size()) Grow();
    ring_[(first_ + size_) & (ring_.size() - 1)] = value;
    ++size_;
  }

  void pop_front() {
    first_ = (first_ + 1) & (ring_.size() - 1);
    --size_;
  }

 private:
  static constexpr size_t kFirstSize = 64;  // a power of two, as all sizes are

  void Grow() {
    std::vector<T> larger(ring_.empty() ? kFirstSize : 2 * ring_.size());
    for (size_t i = 0; i < size_; ++i) larger[i] = ring_[(first_ + i) & (ring_.size() - 1)];
    ring_.swap(larger);
    first_ = 0;
  }

  std::vector<T> ring_;
  size_t first_ = 0;
  size_t size_ = 0;
};

}  // namespace drumline

#endif  // AGENT_RING_QUEUE_H_
