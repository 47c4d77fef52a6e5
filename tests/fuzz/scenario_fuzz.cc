// Any text at all is either a scenario or a list of faults: never a crash, a hang or neither.
//
//   bazel build --config=fuzz //tests/fuzz:scenario_fuzz
//   bazel-bin/tests/fuzz/scenario_fuzz -max_total_time=60 tests/fuzz/scenario_corpus
//   tests/malformed
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <variant>
#include <vector>

#include "absl/strings/string_view.h"
#include "controller/scenario/fault.h"
#include "controller/scenario/scalar.h"
#include "controller/scenario/scenario_loader.h"

namespace drumline {
namespace {

void Require(bool condition) {
  if (!condition) std::abort();
}

// What is accepted as a scalar means one thing, which its canonical form says.
void CheckScalars(absl::string_view text) {
  if (const auto ns = ParseDurationNs(text); ns.ok()) {
    Require(ParseDurationNs(DurationText(*ns)).value() == *ns);
  }
  if (const auto rate = ParseRate(text); rate.ok()) {
    Require(ParseRate(RateText(*rate)).value() == *rate);
  }
  if (const auto bytes = ParseBytes(text); bytes.ok()) {
    Require(ParseBytes(BytesText(*bytes)).value() == *bytes);
  }
  if (const auto count = ParseCount(text); count.ok()) {
    Require(ParseCount(CountText(*count)).value() == *count);
  }
}

void CheckScenario(absl::string_view text) {
  const LoadResult result = LoadScenarioText(text, "fuzz", "/nonexistent");
  if (const auto* faults = std::get_if<std::vector<Fault>>(&result)) {
    Require(!faults->empty());
    for (const Fault& fault : *faults) {
      Require(fault.line >= 0 && fault.column >= 0 && (fault.line == 0) == (fault.column == 0));
      Require(static_cast<size_t>(fault.line) <= text.size() + 1);
      Require(!fault.message.empty() && fault.message.find('\n') == std::string::npos);
    }
    return;
  }
  const proto::Scenario& scenario = std::get<LoadedScenario>(result).scenario;
  Require(!scenario.name().empty() && !scenario.has_target() && scenario.targets_size() > 0);
  Require(scenario.repeats().count() > 0 && scenario.agents().count() > 0);
  Require(scenario.has_measure() || scenario.load().requests() > 0);
  // A message with a text that is not UTF-8 would not parse again.
  proto::Scenario again;
  Require(again.ParseFromString(scenario.SerializeAsString()));
}

}  // namespace
}  // namespace drumline

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  const absl::string_view text(reinterpret_cast<const char*>(bytes), size);
  drumline::CheckScalars(text);
  drumline::CheckScenario(text);
  return 0;
}
