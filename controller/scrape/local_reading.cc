#include "controller/scrape/local_reading.h"

#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"

namespace drumline {
namespace {

// Files of /proc and of control groups are short; whatever is longer is something else.
constexpr size_t kMostBytes = 65536;

absl::StatusOr<std::string> ReadShortFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return absl::NotFoundError(absl::StrCat(path, ": ", strerror(errno)));
  std::string text(kMostBytes, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  // A process that ends while it is read leaves an error, not a short text.
  if (file.bad()) return absl::NotFoundError(absl::StrCat(path, ": it is gone"));
  text.resize(static_cast<size_t>(file.gcount()));
  return text;
}

absl::Status NotAsExpected(const std::string& path) {
  return absl::UnavailableError(absl::StrCat(path, " does not read as it should"));
}

// The fields of /proc/PID/stat from the third one, the state, on. The name before them is in
// parentheses and may hold anything.
std::vector<std::string> StatFields(const std::string& stat) {
  const size_t end = stat.rfind(')');
  if (end == std::string::npos) return {};
  return absl::StrSplit(absl::string_view(stat).substr(end + 1), absl::ByAnyChar(" \n"),
                        absl::SkipEmpty());
}

// By proc(5)'s numbers, of which the first field here is 3.
std::optional<double> StatField(const std::vector<std::string>& fields, size_t number) {
  double value = 0;
  if (number - 3 >= fields.size() || !absl::SimpleAtod(fields[number - 3], &value)) {
    return std::nullopt;
  }
  return value;
}

// Seconds since 1970 at which the machine was started; empty where it does not say.
std::optional<double> BootTime(const std::string& proc) {
  const absl::StatusOr<std::string> stat = ReadShortFile(proc + "/stat");
  if (!stat.ok()) return std::nullopt;
  for (absl::string_view line : absl::StrSplit(*stat, '\n')) {
    double seconds = 0;
    if (absl::ConsumePrefix(&line, "btime ") && absl::SimpleAtod(line, &seconds)) return seconds;
  }
  return std::nullopt;
}

}  // namespace

absl::Status ReadPid(uint32_t pid, const std::string& proc, proto::Scrape* scrape) {
  const std::string directory = absl::StrCat(proc, "/", pid);
  const absl::StatusOr<std::string> stat = ReadShortFile(directory + "/stat");
  if (!stat.ok()) return stat.status();
  const std::vector<std::string> fields = StatFields(*stat);
  const std::optional<double> user = StatField(fields, 14);
  const std::optional<double> system = StatField(fields, 15);
  const std::optional<double> started = StatField(fields, 22);
  const std::optional<double> pages = StatField(fields, 24);
  if (!user || !system || !started || !pages) return NotAsExpected(directory + "/stat");
  if (fields.front() == "Z") return absl::NotFoundError(absl::StrCat("pid ", pid, " has ended"));
  const auto ticks = static_cast<double>(sysconf(_SC_CLK_TCK));
  scrape->set_cpu_seconds_total((*user + *system) / ticks);
  scrape->set_rss_bytes(*pages * static_cast<double>(sysconf(_SC_PAGESIZE)));
  if (const std::optional<double> boot = BootTime(proc)) {
    scrape->set_program_started_s(*boot + *started / ticks);
  }
  std::error_code error;
  const std::filesystem::directory_iterator descriptors(directory + "/fd", error);
  if (error) {
    // Another user's process.
    scrape->add_missing("open_fds");
  } else {
    scrape->set_open_fds(static_cast<double>(std::distance(begin(descriptors), end(descriptors))));
  }
  scrape->add_missing("requests_total");
  return absl::OkStatus();
}

absl::Status ReadCgroup(const std::string& cgroup, const std::string& root, proto::Scrape* scrape) {
  absl::string_view path = cgroup;
  absl::ConsumePrefix(&path, root);
  const std::string directory = absl::StrCat(root, "/", path);
  const absl::StatusOr<std::string> cpu = ReadShortFile(directory + "/cpu.stat");
  if (!cpu.ok()) return cpu.status();
  const absl::StatusOr<std::string> memory = ReadShortFile(directory + "/memory.current");
  double usage_us = -1;
  for (absl::string_view line : absl::StrSplit(*cpu, '\n')) {
    if (absl::ConsumePrefix(&line, "usage_usec ") && !absl::SimpleAtod(line, &usage_us)) {
      return NotAsExpected(directory + "/cpu.stat");
    }
  }
  if (usage_us < 0) return NotAsExpected(directory + "/cpu.stat");
  scrape->set_cpu_seconds_total(usage_us / 1e6);
  double bytes = 0;
  if (memory.ok() && absl::SimpleAtod(absl::StripAsciiWhitespace(*memory), &bytes)) {
    scrape->set_rss_bytes(bytes);
  } else {
    // The root group has none, and one whose controller is off.
    scrape->add_missing("rss_bytes");
  }
  scrape->add_missing("open_fds");
  scrape->add_missing("requests_total");
  return absl::OkStatus();
}

}  // namespace drumline
