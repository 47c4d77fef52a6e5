#include "controller/scrape/prometheus_text.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace drumline {
namespace {

absl::string_view Absl(std::string_view text) { return {text.data(), text.size()}; }

bool IsBlank(char c) { return c == ' ' || c == '\t'; }

// Metric names may hold colons, label names may not.
bool IsNameByte(char c, bool first, bool colons) {
  return absl::ascii_isalpha(static_cast<unsigned char>(c)) || c == '_' || (colons && c == ':') ||
         (!first && absl::ascii_isdigit(static_cast<unsigned char>(c)));
}

// What is quoted in a message: short, and without bytes that would disturb a terminal.
std::string Quote(std::string_view text) {
  constexpr size_t kMost = 40;
  std::string quoted(text.substr(0, kMost));
  std::replace_if(
      quoted.begin(), quoted.end(), [](char c) { return c < 0x20 || c > 0x7E; }, '?');
  return absl::StrCat("`", quoted, text.size() > kMost ? "…`" : "`");
}

// Reads one line from left to right.
class LineReader {
 public:
  LineReader(std::string_view line, const PrometheusLimits& limits)
      : rest_(line), limits_(limits) {}

  absl::Status ReadSample(MetricSample* sample);
  // HELP and TYPE lines are held to their form; any other comment is free.
  absl::Status CheckComment();

 private:
  void SkipBlanks() {
    while (!rest_.empty() && IsBlank(rest_.front())) rest_.remove_prefix(1);
  }
  bool Take(char c) {
    if (rest_.empty() || rest_.front() != c) return false;
    rest_.remove_prefix(1);
    return true;
  }
  std::string_view TakeName(bool colons);
  // Up to the next blank.
  std::string_view TakeWord();
  absl::Status ReadLabels(MetricSample* sample);
  absl::Status ReadLabel(MetricSample* sample);
  absl::Status ReadQuoted(std::string* value);
  absl::Status ReadValue(double* value);
  absl::Status ReadTimestamp(std::optional<int64_t>* timestamp_ms);

  std::string_view rest_;
  const PrometheusLimits& limits_;
};

std::string_view LineReader::TakeName(bool colons) {
  size_t length = 0;
  while (length < rest_.size() && IsNameByte(rest_[length], length == 0, colons)) ++length;
  const std::string_view name = rest_.substr(0, length);
  rest_.remove_prefix(length);
  return name;
}

std::string_view LineReader::TakeWord() {
  size_t length = 0;
  while (length < rest_.size() && !IsBlank(rest_[length])) ++length;
  const std::string_view word = rest_.substr(0, length);
  rest_.remove_prefix(length);
  return word;
}

absl::Status LineReader::ReadSample(MetricSample* sample) {
  const std::string_view whole = rest_;
  sample->name = TakeName(true);
  if (sample->name.empty()) {
    return absl::InvalidArgumentError(absl::StrCat("a metric's name expected, not ", Quote(whole)));
  }
  const size_t before = rest_.size();
  SkipBlanks();
  if (Take('{')) {
    if (absl::Status status = ReadLabels(sample); !status.ok()) return status;
    SkipBlanks();
  } else if (rest_.size() == before) {
    return absl::InvalidArgumentError(
        absl::StrCat("a blank or `{` expected after ", Quote(sample->name)));
  }
  if (absl::Status status = ReadValue(&sample->value); !status.ok()) return status;
  return ReadTimestamp(&sample->timestamp_ms);
}

absl::Status LineReader::ReadLabels(MetricSample* sample) {
  for (;;) {
    SkipBlanks();
    if (Take('}')) return absl::OkStatus();
    if (sample->labels.size() == limits_.max_labels) {
      return absl::ResourceExhaustedError(
          absl::StrCat("more labels than the limit of ", limits_.max_labels));
    }
    if (absl::Status status = ReadLabel(sample); !status.ok()) return status;
    SkipBlanks();
    if (Take(',')) continue;
    if (!Take('}')) return absl::InvalidArgumentError("`,` or `}` expected after a label");
    return absl::OkStatus();
  }
}

absl::Status LineReader::ReadLabel(MetricSample* sample) {
  const std::string name(TakeName(false));
  if (name.empty()) {
    return absl::InvalidArgumentError(absl::StrCat("a label's name expected, not ", Quote(rest_)));
  }
  for (const auto& label : sample->labels) {
    if (label.first == name) {
      return absl::InvalidArgumentError(absl::StrCat("the label ", Quote(name), " twice"));
    }
  }
  SkipBlanks();
  if (!Take('=')) {
    return absl::InvalidArgumentError(absl::StrCat("`=` expected after the label ", Quote(name)));
  }
  SkipBlanks();
  std::string value;
  if (absl::Status status = ReadQuoted(&value); !status.ok()) return status;
  sample->labels.emplace_back(name, std::move(value));
  return absl::OkStatus();
}

absl::Status LineReader::ReadQuoted(std::string* value) {
  if (!Take('"')) return absl::InvalidArgumentError("a label's value must be in double quotes");
  while (!rest_.empty()) {
    const char c = rest_.front();
    rest_.remove_prefix(1);
    if (c == '"') return absl::OkStatus();
    if (c != '\\') {
      value->push_back(c);
    } else if (Take('n')) {
      value->push_back('\n');
    } else if (Take('\\')) {
      value->push_back('\\');
    } else if (Take('"')) {
      value->push_back('"');
    } else {
      return absl::InvalidArgumentError("after a backslash only `n`, `\\` and `\"` are known");
    }
  }
  return absl::InvalidArgumentError("a label's value does not end");
}

absl::Status LineReader::ReadValue(double* value) {
  const std::string_view word = TakeWord();
  if (word.empty()) return absl::InvalidArgumentError("the value is missing");
  const auto refused = [&] {
    return absl::InvalidArgumentError(absl::StrCat("the value ", Quote(word), " is not a number"));
  };
  // The converter takes more than the format has: blanks at its ends, nan(1), 0x10.
  const bool plain = std::all_of(word.begin(), word.end(), [](char c) {
    const bool letter = absl::ascii_isalpha(static_cast<unsigned char>(c)) && c != 'x' && c != 'X';
    return letter || absl::ascii_isdigit(static_cast<unsigned char>(c)) || c == '+' || c == '-' ||
           c == '.';
  });
  if (!plain || !absl::SimpleAtod(Absl(word), value)) return refused();
  // 1e999 converts to infinity, but nobody wrote infinity.
  const bool says_infinity = word.find_first_of("iI") != std::string_view::npos;
  if (std::isinf(*value) && !says_infinity) return refused();
  return absl::OkStatus();
}

absl::Status LineReader::ReadTimestamp(std::optional<int64_t>* timestamp_ms) {
  SkipBlanks();
  const std::string_view word = TakeWord();
  if (word.empty()) return absl::OkStatus();
  int64_t value = 0;
  if (!absl::SimpleAtoi(Absl(word), &value)) {
    return absl::InvalidArgumentError(
        absl::StrCat("the timestamp ", Quote(word), " is not a number of milliseconds"));
  }
  *timestamp_ms = value;
  SkipBlanks();
  if (rest_.empty()) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("nothing expected after the timestamp, not ", Quote(rest_)));
}

absl::Status LineReader::CheckComment() {
  Take('#');
  SkipBlanks();
  const std::string_view word = TakeWord();
  if (word != "HELP" && word != "TYPE") return absl::OkStatus();
  SkipBlanks();
  const bool named = !TakeName(true).empty() && (rest_.empty() || IsBlank(rest_.front()));
  if (!named) {
    return absl::InvalidArgumentError(
        absl::StrCat("a metric's name expected after # ", std::string(word)));
  }
  if (word == "HELP") return absl::OkStatus();
  SkipBlanks();
  const bool typed = !TakeWord().empty();
  SkipBlanks();
  if (typed && rest_.empty()) return absl::OkStatus();
  return absl::InvalidArgumentError("one word expected after # TYPE and the metric's name");
}

// Takes the first line off `text`, without its end.
std::string_view TakeLine(std::string_view* text) {
  const size_t end = text->find('\n');
  std::string_view line = text->substr(0, end);
  text->remove_prefix(end == std::string_view::npos ? text->size() : end + 1);
  if (line.ends_with('\r')) line.remove_suffix(1);
  while (!line.empty() && IsBlank(line.front())) line.remove_prefix(1);
  return line;
}

absl::Status ParseLine(std::string_view line, const PrometheusLimits& limits,
                       std::vector<MetricSample>* samples) {
  if (line.empty()) return absl::OkStatus();
  if (line.size() > limits.max_line_bytes) {
    return absl::ResourceExhaustedError(
        absl::StrCat("longer than the limit of ", limits.max_line_bytes, " bytes"));
  }
  LineReader reader(line, limits);
  if (line.front() == '#') return reader.CheckComment();
  if (samples->size() == limits.max_samples) {
    return absl::ResourceExhaustedError(
        absl::StrCat("more samples than the limit of ", limits.max_samples));
  }
  return reader.ReadSample(&samples->emplace_back());
}

}  // namespace

absl::StatusOr<std::vector<MetricSample>> ParsePrometheusText(std::string_view text,
                                                              const PrometheusLimits& limits) {
  std::vector<MetricSample> samples;
  for (uint64_t number = 1; !text.empty(); ++number) {
    if (absl::Status status = ParseLine(TakeLine(&text), limits, &samples); !status.ok()) {
      return absl::Status(status.code(), absl::StrCat("line ", number, ": ", status.message()));
    }
  }
  return samples;
}

std::optional<double> SumOf(const std::vector<MetricSample>& samples, std::string_view name) {
  std::optional<double> sum;
  for (const MetricSample& sample : samples) {
    if (sample.name == name) sum = sum.value_or(0) + sample.value;
  }
  return sum;
}

}  // namespace drumline
