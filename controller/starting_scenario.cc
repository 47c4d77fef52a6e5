#include "controller/starting_scenario.h"

namespace drumline {

std::string StartingScenario() {
  return R"yaml(# A Drumline scenario.
#     controller validate FILE     says what is wrong with it; nothing is started
#     controller plan FILE         shows what would be sent
#     controller FILE              carries it out
# Keys that are commented out show what else there is; docs/scenario-reference.md has them all.

name: my-service                     # names the directory of results and the report
description: What this run is to find out.

# What is tested. This one is a service of Drumline's own, started on this machine:
target: {service: echo}
# Your own; with `metrics`, its CPU and memory are in the report:
# target: {url: "http://127.0.0.1:8080/pay", metrics: "http://127.0.0.1:8080/metrics"}
# Several are run in turns and compared; the first one by name is the baseline:
# targets:
#   new: {url: "http://127.0.0.1:8081/pay"}
#   old: {url: "http://127.0.0.1:8080/pay"}

# What is sent.
request:
  method: POST
  headers: {content-type: application/json}
  body: {size: 1KiB}                 # or {file: pay.json}, or {inline: '{"amount": 12}'}
  expect: {status: 200}              # any other answer counts as an error
  timeout: 5s                        # from the instant at which it should have been sent

# How much of it. Requests start on this beat, however slow the answers are (an open loop).
load:
  rate: 1k/s
  connections: 32                    # held open, over all agents together
  # arrivals: poisson                # as of many users who do not know of each other
  # stages: [{to: 5k/s, over: 30s}, {hold: 2m}, {burst: 10k/s, for: 5s}]   # instead of `measure`
# load: {concurrency: 32}            # a closed loop: each connection waits for its answer

warmup: 3s                           # sent but not measured
measure: 10s                         # what the report is about
# repeats: 3                         # three or more give intervals, and comparisons that hold

agents:
  count: 2                           # processes that share the load
  max_send_lag: "p99 < 20ms"         # agents later than this make the run INVALID
# cluster: {listen: "127.0.0.1:7070"}   # wait for agents that somebody else starts

# What the service has to keep; a breach is exit code 1.
slo: [p99 < 100ms, errors < 0.1%]
)yaml";
}

}  // namespace drumline
