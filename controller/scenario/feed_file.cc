#include "controller/scenario/feed_file.h"

#include <simdjson.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "controller/scenario/fault.h"
#include "controller/scenario/payload_file.h"
#include "core/feed_table.h"

namespace drumline {
namespace {

namespace ondemand = simdjson::ondemand;

constexpr absl::string_view kByteOrderMark = "\xef\xbb\xbf";

absl::Status FaultAt(size_t line, size_t column, absl::string_view why) {
  return absl::InvalidArgumentError(absl::StrCat(line, ":", column, ": ", why));
}

absl::Status CheckColumns(const std::vector<std::string>& columns) {
  if (columns.size() > kMaxFeedColumns) {
    return FaultAt(1, 1,
                   absl::StrCat("has ", columns.size(), " columns; at most ", kMaxFeedColumns,
                                " are allowed"));
  }
  for (size_t i = 0; i < columns.size(); ++i) {
    if (columns[i].empty()) return FaultAt(1, 1, absl::StrCat("column ", i + 1, " has no name"));
    if (std::count(columns.begin(), columns.end(), columns[i]) > 1) {
      return FaultAt(1, 1, absl::StrCat("the column ", Quoted(columns[i]), " is there twice"));
    }
  }
  return absl::OkStatus();
}

// Field by field; knows where it is.
class CsvReader {
 public:
  explicit CsvReader(absl::string_view text) : text_(text) {}

  bool at_end() const { return at_ == text_.size(); }
  size_t line() const { return line_; }

  // The fields up to the end of the line, which is consumed.
  absl::Status ReadRow(std::vector<std::string>* fields) {
    bool more = true;
    while (more) {
      std::string field;
      absl::Status status = Peek() == '"' ? ReadQuoted(&field) : ReadPlain(&field);
      if (!status.ok()) return status;
      fields->push_back(std::move(field));
      more = Peek() == ',';
      if (more) ++at_;
    }
    if (Peek() == '\r') ++at_;
    if (Peek() == '\n') NextLine();
    return absl::OkStatus();
  }

 private:
  char Peek() const { return at_end() ? '\0' : text_[at_]; }
  size_t column() const { return at_ - line_start_ + 1; }
  bool AtLineEnd() const {
    return at_end() || text_[at_] == '\n' ||
           (text_[at_] == '\r' && at_ + 1 < text_.size() && text_[at_ + 1] == '\n');
  }
  void NextLine() {
    line_start_ = ++at_;
    ++line_;
  }

  absl::Status ReadPlain(std::string* field) {
    for (; !AtLineEnd() && text_[at_] != ','; ++at_) {
      if (text_[at_] == '"') {
        return FaultAt(line_, column(), "a quote within a field that does not begin with one");
      }
      field->push_back(text_[at_]);
    }
    return absl::OkStatus();
  }

  absl::Status ReadQuoted(std::string* field) {
    const absl::Status unclosed = FaultAt(line_, column(), "a field in quotes is never closed");
    for (++at_; !at_end();) {
      const char c = text_[at_];
      if (c == '"' && at_ + 1 < text_.size() && text_[at_ + 1] == '"') {
        field->push_back('"');
        at_ += 2;
      } else if (c == '"') {
        ++at_;
        return AtLineEnd() || Peek() == ','
                   ? absl::OkStatus()
                   : FaultAt(line_, column(), "something follows a field in quotes");
      } else {
        field->push_back(c);
        if (c == '\n') {
          NextLine();
        } else {
          ++at_;
        }
      }
    }
    return unclosed;
  }

  const absl::string_view text_;
  size_t at_ = 0;
  size_t line_ = 1;
  size_t line_start_ = 0;
};

// The value of one key of a line's object.
absl::StatusOr<std::string> JsonText(ondemand::value value) {
  const absl::Status refused = absl::InvalidArgumentError(
      "has a value that is neither a string nor a number, true, false or null");
  ondemand::json_type type;
  if (value.type().get(type) != simdjson::SUCCESS) return refused;
  if (type == ondemand::json_type::string) {
    std::string_view text;
    if (value.get_string().get(text) != simdjson::SUCCESS) return refused;
    return std::string(text);
  }
  const std::string_view token = value.raw_json_token();
  std::string text(token.substr(0, token.find_last_not_of(" \t\r\n") + 1));
  double number = 0;
  bool truth = false;
  const bool sound = (type == ondemand::json_type::number && value.get_double().get(number) == 0) ||
                     (type == ondemand::json_type::boolean && value.get_bool().get(truth) == 0) ||
                     (type == ondemand::json_type::null && text == "null");
  if (!sound) return refused;
  return text;
}

using JsonRow = std::vector<std::pair<std::string, std::string>>;

// One parser judges the whole line, the other one knows how its numbers are written.
struct JsonParsers {
  simdjson::dom::parser strict;
  ondemand::parser lazy;
};

absl::StatusOr<JsonRow> ReadJsonRow(JsonParsers* parsers, std::string line) {
  const absl::Status refused = absl::InvalidArgumentError("is not one JSON object");
  line.reserve(line.size() + simdjson::SIMDJSON_PADDING);
  ondemand::document document;
  ondemand::object object;
  if (parsers->strict.parse(line.data(), line.size(), /*realloc_if_needed=*/false).error() != 0 ||
      parsers->lazy.iterate(line.data(), line.size(), line.capacity()).get(document) != 0 ||
      document.get_object().get(object) != 0) {
    return refused;
  }
  JsonRow row;
  for (auto field : object) {
    std::string_view key;
    ondemand::value value;
    if (field.unescaped_key().get(key) != 0) return refused;
    std::string name(key);
    if (field.value().get(value) != 0) return refused;
    absl::StatusOr<std::string> text = JsonText(value);
    if (!text.ok()) return text.status();
    row.emplace_back(std::move(name), *std::move(text));
  }
  return row;
}

// Puts the row's values into the order of the columns, which the first row makes.
absl::Status AddJsonRow(const JsonRow& row, FeedContent* feed) {
  if (feed->columns.empty()) {
    for (const auto& [name, value] : row) feed->columns.push_back(name);
    if (row.empty()) return absl::InvalidArgumentError("has no keys");
    if (absl::Status status = CheckColumns(feed->columns); !status.ok()) return status;
  }
  if (row.size() != feed->columns.size()) {
    return absl::InvalidArgumentError(
        absl::StrCat("has ", row.size(), " keys; the first line has ", feed->columns.size()));
  }
  for (const std::string& column : feed->columns) {
    const auto found = std::find_if(row.begin(), row.end(),
                                    [&](const auto& field) { return field.first == column; });
    if (found == row.end()) {
      return absl::InvalidArgumentError(
          absl::StrCat("has no ", Quoted(column), ", which the first line has"));
    }
    feed->values.push_back(found->second);
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<FeedContent> ParseCsv(absl::string_view text) {
  if (absl::StartsWith(text, kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  if (text.empty()) return FaultAt(1, 1, "is empty: the first line names the columns");
  CsvReader reader(text);
  FeedContent feed;
  if (absl::Status status = reader.ReadRow(&feed.columns); !status.ok()) return status;
  if (absl::Status status = CheckColumns(feed.columns); !status.ok()) return status;
  while (!reader.at_end()) {
    const size_t line = reader.line();
    std::vector<std::string> fields;
    if (absl::Status status = reader.ReadRow(&fields); !status.ok()) return status;
    if (fields.size() != feed.columns.size()) {
      return FaultAt(
          line, 1,
          absl::StrCat("has ", fields.size(), " fields; the first line has ", feed.columns.size()));
    }
    std::move(fields.begin(), fields.end(), std::back_inserter(feed.values));
  }
  if (feed.values.empty()) return FaultAt(1, 1, "has no rows below the names of its columns");
  return feed;
}

absl::StatusOr<FeedContent> ParseJsonLines(absl::string_view text) {
  if (absl::StartsWith(text, kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  JsonParsers parsers;
  FeedContent feed;
  for (size_t line = 1; !text.empty(); ++line) {
    const absl::string_view whole = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(whole.size() + 1, text.size()));
    if (whole.find_first_not_of(" \t\r") == absl::string_view::npos) {
      if (text.empty()) break;
      return FaultAt(line, 1, "is empty");
    }
    absl::StatusOr<JsonRow> row = ReadJsonRow(&parsers, std::string(whole));
    if (!row.ok()) return FaultAt(line, 1, row.status().message());
    if (absl::Status status = AddJsonRow(*row, &feed); !status.ok()) {
      return FaultAt(line, 1, status.message());
    }
  }
  if (feed.values.empty()) return FaultAt(1, 1, "has no lines");
  return feed;
}

absl::StatusOr<FeedContent> ReadFeed(const std::string& path) {
  const bool is_csv = absl::EndsWithIgnoreCase(path, ".csv");
  if (!is_csv && !absl::EndsWithIgnoreCase(path, ".jsonl") &&
      !absl::EndsWithIgnoreCase(path, ".ndjson")) {
    return absl::InvalidArgumentError("is neither .csv nor .jsonl");
  }
  const absl::StatusOr<std::string> text = ReadPayload(path);
  if (!text.ok()) return text.status();
  return is_csv ? ParseCsv(*text) : ParseJsonLines(*text);
}

}  // namespace drumline
