#include "controller/planner/scale.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "controller/scenario/scalar.h"
#include "core/rate.h"

namespace drumline {
namespace {

const proto::Rules& RulesOf(const google::protobuf::Message& message, const char* field) {
  return message.GetDescriptor()->FindFieldByName(field)->options().GetExtension(proto::rules);
}

class Scaler {
 public:
  explicit Scaler(const proto::Scaling& factors) : factors_(factors) {}

  std::vector<std::string> held() && { return std::move(held_); }

  // The duration in that field of the message, if it is there and more than nothing.
  void Length(const google::protobuf::Message& owner, const char* field, proto::Duration* length) {
    if (length->ns() == 0) return;
    const std::string& least_text = RulesOf(owner, field).min();
    const int64_t least = ParseDurationNs(least_text).value_or(0);
    const int64_t scaled = Times(length->ns(), factors_.time());
    if (scaled < least) held_.push_back(absl::StrCat(field, " at ", least_text));
    length->set_ns(std::max(scaled, least));
  }

  void Rate(proto::Rate* rate) {
    // A stage may ask for nothing.
    if (rate->micro_per_hour() == 0) return;
    rate->set_micro_per_hour(
        std::max(Times(rate->micro_per_hour(), factors_.load()), kLeastMicroPerHour));
  }

  void SearchRate(int64_t least_per_second, const char* field, proto::Rate* rate) {
    Rate(rate);
    const int64_t least = least_per_second * drumline::Rate::kMicroPerHourInOnePerSecond;
    if (rate->micro_per_hour() >= least) return;
    held_.push_back(absl::StrCat(field, " at ", least_per_second, "/s"));
    rate->set_micro_per_hour(least);
  }

  uint64_t Count(uint64_t count, double factor, uint64_t least, const char* field) {
    const auto scaled = static_cast<uint64_t>(std::ceil(static_cast<double>(count) * factor));
    // One that was less already is left to the rules of the language.
    least = std::min(least, count);
    if (scaled < least) held_.push_back(absl::StrCat(field, " at ", least));
    return std::max(scaled, least);
  }

 private:
  // One an hour, the least that the language has.
  static constexpr int64_t kLeastMicroPerHour = 1'000'000;

  static int64_t Times(int64_t value, double factor) {
    return std::llround(static_cast<double>(value) * factor);
  }

  const proto::Scaling& factors_;
  std::vector<std::string> held_;
};

absl::StatusOr<double> ParseFactor(absl::string_view flag, absl::string_view text) {
  double factor = 0;
  if (absl::SimpleAtod(text, &factor) && factor > 0 && factor <= 1) return factor;
  return absl::InvalidArgumentError(absl::StrCat(
      flag, " needs a number from above 0 to 1, for example 0.05; see controller --help"));
}

void ScaleLoad(const proto::Scaling& factors, uint64_t workers, proto::Load* load, Scaler* scaler) {
  if (load->has_rate()) scaler->Rate(load->mutable_rate());
  for (proto::Stage& stage : *load->mutable_stages()) {
    if (stage.has_to()) scaler->Rate(stage.mutable_to());
    if (stage.has_burst()) scaler->Rate(stage.mutable_burst());
    if (stage.has_over()) scaler->Length(stage, "over", stage.mutable_over());
    if (stage.has_hold()) scaler->Length(stage, "hold", stage.mutable_hold());
    if (stage.has_for_()) scaler->Length(stage, "for", stage.mutable_for_());
  }
  if (load->has_connect_over()) {
    scaler->Length(*load, "connect_over", load->mutable_connect_over());
  }
  const double both = factors.load() * factors.time();
  load->set_connections(static_cast<uint32_t>(
      scaler->Count(load->connections(), factors.load(), workers, "connections")));
  load->set_concurrency(static_cast<uint32_t>(
      scaler->Count(load->concurrency(), factors.load(), workers, "concurrency")));
  load->set_requests(scaler->Count(load->requests(), both, workers, "requests"));
}

// A search's rates, from the least that the language has on; the one where it ends stays above.
void ScaleSearch(proto::Capacity* capacity, Scaler* scaler) {
  scaler->SearchRate(1, "search.capacity.from", capacity->mutable_from());
  scaler->SearchRate(2, "search.capacity.to", capacity->mutable_to());
}

}  // namespace

absl::StatusOr<proto::Scaling> ParseScaling(absl::string_view load, absl::string_view time) {
  const absl::StatusOr<double> load_factor = ParseFactor("--scale", load);
  if (!load_factor.ok()) return load_factor.status();
  const absl::StatusOr<double> time_factor = ParseFactor("--time-scale", time);
  if (!time_factor.ok()) return time_factor.status();
  proto::Scaling scaling;
  scaling.set_load(*load_factor);
  scaling.set_time(*time_factor);
  return scaling;
}

std::vector<std::string> ScaleScenario(const proto::Scaling& factors, proto::Scenario* scenario) {
  Scaler scaler(factors);
  const uint64_t workers = uint64_t{scenario->agents().count()} * scenario->agents().workers();
  ScaleLoad(factors, workers, scenario->mutable_load(), &scaler);
  if (scenario->has_search()) {
    ScaleSearch(scenario->mutable_search()->mutable_capacity(), &scaler);
    // The rate of the first run.
    *scenario->mutable_load()->mutable_rate() = scenario->search().capacity().from();
  }
  scaler.Length(*scenario, "warmup", scenario->mutable_warmup());
  scaler.Length(*scenario, "pause", scenario->mutable_pause());
  if (scenario->load().stages().empty()) {
    if (scenario->has_measure()) {
      scaler.Length(*scenario, "measure", scenario->mutable_measure());
    }
  } else {
    // It is what the stages sum up to.
    int64_t sum = 0;
    for (const proto::Stage& stage : scenario->load().stages()) {
      sum += stage.over().ns() + stage.hold().ns() + stage.for_().ns();
    }
    scenario->mutable_measure()->set_ns(sum);
  }
  return std::move(scaler).held();
}

}  // namespace drumline
