#include "core/preflight_text.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <vector>

#include "absl/strings/str_cat.h"
#include "core/preflight.h"

namespace drumline {
namespace {

constexpr size_t kColumns = 4;
using Row = std::array<std::string, kColumns>;

// In characters: of UTF-8, every byte that does not go on with one.
size_t Width(const std::string& text) {
  return static_cast<size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  }));
}

std::string Word(proto::Finding::Value finding) {
  switch (finding) {
    case proto::Finding::OK:
      return "ok";
    case proto::Finding::WARNING:
      return "warning";
    case proto::Finding::FATAL:
      return "FATAL";
    default:
      return "not known";
  }
}

void AppendHost(const proto::HostPreflight& host, std::string* text) {
  std::vector<Row> rows = {{"id", "found", "wanted", "finding"}};
  for (const proto::PreflightCheck& check : host.checks()) {
    rows.push_back({check.id(), check.found(), check.wanted(), Word(check.finding())});
  }
  std::array<size_t, kColumns> widths = {};
  for (const Row& row : rows) {
    for (size_t i = 0; i < kColumns; ++i) widths[i] = std::max(widths[i], Width(row[i]));
  }
  absl::StrAppend(text, host.role(), host.host().empty() ? "" : " on ", host.host(), "\n");
  for (size_t r = 0; r < rows.size(); ++r) {
    std::string line = "  ";
    for (size_t i = 0; i < kColumns; ++i) {
      absl::StrAppend(&line, rows[r][i]);
      if (i + 1 < kColumns) line.append(widths[i] + 2 - Width(rows[r][i]), ' ');
    }
    absl::StrAppend(text, line, "\n");
    if (r == 0) continue;
    const std::string& remedy = host.checks(static_cast<int>(r) - 1).remedy();
    if (!remedy.empty()) absl::StrAppend(text, std::string(widths[0] + 4, ' '), remedy, "\n");
  }
}

}  // namespace

std::string PreflightToText(const proto::Preflight& preflight) {
  std::string text;
  for (const proto::HostPreflight& host : preflight.hosts()) {
    AppendHost(host, &text);
    text += '\n';
  }
  return absl::StrCat(text, "preflight: ", Summary(preflight), "\n");
}

}  // namespace drumline
