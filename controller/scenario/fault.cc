#include "controller/scenario/fault.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/string_view.h"

namespace drumline {
namespace {

constexpr size_t kMaxQuotedBytes = 60;

bool IsContinuationByte(char byte) { return (static_cast<unsigned char>(byte) & 0xC0) == 0x80; }

}  // namespace

std::string FormatFault(const Fault& fault) {
  if (fault.line == 0) return absl::StrCat(fault.file, ": ", fault.message);
  return absl::StrCat(fault.file, ":", fault.line, ":", fault.column, ": ", fault.message);
}

std::string Quoted(absl::string_view text) {
  if (text.empty()) return "an empty text";
  const bool cut = text.size() > kMaxQuotedBytes;
  if (cut) {
    size_t length = kMaxQuotedBytes;
    while (length > 0 && IsContinuationByte(text[length])) --length;
    text = text.substr(0, length);
  }
  std::string quoted = "`";
  for (const char byte : text) {
    if (byte == '\n') {
      quoted += "\\n";
    } else if (static_cast<unsigned char>(byte) < 0x20 || byte == 0x7F) {
      absl::StrAppendFormat(&quoted, "\\x%02x", static_cast<unsigned char>(byte));
    } else {
      quoted += byte;
    }
  }
  if (cut) quoted += "…";
  quoted += '`';
  return quoted;
}

void FaultList::Add(Position position, std::string message) {
  if (faults_.size() >= kMaxFaults) {
    overflowed_ = true;
    return;
  }
  Fault fault{file_, position.line, position.column, std::move(message)};
  // An anchored node is read once for each of its aliases and would be reported as often.
  if (std::find(faults_.begin(), faults_.end(), fault) != faults_.end()) return;
  faults_.push_back(std::move(fault));
}

std::vector<Fault> FaultList::Sorted() && {
  std::stable_sort(faults_.begin(), faults_.end(), [](const Fault& a, const Fault& b) {
    return std::tie(a.line, a.column) < std::tie(b.line, b.column);
  });
  if (overflowed_) {
    const Fault& last = faults_.back();
    faults_.push_back({file_, last.line, last.column,
                       absl::StrCat("more than ", kMaxFaults, " faults; the rest is not shown")});
  }
  return std::move(faults_);
}

}  // namespace drumline
