#include "target-services/oracle/delay_law.h"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <numbers>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "target-services/http_server/ascii_text.h"
#include "target-services/oracle/duration_text.h"

namespace drumline::target {
namespace {

constexpr std::string_view kForms =
    "expected fixed:2ms, two-point:1ms,20ms,0.01, exponential:5ms, lognormal:2ms,0.5 or file:PATH";

// The parts between commas.
std::vector<std::string_view> Terms(std::string_view text) {
  std::vector<std::string_view> terms;
  while (true) {
    const size_t comma = text.find(',');
    terms.push_back(TrimBlanks(text.substr(0, comma)));
    if (comma == text.npos) return terms;
    text.remove_prefix(comma + 1);
  }
}

int64_t Bounded(double ns) {
  return ns >= static_cast<double>(kMaxDurationNs) ? kMaxDurationNs : std::llround(ns);
}

}  // namespace

absl::StatusOr<DelayLaw> DelayLaw::Parse(std::string_view text, uint64_t seed) {
  const size_t colon = text.find(':');
  const std::string_view shape = text.substr(0, colon);
  const std::string_view terms = colon == text.npos ? "" : text.substr(colon + 1);
  if (shape == "two-point") return ParseTwoPoint(terms, seed);
  if (shape == "lognormal") return ParseLognormal(terms, seed);
  if (shape == "file") return ReadList(terms, seed);
  if (shape != "fixed" && shape != "exponential") {
    return absl::InvalidArgumentError(
        absl::StrCat("`", std::string(text), "`: ", std::string(kForms)));
  }
  const absl::StatusOr<int64_t> scale_ns = ParseDuration(terms);
  if (!scale_ns.ok()) return scale_ns.status();
  DelayLaw law(shape == "fixed" ? Shape::kTwoPoint : Shape::kExponential, seed);
  law.scale_ns_ = *scale_ns;
  return law;
}

absl::StatusOr<DelayLaw> DelayLaw::ParseTwoPoint(std::string_view text, uint64_t seed) {
  const std::vector<std::string_view> terms = Terms(text);
  if (terms.size() != 3) {
    return absl::InvalidArgumentError(absl::StrCat("two-point:", std::string(text),
                                                   ": expected two delays and a probability, "
                                                   "for example two-point:1ms,20ms,0.01"));
  }
  const absl::StatusOr<int64_t> first_ns = ParseDuration(terms[0]);
  if (!first_ns.ok()) return first_ns.status();
  const absl::StatusOr<int64_t> second_ns = ParseDuration(terms[1]);
  if (!second_ns.ok()) return second_ns.status();
  const absl::StatusOr<double> share = ParseNumber(terms[2]);
  if (!share.ok()) return share.status();
  if (*share > 1) {
    return absl::InvalidArgumentError(
        absl::StrCat("`", std::string(terms[2]), "`: expected a probability from 0 to 1"));
  }
  DelayLaw law(Shape::kTwoPoint, seed);
  law.scale_ns_ = *first_ns;
  law.second_ns_ = *second_ns;
  law.share_ = *share;
  return law;
}

absl::StatusOr<DelayLaw> DelayLaw::ParseLognormal(std::string_view text, uint64_t seed) {
  const std::vector<std::string_view> terms = Terms(text);
  if (terms.size() != 2) {
    return absl::InvalidArgumentError(
        absl::StrCat("lognormal:", std::string(text),
                     ": expected a median and a sigma, for example lognormal:2ms,0.5"));
  }
  const absl::StatusOr<int64_t> median_ns = ParseDuration(terms[0]);
  if (!median_ns.ok()) return median_ns.status();
  const absl::StatusOr<double> sigma = ParseNumber(terms[1]);
  if (!sigma.ok()) return sigma.status();
  if (*sigma > kMaxSigma) {
    return absl::InvalidArgumentError(
        absl::StrCat("`", std::string(terms[1]), "`: expected a sigma from 0 to ", kMaxSigma));
  }
  DelayLaw law(Shape::kLognormal, seed);
  law.scale_ns_ = *median_ns;
  law.sigma_ = *sigma;
  return law;
}

absl::StatusOr<DelayLaw> DelayLaw::ReadList(std::string_view path, uint64_t seed) {
  DelayLaw law(Shape::kList, seed);
  std::ifstream file{std::string(path)};
  std::string line;
  for (int number = 1; std::getline(file, line); ++number) {
    if (line.ends_with('\r')) line.pop_back();
    const std::string_view text = TrimBlanks(line);
    if (text.empty() || text.front() == '#') continue;
    const std::string place = absl::StrCat(std::string(path), ":", number, ": ");
    if (law.delays_ns_.size() == kMaxFileDelays) {
      return absl::InvalidArgumentError(
          absl::StrCat(place, "expected at most ", kMaxFileDelays, " delays"));
    }
    const absl::StatusOr<int64_t> delay_ns = ParseDuration(text);
    if (!delay_ns.ok()) {
      return absl::InvalidArgumentError(
          absl::StrCat(place, std::string(delay_ns.status().message())));
    }
    law.delays_ns_.push_back(*delay_ns);
  }
  if (file.bad() || !file.eof()) {
    return absl::NotFoundError(absl::StrCat(std::string(path), ": cannot be read"));
  }
  if (law.delays_ns_.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat(std::string(path), ": expected one delay a line, for example 2ms"));
  }
  return law;
}

int64_t DelayLaw::DelayNs(uint64_t number) const {
  switch (shape_) {
    case Shape::kTwoPoint:
      return uniform_.UniformAt(number) <= share_ ? second_ns_ : scale_ns_;
    case Shape::kExponential:
      return Bounded(-static_cast<double>(scale_ns_) * std::log(uniform_.UniformAt(number)));
    case Shape::kLognormal: {
      const double radius = std::sqrt(-2 * std::log(uniform_.UniformAt(number)));
      const double normal = radius * std::cos(2 * std::numbers::pi * angle_.UniformAt(number));
      return Bounded(static_cast<double>(scale_ns_) * std::exp(sigma_ * normal));
    }
    case Shape::kList:
      return delays_ns_[number % delays_ns_.size()];
  }
  return 0;
}

}  // namespace drumline::target
