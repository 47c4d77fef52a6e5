#include "target-services/metrics/prometheus_text.h"

#include <charconv>
#include <cmath>

namespace drumline::target {
namespace {

void AppendEscaped(std::string_view value, bool escape_quotes, std::string& out) {
  for (char c : value) {
    if (c == '\n') {
      out += "\\n";
    } else if (c == '\\' || (c == '"' && escape_quotes)) {
      out += '\\';
      out += c;
    } else {
      out += c;
    }
  }
}

// The shortest text that reads back as the same number.
void AppendDouble(double value, std::string& out) {
  if (std::isnan(value)) {
    out += "NaN";
  } else if (std::isinf(value)) {
    out += value > 0 ? "+Inf" : "-Inf";
  } else {
    char digits[32];
    const std::to_chars_result end = std::to_chars(digits, digits + sizeof(digits), value);
    out.append(digits, end.ptr);
  }
}

}  // namespace

void PrometheusText::Family(std::string_view name, std::string_view type, std::string_view help) {
  text_.append("# HELP ").append(name).append(" ");
  AppendEscaped(help, /*escape_quotes=*/false, text_);
  text_.append("\n# TYPE ").append(name).append(" ").append(type).append("\n");
}

void PrometheusText::BeginSample(std::string_view name, absl::Span<const Label> labels) {
  text_ += name;
  char separator = '{';
  for (const auto& [label, value] : labels) {
    text_ += separator;
    text_.append(label).append("=\"");
    AppendEscaped(value, /*escape_quotes=*/true, text_);
    text_ += '"';
    separator = ',';
  }
  text_ += labels.empty() ? " " : "} ";
}

void PrometheusText::Sample(std::string_view name, absl::Span<const Label> labels, uint64_t value) {
  BeginSample(name, labels);
  text_.append(std::to_string(value)).append("\n");
}

void PrometheusText::Sample(std::string_view name, absl::Span<const Label> labels, double value) {
  BeginSample(name, labels);
  AppendDouble(value, text_);
  text_ += '\n';
}

}  // namespace drumline::target
