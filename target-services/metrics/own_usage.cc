#include "target-services/metrics/own_usage.h"

#include <dirent.h>
#include <sys/resource.h>
#include <unistd.h>

#include <charconv>
#include <fstream>
#include <iterator>
#include <string>
#include <system_error>

namespace drumline::target {
namespace {

absl::Status Unreadable(const std::string& what) {
  return absl::UnavailableError(what + ": cannot be read");
}

// The number in the field at `index` of blank-separated `text`.
absl::StatusOr<uint64_t> NumberAt(std::string_view text, size_t index, const std::string& what) {
  for (size_t i = 0; i < index; ++i) {
    const size_t blank = text.find(' ');
    if (blank == text.npos) return Unreadable(what);
    text.remove_prefix(blank + 1);
  }
  uint64_t number = 0;
  const std::from_chars_result read =
      std::from_chars(text.data(), text.data() + text.size(), number);
  if (read.ec != std::errc()) return Unreadable(what);
  return number;
}

std::string ReadAll(const char* path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

absl::StatusOr<uint64_t> ReadResidentBytes() {
  const std::string statm = ReadAll("/proc/self/statm");
  const absl::StatusOr<uint64_t> pages = NumberAt(statm, 1, "resident pages of /proc/self/statm");
  if (!pages.ok()) return pages.status();
  return *pages * static_cast<uint64_t>(sysconf(_SC_PAGESIZE));
}

absl::StatusOr<uint64_t> CountOpenFiles() {
  DIR* directory = opendir("/proc/self/fd");
  if (directory == nullptr) return Unreadable("/proc/self/fd");
  uint64_t count = 0;
  while (const dirent* entry = readdir(directory)) {
    if (entry->d_name[0] != '.') ++count;
  }
  closedir(directory);
  return count - 1;  // The directory itself was one of them.
}

double CpuSeconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

absl::StatusOr<uint64_t> ReadBootSeconds() {
  std::ifstream file("/proc/stat");
  std::string word;
  uint64_t seconds = 0;
  while (file >> word) {
    if (word == "btime" && file >> seconds) return seconds;
  }
  return Unreadable("btime of /proc/stat");
}

}  // namespace

absl::StatusOr<uint64_t> ParseStartTicks(std::string_view stat) {
  constexpr size_t kStartTimeAfterName = 20;  // Field 22; the name is the second.
  const size_t name_end = stat.rfind(')');
  if (name_end == stat.npos) return Unreadable("name in /proc/self/stat");
  return NumberAt(stat.substr(name_end), kStartTimeAfterName, "start time of /proc/self/stat");
}

absl::StatusOr<OwnUsage> ReadOwnUsage() {
  const absl::StatusOr<uint64_t> resident_bytes = ReadResidentBytes();
  if (!resident_bytes.ok()) return resident_bytes.status();
  const absl::StatusOr<uint64_t> open_files = CountOpenFiles();
  if (!open_files.ok()) return open_files.status();
  const absl::StatusOr<uint64_t> boot = ReadBootSeconds();
  if (!boot.ok()) return boot.status();
  const absl::StatusOr<uint64_t> ticks = ParseStartTicks(ReadAll("/proc/self/stat"));
  if (!ticks.ok()) return ticks.status();
  const double since_boot = static_cast<double>(*ticks) / static_cast<double>(sysconf(_SC_CLK_TCK));
  return OwnUsage{*resident_bytes, CpuSeconds(), *open_files,
                  static_cast<double>(*boot) + since_boot};
}

void RenderOwnUsage(const OwnUsage& usage, PrometheusText& text) {
  text.Family("process_resident_memory_bytes", "gauge", "Resident memory size in bytes.");
  text.Sample("process_resident_memory_bytes", {}, usage.resident_bytes);
  text.Family("process_cpu_seconds_total", "counter", "User and system CPU time in seconds.");
  text.Sample("process_cpu_seconds_total", {}, usage.cpu_seconds);
  text.Family("process_open_fds", "gauge", "Open file descriptors.");
  text.Sample("process_open_fds", {}, usage.open_files);
  text.Family("process_start_time_seconds", "gauge", "Start time in seconds since the epoch.");
  text.Sample("process_start_time_seconds", {}, usage.started_at);
}

}  // namespace drumline::target
