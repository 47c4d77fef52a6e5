#include "controller/scenario/cpu_list.h"

#include <algorithm>
#include <bitset>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "controller/scenario/fault.h"

namespace drumline {
namespace {

absl::Status Refused(absl::string_view list, absl::string_view why) {
  return absl::InvalidArgumentError(absl::StrCat(Quoted(list), " ", why));
}

absl::StatusOr<uint32_t> ReadCpu(absl::string_view list, absl::string_view text) {
  uint32_t cpu = 0;
  const bool digits = !text.empty() && std::all_of(text.begin(), text.end(), absl::ascii_isdigit);
  if (!digits || !absl::SimpleAtoi(text, &cpu) || cpu >= kMaxCpus) {
    return Refused(list, "is no list of CPUs: write numbers and ranges, such as 0-15,32-47");
  }
  return cpu;
}

}  // namespace

absl::StatusOr<uint32_t> HighestCpu(absl::string_view list) {
  std::bitset<kMaxCpus> named;
  uint32_t highest = 0;
  for (const absl::string_view range : absl::StrSplit(list, ',')) {
    const std::vector<absl::string_view> ends = absl::StrSplit(range, absl::MaxSplits('-', 1));
    const absl::StatusOr<uint32_t> first = ReadCpu(list, ends.front());
    if (!first.ok()) return first.status();
    const absl::StatusOr<uint32_t> last = ReadCpu(list, ends.back());
    if (!last.ok()) return last.status();
    if (*last < *first) return Refused(list, "has a range that goes down");
    for (uint32_t cpu = *first; cpu <= *last; ++cpu) {
      if (named.test(cpu)) return Refused(list, absl::StrCat("names CPU ", cpu, " twice"));
      named.set(cpu);
    }
    highest = std::max(highest, *last);
  }
  return highest;
}

}  // namespace drumline
