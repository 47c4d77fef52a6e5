#include "target-services/oracle/usage_probe.h"

#include <fcntl.h>
#include <unistd.h>

#include <cstdio>
#include <ctime>

namespace drumline::target {

UsageProbe::UsageProbe() : statm_(open("/proc/self/statm", O_RDONLY | O_CLOEXEC)) {
  const absl::StatusOr<OwnUsage> usage = ReadOwnUsage();
  if (usage.ok()) started_at_ = usage->started_at;
}

UsageProbe::~UsageProbe() {
  if (statm_ >= 0) close(statm_);
}

OwnUsage UsageProbe::Read(uint64_t open_files) const {
  OwnUsage usage;
  usage.open_files = open_files;
  usage.started_at = started_at_;
  char text[128] = {};
  unsigned long long resident_pages = 0;
  if (pread(statm_, text, sizeof(text) - 1, 0) > 0 &&
      std::sscanf(text, "%*u %llu", &resident_pages) == 1) {
    usage.resident_bytes = resident_pages * static_cast<uint64_t>(sysconf(_SC_PAGESIZE));
  }
  timespec time{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  usage.cpu_seconds = static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
  return usage;
}

}  // namespace drumline::target
