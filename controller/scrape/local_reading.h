// What a scrape takes from this machine's kernel, where a service has no page of metrics.
//
//     absl::Status status = ReadPid(4711, "/proc", &scrape);
//     absl::Status status = ReadCgroup("system.slice/web.service", "/sys/fs/cgroup", &scrape);
//
// Of a process: user and system time of all its threads, resident memory, open descriptors and when
// it was started, from stat and fd; its children are other processes. Of a control group (version
// 2): the time of all its processes (cpu.stat) and its memory (memory.current), which counts page
// cache too. What neither has stands in `missing`.
//
// The second argument is where the kernel's file system is mounted. NotFound where the process or
// the group is not there; Unavailable where it says something else than it should. Blocks for as
// long as the kernel takes to answer: microseconds. Safe from any thread.
#ifndef CONTROLLER_SCRAPE_LOCAL_READING_H_
#define CONTROLLER_SCRAPE_LOCAL_READING_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "proto/interval.pb.h"

namespace drumline {

absl::Status ReadPid(uint32_t pid, const std::string& proc, proto::Scrape* scrape);
absl::Status ReadCgroup(const std::string& cgroup, const std::string& root, proto::Scrape* scrape);

}  // namespace drumline

#endif  // CONTROLLER_SCRAPE_LOCAL_READING_H_
