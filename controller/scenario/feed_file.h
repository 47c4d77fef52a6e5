// Feeds: tables in files, from which templates take values.
//
//     absl::StatusOr<FeedContent> users = ReadFeed("/path/users.csv");
//     absl::StatusOr<FeedContent> parsed = ParseCsv("email,name\na@b.c,Ann\n");
//
// CSV as RFC 4180 has it: the first line names the columns, a field may be in quotes and then hold
// commas, line ends and doubled quotes; lines end in LF or CRLF. JSON lines: an object a line, all
// with the keys of the first one, whose values are strings (their characters are taken) or numbers,
// true, false or null (taken as they are written).
//
// A fault names its place: "3:7: …" is line 3, column 7 of the file, in bytes from 1. ReadFeed does
// file I/O; the rest is pure.
#ifndef CONTROLLER_SCENARIO_FEED_FILE_H_
#define CONTROLLER_SCENARIO_FEED_FILE_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace drumline {

struct FeedContent {
  std::vector<std::string> columns;
  // Row by row.
  std::vector<std::string> values;

  size_t rows() const { return columns.empty() ? 0 : values.size() / columns.size(); }
};

absl::StatusOr<FeedContent> ParseCsv(absl::string_view text);
absl::StatusOr<FeedContent> ParseJsonLines(absl::string_view text);

// By the file's name: .jsonl and .ndjson are JSON lines, .csv is CSV. At most kMaxFeedBytes
// (core/feed_table.h).
absl::StatusOr<FeedContent> ReadFeed(const std::string& path);

}  // namespace drumline

#endif  // CONTROLLER_SCENARIO_FEED_FILE_H_
