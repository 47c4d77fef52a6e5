#include "controller/scenario/text_format.h"

#include <algorithm>
#include <array>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "controller/scenario/cpu_list.h"
#include "controller/scenario/fault.h"
#include "controller/scenario/precision.h"
#include "controller/scenario/url.h"
#include "controller/scrape/prometheus_text.h"

namespace drumline {
namespace {

constexpr size_t kMaxNameBytes = 64;
constexpr size_t kMaxMethodBytes = 32;
constexpr size_t kMaxPathBytes = 8192;
constexpr size_t kMaxFileNameBytes = 4096;
constexpr size_t kMaxHeaderNameBytes = 256;
constexpr size_t kMaxHeaderValueBytes = 8192;

constexpr std::array<absl::string_view, 4> kOwnHeaders = {"host", "content-length",
                                                          "transfer-encoding", "connection"};

absl::Status Refused(absl::string_view whole, absl::string_view why) {
  return absl::InvalidArgumentError(absl::StrCat(Quoted(whole), " ", why));
}

bool IsControl(char byte) { return absl::ascii_iscntrl(static_cast<unsigned char>(byte)); }

// RFC 9110: what names of methods and header fields are made of.
bool IsToken(absl::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char byte) {
    return absl::ascii_isalnum(byte) || absl::StrContains("!#$%&'*+-.^_`|~", byte);
  });
}

absl::Status CheckName(absl::string_view text) {
  const bool letters = std::all_of(text.begin(), text.end(), [](char byte) {
    return absl::ascii_isalnum(byte) || absl::StrContains("._-", byte);
  });
  if (text.empty() || !letters || !absl::ascii_isalnum(text.front())) {
    return Refused(text,
                   "is no name: it becomes part of file names, so write a letter or digit, "
                   "then letters, digits, `.`, `_` and `-`");
  }
  if (text.size() > kMaxNameBytes) {
    return Refused(text, absl::StrCat("is longer than ", kMaxNameBytes, " characters"));
  }
  return absl::OkStatus();
}

absl::Status CheckMethod(absl::string_view text) {
  if (!IsToken(text) || std::any_of(text.begin(), text.end(), absl::ascii_islower) ||
      text.size() > kMaxMethodBytes) {
    return Refused(text, "is no HTTP method: write it in capitals, such as GET or POST");
  }
  if (text == "CONNECT") return Refused(text, "opens a tunnel, which is not supported");
  return absl::OkStatus();
}

absl::Status CheckFileName(absl::string_view text) {
  if (text.empty()) return Refused(text, "names no file");
  if (std::any_of(text.begin(), text.end(), IsControl)) {
    return Refused(text, "contains a control character");
  }
  if (text.size() > kMaxFileNameBytes) {
    return Refused(text, absl::StrCat("is longer than ", kMaxFileNameBytes, " bytes"));
  }
  return absl::OkStatus();
}

absl::Status CheckHeaderName(absl::string_view text) {
  if (!IsToken(text)) {
    return Refused(text, "is no name of a header: write letters, digits and `-`");
  }
  if (text.size() > kMaxHeaderNameBytes) {
    return Refused(text, absl::StrCat("is longer than ", kMaxHeaderNameBytes, " bytes"));
  }
  for (const absl::string_view own : kOwnHeaders) {
    if (absl::EqualsIgnoreCase(text, own)) {
      return Refused(text, "is always right without being named: remove it");
    }
  }
  return absl::OkStatus();
}

absl::Status CheckHeaderValue(absl::string_view text) {
  if (std::any_of(text.begin(), text.end(), IsControl)) {
    return Refused(text, "contains a control character, which would break the request");
  }
  if (absl::StripAsciiWhitespace(text) != text) {
    return Refused(text, "has white space at an end, which HTTP does not keep");
  }
  if (text.size() > kMaxHeaderValueBytes) {
    return Refused(text, absl::StrCat("is longer than ", kMaxHeaderValueBytes, " bytes"));
  }
  return absl::OkStatus();
}

absl::Status CheckEnvironmentName(absl::string_view text) {
  const bool file = absl::StrContains(text, '/') || absl::EndsWith(text, ".yaml");
  return file ? CheckFileName(text) : CheckName(text);
}

absl::Status CheckDate(absl::string_view text) {
  absl::CivilDay day;
  if (!absl::ParseCivilTime(text, &day) || absl::FormatCivilTime(day) != text) {
    return Refused(text, "is no day: write year, month and day");
  }
  return absl::OkStatus();
}

// As prometheus_text reads them, colons included.
bool IsMetricName(absl::string_view text) {
  return !text.empty() && !absl::ascii_isdigit(text.front()) &&
         std::all_of(text.begin(), text.end(), [](char byte) {
           return absl::ascii_isalnum(byte) || byte == '_' || byte == ':';
         });
}

absl::Status CheckMetric(absl::string_view text) {
  if (!IsMetricName(text)) {
    return Refused(text, "is no name of a metric: write letters, digits, `_` and `:`");
  }
  return absl::OkStatus();
}

// A series is written as a sample of the exposition format is, but for the value.
absl::Status CheckSeries(absl::string_view text) {
  if (absl::Status status = CheckMetric(text.substr(0, text.find('{'))); !status.ok()) {
    return status;
  }
  const auto samples = ParsePrometheusText(absl::StrCat(text, " 0"));
  if (samples.ok() && samples->size() == 1) return absl::OkStatus();
  return Refused(text, "is no series: write a name, or name{label=\"value\"}");
}

// A template's places may have anything in them; they are looked at where names are known.
absl::Status CheckPath(absl::string_view text) {
  if (!absl::StartsWith(text, "/") && !absl::StartsWith(text, "{{")) {
    return Refused(text, "is no path: it begins with /");
  }
  if (text.size() > kMaxPathBytes) {
    return Refused(text, absl::StrCat("is longer than ", kMaxPathBytes, " bytes"));
  }
  bool in_place = false;
  for (size_t i = 0; i < text.size(); ++i) {
    if (absl::StartsWith(text.substr(i), in_place ? "}}" : "{{")) in_place = !in_place;
    const auto byte = static_cast<unsigned char>(text[i]);
    if (IsControl(text[i]) || byte >= 0x80 || (!in_place && (byte == ' ' || byte == '#'))) {
      return Refused(text, "has a character that a path may not have: write it as %XX");
    }
  }
  return absl::OkStatus();
}

absl::Status CheckJsonPointer(absl::string_view text) {
  if (!text.empty() && text.front() != '/') {
    return Refused(text, "is no JSON pointer: it begins with /, for example /user/id");
  }
  for (size_t at = text.find('~'); at != absl::string_view::npos; at = text.find('~', at + 1)) {
    const absl::string_view escape = text.substr(at, 2);
    if (escape != "~0" && escape != "~1") {
      return Refused(text, "has a ~ that is neither ~0 (for ~) nor ~1 (for /)");
    }
  }
  return absl::OkStatus();
}

absl::Status CheckVariable(absl::string_view text) {
  const bool letters = std::all_of(text.begin(), text.end(), [](char byte) {
    return absl::ascii_isalnum(static_cast<unsigned char>(byte)) || byte == '_';
  });
  if (text.empty() || !letters || absl::ascii_isdigit(static_cast<unsigned char>(text.front())) ||
      text.size() > kMaxNameBytes) {
    return Refused(text,
                   "cannot be named in a template: write a letter, then letters, digits and "
                   "`_`");
  }
  if (text == "seq" || text == "uuid" || text == "random") {
    return Refused(text, "means something else in a template: choose another name");
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status CheckFormat(proto::Format format, absl::string_view text) {
  switch (format) {
    case proto::FORMAT_NAME:
      return CheckName(text);
    case proto::FORMAT_URL:
      return ParseUrl(text).status();
    case proto::FORMAT_HOST_PORT:
      return ParseHostPort(text).status();
    case proto::FORMAT_FILE:
    case proto::FORMAT_PAYLOAD_FILE:
      return CheckFileName(text);
    case proto::FORMAT_METHOD:
      return CheckMethod(text);
    case proto::FORMAT_HEADER_NAME:
      return CheckHeaderName(text);
    case proto::FORMAT_HEADER_VALUE:
      return CheckHeaderValue(text);
    case proto::FORMAT_METRIC:
      return CheckMetric(text);
    case proto::FORMAT_SERIES:
      return CheckSeries(text);
    case proto::FORMAT_PRECISION:
      return ParsePrecision(text).status();
    case proto::FORMAT_PATH:
      return CheckPath(text);
    case proto::FORMAT_JSON_POINTER:
      return CheckJsonPointer(text);
    case proto::FORMAT_VARIABLE:
      return CheckVariable(text);
    case proto::FORMAT_ENVIRONMENT:
      return CheckEnvironmentName(text);
    case proto::FORMAT_HOST:
      return CheckHost(text);
    case proto::FORMAT_DATE:
      return CheckDate(text);
    case proto::FORMAT_CPU_LIST:
      return HighestCpu(text).status();
    default:
      return absl::OkStatus();
  }
}

absl::string_view DescribeFormat(proto::Format format) {
  switch (format) {
    case proto::FORMAT_NAME:
      return "a name";
    case proto::FORMAT_URL:
      return "a URL";
    case proto::FORMAT_HOST_PORT:
      return "HOST:PORT";
    case proto::FORMAT_FILE:
    case proto::FORMAT_PAYLOAD_FILE:
      return "the name of a file";
    case proto::FORMAT_METHOD:
      return "an HTTP method";
    case proto::FORMAT_HEADER_NAME:
      return "the name of a header";
    case proto::FORMAT_HEADER_VALUE:
      return "the value of a header";
    case proto::FORMAT_METRIC:
      return "the name of a metric";
    case proto::FORMAT_SERIES:
      return "the name of a series";
    case proto::FORMAT_PRECISION:
      return "a measure and how well it is to be known";
    case proto::FORMAT_PATH:
      return "a path";
    case proto::FORMAT_JSON_POINTER:
      return "a JSON pointer";
    case proto::FORMAT_VARIABLE:
      return "a name for templates";
    case proto::FORMAT_ENVIRONMENT:
      return "the name of an environment or of its file";
    case proto::FORMAT_HOST:
      return "a host name or address";
    case proto::FORMAT_DATE:
      return "a day (YYYY-MM-DD)";
    case proto::FORMAT_CPU_LIST:
      return "a list of CPUs";
    default:
      return "a text";
  }
}

}  // namespace drumline
