"""Reads what the programs print. Each function takes text and gives Figures without CPU time.

OutputFault says which figure was looked for where a program printed something else.
"""

import json
import re

from peers.figures import Figures, Quantiles, quantile


class OutputFault(Exception):
    """A program's output is not what it is known for."""


def _find(program, what, pattern, text):
    match = re.search(pattern, text, re.MULTILINE)
    if not match:
        raise OutputFault(f"{program} printed no {what}: {text.strip()[-300:]!r}")
    return match


def _number(program, what, pattern, text):
    return float(_find(program, what, pattern, text).group(1))


# Printed by wrk's and wrk2's own script: the two print different tables of quantiles, and wrk none
# beyond 99 %.
WRK_DONE = """
done = function(summary, latency, requests)
  io.write(string.format("quantiles us: %d %d %d\\n", latency:percentile(50),
                         latency:percentile(99), latency:percentile(99.9)))
end
"""


def read_wrk(text):
    """wrk and wrk2, run with WRK_DONE in their script."""
    quantiles = _find("wrk", "quantiles", r"^quantiles us: (\d+) (\d+) (\d+)$", text).groups()
    errors = sum(int(count) for count in re.findall(r"Non-2xx or 3xx responses: (\d+)", text))
    for line in re.findall(r"Socket errors: (.*)", text):
        errors += sum(int(count) for count in re.findall(r"\d+", line))
    return Figures(
        requests=int(_number("wrk", "count", r"(\d+) requests in", text)),
        requests_per_second=_number("wrk", "rate", r"^Requests/sec:\s+([\d.]+)", text),
        reported=Quantiles(*(float(value) for value in quantiles)), errors=errors)


def read_hey(text):
    """hey's summary. It rounds to 100 µs and has no quantile beyond 99 %."""
    counts = {int(status): int(count)
              for status, count in re.findall(r"\[(\d+)\]\s+(\d+) responses", text)}
    errors = sum(count for status, count in counts.items() if status != 200)
    broken = text.partition("Error distribution:")[2]
    errors += sum(int(count) for count in re.findall(r"^\s+\[(\d+)\]", broken, re.MULTILINE))

    def at(share):
        return 1e6 * _number("hey", f"{share} %", rf"^\s+{share}% in ([\d.]+) secs", text)

    return Figures(requests=counts.get(200, 0),
                   requests_per_second=_number("hey", "rate", r"Requests/sec:\s+([\d.]+)", text),
                   reported=Quantiles(at(50), at(99)), errors=errors)


def read_ab(text, percentages):
    """ab's report and the file of its -e, which has the decimals that the report has not."""
    milliseconds = dict(re.findall(r"^(\d+),([\d.]+)$", percentages, re.MULTILINE))
    if "50" not in milliseconds or "99" not in milliseconds:
        raise OutputFault(f"ab wrote no percentages: {percentages[:200]!r}")
    errors = int(_number("ab", "failures", r"^Failed requests:\s+(\d+)", text))
    errors += sum(int(count) for count in re.findall(r"^Non-2xx responses:\s+(\d+)", text, re.M))
    return Figures(
        requests=int(_number("ab", "count", r"^Complete requests:\s+(\d+)", text)),
        requests_per_second=_number("ab", "rate", r"^Requests per second:\s+([\d.]+)", text),
        reported=Quantiles(1000 * float(milliseconds["50"]), 1000 * float(milliseconds["99"])),
        errors=errors)


def read_h2load(text, log=""):
    """h2load's report, and the file of its --log-file: it prints no quantiles itself."""
    times = sorted(int(line.split("\t")[2]) for line in log.splitlines() if line.count("\t") == 2)
    failed = _find("h2load", "outcome", r"(\d+) failed, (\d+) errored, (\d+) timeout", text)
    return Figures(
        requests=int(_number("h2load", "count", r"^requests: .* (\d+) succeeded", text)),
        requests_per_second=_number("h2load", "rate", r"^finished in .* ([\d.]+) req/s", text),
        reported=Quantiles(*(quantile(times, share) for share in (0.5, 0.99, 0.999))),
        # What fails and what errs are the same requests, counted twice; so are timeouts.
        errors=int(failed.group(1)))


def _times(times, suffix=""):
    if not times:
        return Quantiles()
    return Quantiles(*(times.get(name + suffix) for name in ("p50", "p99", "p99_9")))


def read_floor(text):
    """The line of JSON of tests/benchmark/floor:floor_client, which knows its own CPU time."""
    try:
        line = json.loads(text)
    except json.JSONDecodeError as fault:
        raise OutputFault(f"floor_client printed no JSON: {text[:200]!r}") from fault
    return Figures(
        requests=line["requests"], requests_per_second=line["requests_per_second"],
        cpu_us=line["cpu_us_per_request"]["total"],
        achieved=line["requests_per_second"] / line["rate"] if "rate" in line else None,
        reported=_times(line.get("response_time_us", line.get("service_time_us"))),
        send_lag=_times(line.get("send_lag_us")))


def read_report(text):
    """A report.json of one run with one agent."""
    run = json.loads(text)["runs"][0]
    # Zeros are left out, and 64-bit counts are strings.
    ledger = {outcome: int(count) for outcome, count in run.get("ledger", {}).items()}
    closed = run.get("closed_loop", False)
    rate = run.get("achieved_rps", 0)
    if not rate or not run.get("agents"):
        raise OutputFault("the report has no requests or no agent: "
                          f"{run.get('verdict', {}).get('reasons')}")
    good = ledger.get("ok", 0)
    wrong = sum(count for outcome, count in ledger.items()
                if outcome not in ("scheduled", "sent", "ok", "censored"))
    return Figures(
        requests=good, requests_per_second=rate,
        cpu_us=run["agents"][0].get("cpu_cores", 0) * 1e6 / rate,
        achieved=None if closed else rate / run["offered_rps"],
        reported=_times(run.get("service_time" if closed else "response_time"), "_us"),
        send_lag=Quantiles() if closed else _times(run.get("send_lag"), "_us"),
        service_time=_times(run.get("service_time"), "_us"), errors=wrong)
