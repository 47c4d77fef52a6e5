"""The closed forms of truth.py against counting, and its comparison against cases by hand."""

import random
import unittest

from truths import comparison, laws
from truths.oracle import account

PAGE = """\
# HELP oracle_requests_total Requests that were given a number.
oracle_requests_total 7
oracle_unstamped_total 1
oracle_made_seconds{quantile="0.5"} 0.002
oracle_made_seconds{quantile="0.9"} 0.003
oracle_made_seconds{quantile="0.95"} 0.003
oracle_made_seconds{quantile="0.99"} 0.004
oracle_made_seconds{quantile="0.999"} 0.005
oracle_made_seconds{quantile="0.9999"} 0.005
oracle_made_max_seconds 0.006
oracle_lateness_seconds{quantile="0.5"} 1.5e-06
oracle_lateness_seconds{quantile="0.9"} 2e-06
oracle_lateness_seconds{quantile="0.95"} 2e-06
oracle_lateness_seconds{quantile="0.99"} 3e-06
oracle_lateness_seconds{quantile="0.999"} 0
oracle_lateness_seconds{quantile="0.9999"} 0
oracle_lateness_max_seconds 0.0001
"""


def counted(q, delay_s, stops, rate, window_s, phase_s):
    """The q-quantile, request by request: a second implementation of _stopped."""
    times = []
    for k in range(rate * window_s):
        start = k / rate
        due = start + delay_s
        for begin, end in stops:
            if begin + phase_s <= due < end + phase_s:
                due = end + phase_s
        times.append(due - start)
    times.sort()
    rank = -(-len(times) * round(q * 1e6) // 1_000_000)
    return 1e6 * times[max(rank, 1) - 1]


class LawsTest(unittest.TestCase):

    def test_choices_are_the_oracles_own(self):
        # As tests/unit/oracle/laws_test.cc has them.
        self.assertEqual(laws.choice_bits(1, 1, 0), 0xB18A02F46D8D86C3)
        self.assertEqual(laws.choice_bits(1, 3, 12345), 0xC9FE540B0381941F)

    def test_two_points_divide_where_the_draws_do(self):
        truth = laws.TwoPoint()
        slow = truth.slow_among(10_000)
        self.assertGreater(slow, 50)
        self.assertLess(slow, 150)
        for q, fast in ((0.5, True), (1 - (slow + 1) / 1e4, True), (1 - (slow - 1) / 1e4, False),
                        (0.999, False), (1, False)):
            self.assertEqual(truth.quantile(q, 1_000, 10).low, 1_000 if fast else 20_000, q)

    def test_stops_are_what_counting_gives(self):
        truths = [(laws.Pauses(), [(2, 2.2), (4, 4.2), (6, 6.2), (8, 8.2), (10, 10.2)], 10),
                  (laws.Pauses(delay_s=0.05), [(2, 2.2)], 3), (laws.Pauses(), [], 1),
                  (laws.LastStop(), [(9.85, 10.05)], 10),
                  (laws.LastStop(delay_s=0.02, before_end_s=0.8), [(2.2, 2.4)], 3)]
        for truth, stops, window_s in truths:
            for rate in (1_000, 7_001):
                for phase_s in (0, 0.3 / rate, 0.9 / rate, 0.0049):
                    for q in comparison.QUANTILES.values():
                        interval = truth.quantile(q, rate, window_s)
                        value = counted(q, truth.delay_s, stops, rate, window_s, phase_s)
                        self.assertLessEqual(interval.low, value + 1e-3, (truth, rate, phase_s, q))
                        self.assertGreaterEqual(interval.high, value - 1e-3,
                                                (truth, rate, phase_s, q))
                        # So wide that nothing could fail it would prove nothing.
                        self.assertLess(interval.high - interval.low, 2.1e6 / rate + 5_000)

    def test_pauses_have_the_form_that_is_written_down(self):
        for q in (0.95, 0.99, 0.999):
            interval = laws.Pauses().quantile(q, 1_000_000, 9)
            self.assertAlmostEqual(interval.low, 202_000 - 1e6 * (1 - q) * 9 / 4, delta=2)
        self.assertEqual(laws.Pauses().quantile(0.5, 1_000_000, 9).low, 2_000)

    def test_flags_say_what_the_truth_is(self):
        self.assertEqual(laws.oracle_flags(laws.LastStop(), 10),
                         ["--delay", "fixed:2000us", "--stop-at", "9850000us", "--stop-for",
                          "200000us"])
        self.assertEqual(laws.oracle_flags(laws.Pauses(), 10),
                         ["--delay", "fixed:2000us", "--pause", "200000us", "--every", "2000000us"])
        self.assertEqual(laws.oracle_flags(laws.TwoPoint(), 10),
                         ["--delay", "two-point:1000us,20000us,0.01", "--seed", "1"])


def line(reported, low=2_000, high=2_000, hiccup=0, oracle=0, made=0):
    return comparison.Line("p99", low, high, made, reported, comparison.Excuse(hiccup, oracle))


def told(times, quantile):
    """What a meter tells of [times]."""
    ordered = sorted(times)
    return {name: ordered[max(-(-len(ordered) * round(q * 1e4) // 10_000), 1) - 1]
            for name, q in quantile.items()}


class ExcuseTest(unittest.TestCase):

    def test_bounds_sums_that_are_made_in_any_way(self):
        # Each is the sum of the truth, hiccups and lateness, which meet by chance, all in the same
        # requests, or never; what is held to the bound is counted.
        draw = random.Random(1)
        count = 10_000
        for meeting in ("chance", "same", "never") * 5:
            truth = [1_000.0 if draw.random() < draw.choice((0.9, 0.99)) else 20_000.0
                     for _ in range(count)]
            hiccup, late = ([draw.paretovariate(0.8) for _ in range(count)] for _ in range(2))
            if meeting != "chance":
                hiccup.sort()
                late.sort(reverse=meeting == "never")
            made = [t + l for t, l in zip(truth, late)]
            truth_in_order = sorted(truth)

            def truth_at(q, ordered=truth_in_order):
                return ordered[max(-(-count * round(q * 1e6) // 1_000_000), 1) - 1]

            reported = told([m + h for m, h in zip(made, hiccup)], comparison.QUANTILES)
            meters = [told(times, comparison.TOLD) for times in (hiccup, late, made)]
            for name, q in comparison.QUANTILES.items():
                allowed = comparison.excuse(truth_at, *meters, q).total()
                self.assertLessEqual(reported[name], truth_at(q) + allowed + 1e-6, (meeting, name))

    def test_each_disturbance_counts_with_the_next_higher_quantile(self):
        names = list(comparison.TOLD)
        steep = {name: 10.0 ** rank for rank, name in enumerate(names)}
        no_account = {name: 1e12 for name in names}
        for name, higher in (("p50", "p90"), ("p90", "p95"), ("p99", "p99_9"), ("p99_9", "p99_99"),
                             ("max", "max")):
            found = comparison.excuse(lambda q: 2_000, steep, steep, no_account,
                                      comparison.QUANTILES[name])
            self.assertEqual(found, comparison.Excuse(steep[higher], steep[higher]), name)
        # Where two maxima are not needed, one is enough.
        found = comparison.excuse(lambda q: 2_000, steep, steep, no_account, 0.9999)
        self.assertEqual(found.total(), steep["p99_99"] + steep["max"])

    def test_a_stop_is_counted_once(self):
        # One answer was due 1 ms before a stop of 200 ms, and given after it.
        late = {name: 5.0 for name in comparison.TOLD} | {"p99_99": 201_000.0, "max": 201_000.0}
        made = {name: 150_000.0 for name in comparison.TOLD} | {"p99_99": 202_500.0,
                                                                 "max": 203_000.0}
        for q in (0.9999, 1):
            found = comparison.excuse(lambda q: 202_000, {}, late, made, q)
            self.assertLessEqual(found.total(), 1_000)

    def test_hiccups_lift_requests_over_a_step_beyond(self):
        hiccup = {"p99": 30.0, "p99_9": 400.0, "p99_99": 900.0, "max": 5_000.0}
        made = {name: 1e12 for name in comparison.TOLD}

        def truth_at(q):
            return 1_000 if q <= 0.9905 else 20_000

        # 0.05 % are missing, so that of 0.1 % hiccups some are seen, and of 0.01 % none.
        self.assertEqual(comparison.excuse(truth_at, hiccup, {}, made, 0.99).total(), 900)


class ComparisonTest(unittest.TestCase):

    def test_a_hundred_microseconds_or_one_per_cent(self):
        for reported, passes in ((1_899, False), (1_900, True), (2_100, True), (2_101, False)):
            self.assertIs(line(reported, made=2_000).passes(), passes, reported)
        for reported, passes in ((197_900, False), (198_100, True), (201_900, True),
                                 (202_100, False)):
            self.assertIs(line(reported, 200_000, 200_000).passes(), passes, reported)

    def test_the_platform_excuses_what_is_late_and_nothing_that_is_early(self):
        self.assertTrue(line(2_400, hiccup=200, oracle=100).passes())
        self.assertFalse(line(2_401, hiccup=200, oracle=100).passes())
        self.assertFalse(line(1_800, hiccup=200, oracle=100).passes())

    def test_one_per_cent_is_of_what_the_oracle_made(self):
        self.assertTrue(line(40_300, oracle=38_000, made=40_000).passes())
        self.assertFalse(line(40_500, oracle=38_000, made=40_000).passes())

    def test_within_the_interval_nothing_is_off(self):
        self.assertEqual(comparison.off_by(line(2_500, 2_000, 3_000)), 0)
        self.assertEqual(comparison.off_by(line(3_010, 2_000, 3_000)), 10)
        self.assertEqual(comparison.off_by(line(1_990, 2_000, 3_000)), -10)

    def test_lines_are_made_of_a_report_and_an_account(self):
        run = {"response_time": {"p50_us": 2_050.0, "p99_us": 9_000.0, "max_us": 2_000.0}}
        table = comparison.lines(laws.Fixed(), 1_000, 10, run, account(PAGE))
        by_name = {each.name: each for each in table}
        self.assertTrue(by_name["p50"].passes())
        self.assertFalse(by_name["p90"].passes(), "a quantile that is not there is no 2 ms")
        self.assertFalse(by_name["p99"].passes())
        self.assertEqual(by_name["max"].excuse, comparison.Excuse(0, 100))
        self.assertEqual(by_name["p50"].made, 2_000)
        run["hiccup"] = {"p99_us": 7_000.0}
        table = comparison.lines(laws.Fixed(), 1_000, 10, run, account(PAGE))
        self.assertTrue({each.name: each for each in table}["p99"].passes())
        text = comparison.aligned(comparison.rows(table))
        self.assertEqual((text.count("PASS"), text.count("FAIL")), (3, 3))

    def test_an_account_is_read_as_it_is_printed(self):
        read = account(PAGE)
        self.assertEqual((read.requests, read.unstamped), (7, 1))
        self.assertAlmostEqual(read.lateness_us["p50"], 1.5)
        self.assertAlmostEqual(read.made_us["max"], 6_000)


if __name__ == "__main__":
    unittest.main()
