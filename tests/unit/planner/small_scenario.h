// A scenario as the loader leaves it, small and whole, for the tests of the planner.
#ifndef TESTS_UNIT_PLANNER_SMALL_SCENARIO_H_
#define TESTS_UNIT_PLANNER_SMALL_SCENARIO_H_

#include <cstdint>

#include "proto/scenario.pb.h"

namespace drumline {

inline constexpr int64_t kSecond = 1'000'000'000;

inline int64_t PerSecond(int64_t rate) { return rate * 3600 * 1'000'000; }

// Targets "beta" and "alpha"; 100/s for 10 s behind a warm-up of 2 s; one repeat.
inline proto::Scenario SmallScenario() {
  proto::Scenario scenario;
  scenario.set_name("small");
  (*scenario.mutable_targets())["beta"].set_url("http://10.0.0.2:8080/b?q=1");
  (*scenario.mutable_targets())["alpha"].set_service(proto::SERVICE_ECHO);
  proto::Request& request = *scenario.mutable_request();
  request.set_name("request");
  request.set_method("POST");
  request.mutable_body()->set_inline_("hello");
  request.mutable_expect()->set_status(200);
  request.mutable_timeout()->set_ns(5 * kSecond);
  proto::Load& load = *scenario.mutable_load();
  load.mutable_rate()->set_micro_per_hour(PerSecond(100));
  load.set_arrivals(proto::ARRIVALS_CONSTANT);
  load.set_connections(8);
  scenario.mutable_warmup()->set_ns(2 * kSecond);
  scenario.mutable_measure()->set_ns(10 * kSecond);
  scenario.mutable_drain()->set_ns(5 * kSecond);
  scenario.mutable_pause()->set_ns(kSecond);
  scenario.mutable_repeats()->set_count(1);
  scenario.set_order(proto::ORDER_INTERLEAVED);
  scenario.set_seed(7);
  scenario.mutable_agents()->set_count(2);
  scenario.mutable_agents()->set_workers(3);
  scenario.mutable_agents()->set_pacing(proto::PACING_PRECISE);
  scenario.mutable_agents()->mutable_tick()->set_ns(250'000);
  scenario.mutable_agents()->set_engine(proto::ENGINE_CHOICE_AUTO);
  return scenario;
}

inline void AddPayload(int64_t bytes, const char* text, proto::Scenario* scenario) {
  proto::Bytes& payload = *scenario->mutable_matrix()->add_payload();
  payload.set_bytes(bytes);
  payload.set_text(text);
}

}  // namespace drumline

#endif  // TESTS_UNIT_PLANNER_SMALL_SCENARIO_H_
