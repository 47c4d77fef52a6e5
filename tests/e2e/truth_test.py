"""What is reported of the oracle, a service whose behaviour is known beforehand.

A shared machine delays generator and target as it likes, so that no quantile has an upper bound
here (tests/benchmark/truth.py has, on a machine of its own). But nothing makes a time shorter than
the truth, and counts are exact whatever the machine does.
"""

import re
import unittest
import urllib.request

from campaigns import CampaignTest, agents, request, scenario
from programs import DEADLINE_S, Program

GET = request(method="GET", headers=None, body=None)
# A quantile is reported as the end of its histogram slot; this is for decimals that were rounded.
ROUNDED = 0.999


def get(**changes):
    return {name: value for name, value in {**GET, **changes}.items() if value is not None}


class Oracle(Program):
    """An oracle that no controller started, asleep between answers to leave the core to others."""

    def __init__(self, test, *flags):
        super().__init__(test, "oracle", "--wait", "sleep", *flags)
        self.port = int(self.wait_for_line(r"listening on 127\.0\.0\.1:(\d+)").group(1))
        self.url = f"http://127.0.0.1:{self.port}/"

    def account(self):
        """{name with its labels: value}"""
        with urllib.request.urlopen(f"{self.url}metrics", timeout=DEADLINE_S) as answer:
            text = answer.read().decode()
        return {name: float(value)
                for name, value in re.findall(r"^([^#\s]\S*) (\S+)$", text, re.MULTILINE)}


class TruthTest(CampaignTest):

    def run_against(self, oracle, exit_code, **changes):
        self.run_scenario(scenario(target={"url": oracle.url}, request=get(), **changes), exit_code)
        run = self.the_run()
        self.assert_run_balanced(run)
        self.assert_beats_kept(run, self.plan()["runs"][0])
        return run

    def assert_at_least(self, summary, bounds_us):
        for name, bound in bounds_us.items():
            self.assertGreaterEqual(summary[f"{name}_us"], ROUNDED * bound, name)

    def test_no_quantile_is_below_a_fixed_delay(self):
        oracle = Oracle(self, "--delay", "fixed:2ms", "--response-bytes", "2048")
        run = self.run_against(oracle, 0, measure="3s")
        for summary in (run["response_time"], run["service_time"]):
            self.assertEqual(summary["count"], "3000")
            self.assert_at_least(summary, dict.fromkeys(
                ("p50", "p90", "p95", "p99", "p99_9", "p99_99", "max", "mean"), 2_000))
        account = oracle.account()
        self.assertEqual(account["oracle_requests_total"], 3000)
        self.assertEqual(account["oracle_unstamped_total"], 0)
        # What the oracle made of its delays is part of what was measured from outside.
        self.assertGreaterEqual(run["service_time"]["mean_us"],
                                ROUNDED * 1e6 * account["oracle_delay_made_seconds_sum"] / 3000)

    # A stop of 300 ms in 3 s: a tenth of all requests come in it and wait for its end, so that
    # Q(q) = 300 ms - (1 - q) 3 s for q > 0.9, wherever the stop is within the window. Connections
    # make no difference: requests that wait for one have waited.
    def assert_the_stop_is_seen(self, connections):
        oracle = Oracle(self, "--stop-at", "1s", "--stop-for", "300ms")
        run = self.run_against(oracle, 0, measure="3s",
                               load={"rate": "1k/s", "connections": connections})
        self.assert_at_least(run["response_time"],
                             {"p95": 149_000, "p99": 269_000, "p99_9": 296_000, "max": 299_000})
        self.assertEqual(oracle.account()["oracle_stops_total"], 1)

    def test_a_stop_is_seen_through_many_connections(self):
        self.assert_the_stop_is_seen(400)

    def test_a_stop_is_seen_through_few_connections(self):
        self.assert_the_stop_is_seen(4)

    def test_each_fate_is_counted_as_what_it_is(self):
        oracle = Oracle(self, "--errors", "0.1:503", "--resets", "0.05", "--truncate", "0.05",
                        "--slow-body", "1ms", "--response-bytes", "100")
        run = self.run_against(oracle, 4, measure="2s")
        account = oracle.account()
        fates = {fate: account[f'oracle_answers_total{{fate="{fate}"}}']
                 for fate in ("ok", "error", "reset", "truncated", "unsent")}
        ledger = {outcome: int(count) for outcome, count in run["ledger"].items()}
        self.assertEqual(ledger["sent"], 2000)
        self.assertEqual(ledger["ok"], fates["ok"])
        self.assertEqual(ledger["bad_status"], fates["error"])
        self.assertEqual(ledger["reset"] + ledger["protocol_error"],
                         fates["reset"] + fates["truncated"])
        self.assertGreaterEqual(ledger["reset"], fates["reset"])
        self.assertEqual(fates["unsent"], 0)
        self.assertGreater(min(fates["error"], fates["reset"], fates["truncated"]), 0)


class StartedOracleTest(CampaignTest):
    """The oracle as a child of the controller, with arguments from the scenario."""

    def test_arguments_reach_it(self):
        self.run_scenario(
            scenario(target={"service": "oracle",
                             "args": ["--errors", "1:418", "--wait=sleep"]},
                     request=get(expect={"status": 418})), 0)
        run = self.the_run()
        self.assertEqual(run["target"], "oracle")
        self.assertEqual(run["ledger"]["ok"], "1000")
        self.assertGreater(run["target_resources"]["scrapes"], 0)

    def test_what_it_refuses_is_said(self):
        ended = self.run_scenario(
            scenario(target={"service": "oracle", "args": ["--delay", "2"]}, request=get()), 5)
        self.assertRegex(ended.stderr(),
                         r"oracle-1 exited with 2.*\n.*--delay: `2`: expected fixed:2ms")


if __name__ == "__main__":
    unittest.main()
