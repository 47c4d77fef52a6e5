"""A report's page with everything in it that a report can say, made of the page of a real run.

    html, report = rich_report.enriched(page_text)

What is added was not measured: it is there for the parts of the page that one small run does not
fill.
"""

import copy
import json
import re

PLACE = re.compile(r'(<script type="application/json" id="measured">)(.*?)(</script>)', re.DOTALL)
METRICS = (("p50", "us", 67.3, 0.99, "ALIKE", "no difference larger than 2.1 % seen"),
           ("p99", "us", 412.0, 0.71, "BETTER", "faster by 29.0 % [25.1, 32.6]"),
           ("p99.9", "us", 1840.0, 1.08, "INCONCLUSIVE",
            "inconclusive: needs about 9 more repeats"),
           ("throughput", "per_second", 5000.0, 1.0, "ALIKE",
            "no difference larger than 0.07 % seen"),
           ("cpu_per_request", "us", 17.8, 1.16, "WORSE", "dearer by 16.0 % [12.8, 19.3]"),
           ("rss", "bytes", 6.2e6, 0.94, "BETTER", "smaller by 6.00 % [4.88, 7.10]"))

# What stands on the page for those parts that name no place in report.json.
WORDS = ("not this scenario's own result", "Shaded: as much as this fleet differs from itself",
         "reached after 3 of at most 20 repeats", "p99 2.10 % · RSS 0.400 %",
         "002-new-r1: INVALID",
         "8,000/s, between 8,000/s and 12,000/s", "Dashed: the highest rate that met p99 < 2ms",
         "+1.46 KiB/s [−200 B, +3.13 KiB]", "gc_pauses_total", "shop › pay",
         "the window was cut at 2.0 s", "the others took its share over at 2.9 s",
         "nobody took its share over",
         "price of an hour 0.145 USD (environment)", "no replicas are given",
         "1 worker · io_uring · precise")


def enriched(page):
    measured = json.loads(PLACE.search(page).group(2))
    bundle = measured["bundles"][0]
    report, runs = bundle["report"], bundle["runs"]
    add_runs(report, runs)
    add_run_parts(report["runs"])
    add_campaign_parts(report)
    for run in runs:
        run["lost"] = [["agent-2", run["warmup_ms"] + run["measure_ms"] // 2]]
    text = json.dumps(measured).replace("<", "\\u003c")
    return PLACE.sub(lambda found: found.group(1) + text + found.group(3), page), report


def add_runs(report, runs):
    """Two targets of three repeats, all of them the run that was measured."""
    [measured_report], [measured_run] = report["runs"], runs
    report["runs"], runs[:] = [], []
    for repeat in (1, 2, 3):
        for target in ("base", "new"):
            run_id = f"{len(runs) + 1:03}-{target}-r{repeat}"
            run = copy.deepcopy(measured_report)
            run.update(run_id=run_id, target=target, repeat=repeat)
            report["runs"].append(run)
            runs.append({**copy.deepcopy(measured_run), "run_id": run_id, "target": target})


def add_run_parts(runs):
    times = runs[0]["response_time"]
    opening = {"failed": "1", "resumed": "12", "connect_time": times, "tls_time": times}
    for run in runs:
        run["connections"] = {"before": opening, "window": {**opening, "failed": "0"}}
        run["cold_start_us"] = 15_300.0
        run["requests"] = [{**run["requests"][0], "name": name, "flow": flow, "skipped": skipped}
                           for name, flow, skipped in (("login", "shop", "0"),
                                                       ("pay", "shop", "17"), ("ping", "", "0"))]
        run["target_resources"].update(
            watched_series=[{"name": "gc_pauses_total", "readings": 10, "first": 2, "last": 9,
                             "min": 2, "max": 9, "mean": 5.5, "growth_per_s": 0.7}],
            longest_pause_us=8_400.0, longest_pause_metric="gc_pause_seconds", counter_resets=1,
            rss_slope_bytes_per_s=1_500, rss_slope_low=-200, rss_slope_high=3_200,
            rss_bytes_per_connection=3_456.0)
    runs[0]["losses"] = [{"agent": "agent-2", "lost_at_s": 2.5, "reported_until_s": 2.0,
                          "policy": "redistribute", "taken_over_at_s": 2.9, "missed": "310",
                          "open": "7"},
                         {"agent": "agent-1", "lost_at_s": 3.5, "reported_until_s": 3.0,
                          "policy": "redistribute", "open": "2"}]
    runs[1]["losses"] = [{"agent": "agent-2", "lost_at_s": 2.5, "reported_until_s": 2.0,
                          "policy": "truncate", "missed": "290", "open": "4"}]
    runs[1]["cut_at_s"] = 2.0


def add_campaign_parts(report):
    report["scaling"] = {"load": 0.05, "time": 0.01}
    report["verdict"]["reasons"] = ["run 002-new-r1 was cut at 2.0 s: agent-2 was lost"]
    report["comparison"] = [
        {"metric": metric, "baseline": "base", "contender": "new", "unit": unit, "point": {},
         "ratio": ratio, "low": ratio * 0.95, "high": ratio * 1.05, "words": words,
         "baseline_repeats": 3, "contender_repeats": 3, "baseline_mean": mean,
         "contender_mean": mean * ratio, "finding": finding, "noise_floor": 0.02}
        for metric, unit, mean, ratio, finding, words in METRICS]
    report["repeats"] = [
        {"target": target, "point": {}, "repeats": [1, 2, 3], "metrics": [
            {"metric": metric, "unit": unit, "values": [mean * 0.99, mean, mean * 1.01],
             "mean": mean, "spread": 0.01, "low": mean * 0.975, "high": mean * 1.026,
             "smallest_effect_seen": 0.036, "not_known": ""}
            for metric, unit, mean, *_ in METRICS]} for target in ("base", "new")]
    report["stopping"] = {"rule": "p99 ± 2%", "reached": True, "repeats": 3, "most": 20,
                          "words": "reached after 3 of at most 20 repeats"}
    report["left_out"] = [{"run_id": "002-new-r1", "validity": "INVALID", "why": ""}]
    report["noise_floor"] = {
        "measured_at": "2026-11-20T10:00:00Z", "target": "base", "repeats": 5,
        "offered_rps": 5000.0,
        "metrics": [{"metric": "p99", "largest_difference": 0.021},
                    {"metric": "rss", "largest_difference": 0.004}]}
    report["capacity"] = [capacity("base", 8000), capacity("new", 11000)]
    report["cost"] = {
        "currency": "USD", "not_computed": ["a year of the fleet: no replicas are given"],
        "lines": [{"name": "a million requests", "target": "base", "point": {}, "value": 0.0123,
                   "unit": "USD", "formula": "price of an hour / requests of an hour × 1,000,000",
                   "inputs": [{"name": "price of an hour", "value": 0.145, "unit": "USD",
                               "source": "environment"}]}]}
    report["calibration"] = [
        {"agent_id": "agent-1", "workers": 1, "engine": "io_uring", "pacing": "precise",
         "measured_at": "2026-11-20T10:00:00Z", "ceiling_rps": 84_000.0, "floor_p50_us": 11.2,
         "floor_p99_us": 23.4, "host": "load-1"}]


def capacity(target, knee):
    curve = [{"offered_rps": rate, "achieved_rps": min(rate, knee * 1.1),
              "p50_us": 60.0 + rate / 90, "p95_us": 200.0 + rate / 40,
              "p99_us": 300.0 + rate / 10 * (5 if rate > knee else 1),
              "p99_9_us": 900.0 + rate, "errors": 0.02 if rate > knee else 0.0,
              "target_cpu_cores": rate / 9000, "slo": "FAIL" if rate > knee else "PASS",
              "validity": "VALID", "step": step, "run_id": ""}
             for rate, step in ((1000, "climb"), (2000, "climb"), (4000, "climb"), (8000, "climb"),
                                (16000, "climb"), (12000, "bisect"), (11000, "confirm"))]
    return {"target": target, "point": {}, "slo": ["p99 < 2ms", "errors < 1%"],
            "knee_rps": knee, "fails_at_rps": 12000.0, "confirmed": True,
            "words": f"{knee:,}/s, between {knee:,}/s and 12,000/s",
            "target_cpu_cores": knee / 9000, "rps_per_vcpu": 9000.0, "curve": curve}
