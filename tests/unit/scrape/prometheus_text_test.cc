#include "controller/scrape/prometheus_text.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <cstdio>
#include <random>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace drumline {
namespace {

std::vector<MetricSample> Parsed(const std::string& text) {
  absl::StatusOr<std::vector<MetricSample>> samples = ParsePrometheusText(text);
  EXPECT_TRUE(samples.ok()) << samples.status() << "\n" << text;
  return samples.ok() ? *samples : std::vector<MetricSample>();
}

// The example of the format's own specification, in our own words and figures.
TEST(PrometheusTextTest, ReadsAnOrdinaryPage) {
  const std::vector<MetricSample> samples = Parsed(
      "# HELP http_requests_total Requests answered.\n"
      "# TYPE http_requests_total counter\n"
      "http_requests_total{method=\"post\",code=\"200\"} 1027 1395066363000\n"
      "http_requests_total{method=\"post\",code=\"400\"}    3 -1\n"
      "\n"
      "# A comment, and one without a blank:\n"
      "#not HELP, nor TYPE\n"
      "escapes{path=\"C:\\\\DIR\\\\FILE.TXT\",error=\"Cannot:\\n\\\"FILE\\\"\"} 1.5e9\n"
      "plain 12.47\n"
      "weird{problem=\"division by zero\"} +Inf -3982045\n"
      "quantiles{quantile=\"0.5\",} -Inf\n"
      "a:b_c NaN");
  ASSERT_EQ(samples.size(), 7U);
  EXPECT_EQ(samples[0].name, "http_requests_total");
  EXPECT_EQ(samples[0].labels, (std::vector<std::pair<std::string, std::string>>{{"method", "post"},
                                                                                 {"code", "200"}}));
  EXPECT_EQ(samples[0].value, 1027);
  EXPECT_EQ(samples[0].timestamp_ms, 1395066363000);
  EXPECT_EQ(samples[1].timestamp_ms, -1);
  EXPECT_EQ(samples[2].labels[0].second, "C:\\DIR\\FILE.TXT");
  EXPECT_EQ(samples[2].labels[1].second, "Cannot:\n\"FILE\"");
  EXPECT_EQ(samples[2].value, 1.5e9);
  EXPECT_FALSE(samples[3].timestamp_ms.has_value());
  EXPECT_EQ(samples[4].value, HUGE_VAL);
  EXPECT_EQ(samples[5].value, -HUGE_VAL);
  EXPECT_TRUE(std::isnan(samples[6].value));
}

TEST(PrometheusTextTest, ToleratesWhatCannotBeMisread) {
  const std::vector<MetricSample> samples =
      Parsed("\r\n  a  {  x = \"1\" , y=\"2\" , }  5  \r\n\tb\t7\t\nc{} 1\n#\n# EOF\n");
  ASSERT_EQ(samples.size(), 3U);
  EXPECT_EQ(samples[0].labels.size(), 2U);
  EXPECT_EQ(samples[0].value, 5);
  EXPECT_EQ(samples[1].value, 7);
  EXPECT_TRUE(samples[2].labels.empty());
  EXPECT_TRUE(Parsed("").empty());
}

struct Malformed {
  const char* line;
  const char* message;
};

class MalformedLineTest : public testing::TestWithParam<Malformed> {};

TEST_P(MalformedLineTest, IsRefusedWithItsNumber) {
  const auto samples =
      ParsePrometheusText(absl::StrCat("ok 1\n# fine\n", GetParam().line, "\nok 2\n"));
  ASSERT_FALSE(samples.ok()) << GetParam().line;
  EXPECT_EQ(samples.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(samples.status().message(), absl::StrCat("line 3: ", GetParam().message));
}

INSTANTIATE_TEST_SUITE_P(
    All, MalformedLineTest,
    testing::Values(
        Malformed{"<html>", "a metric's name expected, not `<html>`"},
        Malformed{"1abc 5", "a metric's name expected, not `1abc 5`"},
        Malformed{"abc", "a blank or `{` expected after `abc`"},
        Malformed{"abc-def 1", "a blank or `{` expected after `abc`"},
        Malformed{"abc ", "the value is missing"}, Malformed{"abc{}", "the value is missing"},
        Malformed{"abc 12.x", "the value `12.x` is not a number"},
        Malformed{"abc 0x10", "the value `0x10` is not a number"},
        Malformed{"abc 1e999", "the value `1e999` is not a number"},
        Malformed{"abc 1,5", "the value `1,5` is not a number"},
        Malformed{"abc \x01\x02", "the value `??` is not a number"},
        Malformed{"abc 1 2.5", "the timestamp `2.5` is not a number of milliseconds"},
        Malformed{"abc 1 2 3", "nothing expected after the timestamp, not `3`"},
        Malformed{"abc{x} 1", "`=` expected after the label `x`"},
        Malformed{"abc{x=1} 1", "a label's value must be in double quotes"},
        Malformed{"abc{x=\"1} 1", "a label's value does not end"},
        Malformed{"abc{x=\"\\t\"} 1", "after a backslash only `n`, `\\` and `\"` are known"},
        Malformed{"abc{x=\"1\" y=\"2\"} 1", "`,` or `}` expected after a label"},
        Malformed{"abc{,} 1", "a label's name expected, not `,} 1`"},
        Malformed{"abc{a:b=\"1\"} 1", "`=` expected after the label `a`"},
        Malformed{"abc{x=\"1\",x=\"2\"} 1", "the label `x` twice"},
        Malformed{"# TYPE", "a metric's name expected after # TYPE"},
        Malformed{"# HELP 1x words", "a metric's name expected after # HELP"},
        Malformed{"# TYPE abc", "one word expected after # TYPE and the metric's name"},
        Malformed{"# TYPE abc a b", "one word expected after # TYPE and the metric's name"}));

TEST(PrometheusTextTest, LimitsAreNamed) {
  PrometheusLimits limits;
  limits.max_line_bytes = 20;
  limits.max_labels = 1;
  limits.max_samples = 2;
  const auto message = [&](const std::string& text) {
    const auto samples = ParsePrometheusText(text, limits);
    EXPECT_EQ(samples.status().code(), absl::StatusCode::kResourceExhausted) << text;
    return std::string(samples.status().message());
  };
  EXPECT_TRUE(ParsePrometheusText("a{x=\"1\"} 1\nb 11111111111111111\n", limits).ok());
  EXPECT_EQ(message("a 1\na 1\na 1\n"), "line 3: more samples than the limit of 2");
  EXPECT_EQ(message("a{x=\"1\",y=\"2\"} 1\n"), "line 1: more labels than the limit of 1");
  EXPECT_EQ(message("\n# 345678901234567890\n#234567890123456789012\n"),
            "line 3: longer than the limit of 20 bytes");
}

TEST(SumOfTest, SumsOneNameWhateverTheLabels) {
  const std::vector<MetricSample> samples =
      Parsed("r{c=\"200\"} 5\nr_other 100\nr{c=\"500\"} 2.5\nr 1\n");
  EXPECT_EQ(SumOf(samples, "r"), 8.5);
  EXPECT_EQ(SumOf(samples, "absent"), std::nullopt);
}

std::string Escaped(const std::string& value) {
  std::string text;
  for (const char c : value) {
    if (c == '\n') {
      text += "\\n";
    } else {
      if (c == '\\' || c == '"') text += '\\';
      text += c;
    }
  }
  return text;
}

// The oracle is the writer: what was written at random is what is read.
TEST(PrometheusTextTest, ReadsBackWhatWasWritten) {
  std::mt19937_64 random(5);
  std::string text;
  std::vector<MetricSample> written;
  for (int i = 0; i < 2000; ++i) {
    MetricSample sample;
    sample.name = absl::StrCat("m_", random() % 50);
    for (uint64_t n = random() % 5; n > 0; --n) {
      std::string value;
      for (uint64_t k = random() % 8; k > 0; --k) value += "a\\\"\n}{,= \xC3"[random() % 10];
      sample.labels.emplace_back(absl::StrCat("l", n), value);
    }
    sample.value = std::ldexp(static_cast<double>(random()), static_cast<int>(random() % 100) - 50);
    absl::StrAppend(&text, sample.name, "{");
    for (const auto& label : sample.labels) {
      absl::StrAppend(&text, label.first, "=\"", Escaped(label.second), "\",");
    }
    std::array<char, 40> value;
    std::snprintf(value.data(), value.size(), "%.17g", sample.value);
    absl::StrAppend(&text, "} ", value.data(), "\n");
    written.push_back(sample);
  }
  const std::vector<MetricSample> read = Parsed(text);
  ASSERT_EQ(read.size(), written.size());
  for (size_t i = 0; i < read.size(); ++i) {
    EXPECT_EQ(read[i].name, written[i].name);
    EXPECT_EQ(read[i].labels, written[i].labels);
    EXPECT_EQ(read[i].value, written[i].value);
  }
}

// Whatever arrives: an answer, or a refusal that names a line there is; never a crash.
TEST(PrometheusTextTest, GarbageIsReadOrRefused) {
  const std::string alphabet = "ab_{}=\",\\n1.e+- \t\n\r#NTYPEHL\x80\xFF";
  std::mt19937_64 random(9);
  for (int i = 0; i < 50'000; ++i) {
    std::string text;
    for (uint64_t n = random() % 40; n > 0; --n) text += alphabet[random() % alphabet.size()];
    const auto samples = ParsePrometheusText(text);
    if (!samples.ok()) {
      EXPECT_TRUE(absl::StartsWith(samples.status().message(), "line ")) << samples.status();
    }
  }
}

}  // namespace
}  // namespace drumline
