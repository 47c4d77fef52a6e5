// What the agent's host lost to its hypervisor, and the agent to a CPU limit: time in which it had
// work to do and was not let to.
//
//     const HostCost before = ReadHostCost();
//     …
//     const int64_t stolen_ns = ReadHostCost().steal_ns - before.steal_ns;
//
// Steal is the eighth figure of the first line of /proc/stat, all cores added (proc(5)); throttling
// is throttled_usec of the control group's cpu.stat (the kernel's cgroup-v2.rst; in nanoseconds as
// throttled_time in version 1). What cannot be read is 0: bare metal steals nothing, and a group
// without a limit is never held back. Two small files a call; any thread.
#ifndef AGENT_HOST_COST_H_
#define AGENT_HOST_COST_H_

#include <cstdint>
#include <string>

namespace drumline {

// Since some instant in the past.
struct HostCost {
  int64_t steal_ns = 0;
  int64_t throttled_ns = 0;
};

HostCost ReadHostCost();

// The parts that need no files. [ticks_per_second] is sysconf(_SC_CLK_TCK).
int64_t StealNs(const std::string& proc_stat, int64_t ticks_per_second);
int64_t ThrottledNs(const std::string& cpu_stat);

}  // namespace drumline

#endif  // AGENT_HOST_COST_H_
