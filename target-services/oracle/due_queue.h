// What is due when, the earliest first; of several at one instant, the one that was added first.
//
//   DueQueue<Answer> queue;
//   queue.Add(due_ns, answer);
//   while (queue.next_due_ns() <= now_ns) Give(queue.Take());
//
// A binary heap: O(log n) for Add and Take, nothing for a look at the next. Instants are of one
// clock, whichever. One thread.
#ifndef TARGET_SERVICES_ORACLE_DUE_QUEUE_H_
#define TARGET_SERVICES_ORACLE_DUE_QUEUE_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

namespace drumline::target {

template <typename T>
class DueQueue {
 public:
  static constexpr int64_t kNever = std::numeric_limits<int64_t>::max();

  void Add(int64_t due_ns, T item) {
    heap_.push_back({due_ns, added_++, std::move(item)});
    std::push_heap(heap_.begin(), heap_.end(), IsLater);
  }
  // kNever if there is nothing.
  int64_t next_due_ns() const { return heap_.empty() ? kNever : heap_.front().due_ns; }
  // The next one; the queue is not empty.
  T Take() {
    std::pop_heap(heap_.begin(), heap_.end(), IsLater);
    T item = std::move(heap_.back().item);
    heap_.pop_back();
    return item;
  }
  size_t size() const { return heap_.size(); }

 private:
  struct Entry {
    int64_t due_ns;
    uint64_t order;
    T item;
  };

  static bool IsLater(const Entry& a, const Entry& b) {
    return a.due_ns != b.due_ns ? a.due_ns > b.due_ns : a.order > b.order;
  }

  std::vector<Entry> heap_;
  uint64_t added_ = 0;
};

}  // namespace drumline::target

#endif  // TARGET_SERVICES_ORACLE_DUE_QUEUE_H_
