#include "tests/unit/controller/report/sample_campaign.h"

#include <cmath>

#include "absl/strings/str_cat.h"

namespace drumline {

proto::RunReport SampleRepeat(const std::string& target, uint32_t repeat, double factor) {
  proto::RunReport run;
  run.set_run_id(absl::StrCat(target, "-r", repeat));
  run.set_target(target);
  (*run.mutable_point())["payload"] = "1KiB";
  run.set_repeat(repeat);
  run.set_achieved_rps(1'000);
  proto::TimeSummary& times = *run.mutable_response_time();
  times.set_count(1'000'000);
  times.set_p50_us(1'000 * factor);
  times.set_p95_us(2'000 * factor);
  times.set_p99_us(4'000 * factor);
  times.set_p99_9_us(8'000 * factor);
  run.mutable_target_resources()->set_cpu_us_per_request(20 * factor);
  run.mutable_target_resources()->set_rss_bytes_mean(10 * 1024 * 1024 * factor);
  run.mutable_verdict()->set_validity(proto::Validity::VALID);
  return run;
}

proto::Report SampleCampaign(uint32_t repeats, double ratio, double step) {
  proto::Report report;
  for (uint32_t repeat = 1; repeat <= repeats; ++repeat) {
    const double factor = std::exp(step * (repeat - (repeats + 1) / 2.0));
    const proto::RunReport old_run = SampleRepeat("old", repeat, factor);
    const proto::RunReport new_run = SampleRepeat("new", repeat, factor * ratio);
    *report.add_runs() = repeat % 2 == 1 ? old_run : new_run;
    *report.add_runs() = repeat % 2 == 1 ? new_run : old_run;
  }
  return report;
}

}  // namespace drumline
