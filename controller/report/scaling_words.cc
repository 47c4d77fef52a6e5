#include "controller/report/scaling_words.h"

#include "absl/strings/str_format.h"

namespace drumline {

std::string ScalingWords(const proto::ReportScaling& scaling) {
  return absl::StrFormat(
      "scaled: rates, connections and counts × %g, times × %g: this is not the result of the "
      "scenario as it is written",
      scaling.load(), scaling.time());
}

}  // namespace drumline
