#include "agent/host_cost.h"

#include <unistd.h>

#include <fstream>
#include <iterator>
#include <sstream>

namespace drumline {
namespace {

constexpr int64_t kNsPerSecond = 1'000'000'000;
constexpr int kFiguresBeforeSteal = 7;

std::string ReadText(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

// The control group of this process, below /sys/fs/cgroup; version 2 has the line "0::PATH".
std::string CpuStatPath() {
  std::ifstream groups("/proc/self/cgroup");
  for (std::string line; std::getline(groups, line);) {
    if (line.rfind("0::", 0) == 0) return "/sys/fs/cgroup" + line.substr(3) + "/cpu.stat";
  }
  return "/sys/fs/cgroup/cpu/cpu.stat";
}

}  // namespace

int64_t StealNs(const std::string& proc_stat, int64_t ticks_per_second) {
  std::istringstream words(proc_stat);
  std::string name;
  words >> name;
  if (name != "cpu" || ticks_per_second <= 0) return 0;
  int64_t ticks = 0;
  for (int i = 0; i < kFiguresBeforeSteal; ++i) words >> ticks;
  if (!(words >> ticks) || ticks < 0) return 0;
  return ticks * (kNsPerSecond / ticks_per_second);
}

int64_t ThrottledNs(const std::string& cpu_stat) {
  std::istringstream words(cpu_stat);
  std::string name;
  int64_t value = 0;
  while (words >> name >> value) {
    if (name == "throttled_usec") return value * 1'000;
    if (name == "throttled_time") return value;
  }
  return 0;
}

HostCost ReadHostCost() {
  // A process that is moved to another group while it runs is not followed.
  static const std::string cpu_stat = CpuStatPath();
  return {StealNs(ReadText("/proc/stat"), sysconf(_SC_CLK_TCK)), ThrottledNs(ReadText(cpu_stat))};
}

}  // namespace drumline
