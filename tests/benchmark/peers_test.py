"""The arithmetic of peers.py, and its reading of what the real programs print.

peers/samples holds outputs of the real programs, as they came; the expected values were read from
them by eye, or follow from them by hand.
"""

import argparse
import os
import pathlib
import signal
import threading
import types
import unittest

from peers import (arguments, children, contenders, figures, machine, outputs, sets,
                   tables)
from peers.figures import Figures, Quantiles

SAMPLES = pathlib.Path(__file__).parent / "peers" / "samples"


def sample(name):
    return (SAMPLES / name).read_text(encoding="utf-8")


class OutputsTest(unittest.TestCase):

    def test_wrk(self):
        run = outputs.read_wrk(sample("wrk.txt"))
        self.assertEqual((run.requests, run.requests_per_second), (56960, 28131.40))
        self.assertEqual(run.reported, Quantiles(577, 11877, 23502))
        self.assertEqual(run.errors, 0)

    def test_wrk_counts_what_went_wrong(self):
        wrong = ("  Socket errors: connect 1, read 20, write 300, timeout 4000\n"
                 "  Non-2xx or 3xx responses: 50000\nRequests/sec:")
        run = outputs.read_wrk(sample("wrk.txt").replace("Requests/sec:", wrong))
        self.assertEqual(run.errors, 54321)

    def test_hey(self):
        run = outputs.read_hey(sample("hey.txt"))
        self.assertEqual((run.requests, run.requests_per_second), (38533, 19254.8863))
        self.assertAlmostEqual(run.reported.p50, 2800)
        self.assertAlmostEqual(run.reported.p99, 11700)
        self.assertIsNone(run.reported.p99_9)
        self.assertEqual(run.errors, 0)

    def test_hey_counts_what_went_wrong(self):
        wrong = ("[200]\t38533 responses\n  [404]\t40 responses\n\nError distribution:\n"
                 '  [7]\tGet "http://127.0.0.1:1/": dial tcp 127.0.0.1:1: connection refused\n')
        text = sample("hey.txt").replace("[200]\t38533 responses\n", wrong)
        run = outputs.read_hey(text)
        self.assertEqual((run.requests, run.errors), (38533, 47))

    def test_ab(self):
        run = outputs.read_ab(sample("ab.txt"), sample("ab.csv"))
        self.assertEqual((run.requests, run.requests_per_second), (61055, 30507.90))
        # The report rounds these to whole milliseconds.
        self.assertEqual((run.reported.p50, run.reported.p99), (582.0, 13181.0))
        self.assertEqual(run.errors, 0)

    def test_ab_counts_what_went_wrong(self):
        text = sample("ab.txt").replace(
            "Failed requests:        0", "Failed requests:        3\nNon-2xx responses:      40")
        self.assertEqual(outputs.read_ab(text, sample("ab.csv")).errors, 43)

    def test_h2load(self):
        run = outputs.read_h2load(sample("h2load_closed.txt"))
        self.assertEqual((run.requests, run.requests_per_second), (51176, 25588.00))
        self.assertEqual(run.reported, Quantiles())
        self.assertEqual(run.errors, 0)

    def test_h2load_log_gives_quantiles(self):
        run = outputs.read_h2load(sample("h2load_rate.txt"), sample("h2load_rate.log"))
        self.assertEqual(run.requests, 39872)
        times = sorted(int(line.split()[2]) for line in sample("h2load_rate.log").splitlines())
        self.assertEqual(len(times), 40)
        self.assertEqual(run.reported, Quantiles(times[19], times[39], times[39]))

    def test_h2load_counts_what_failed(self):
        text = sample("h2load_closed.txt").replace("51176 succeeded, 0 failed, 0 errored",
                                                   "51136 succeeded, 40 failed, 30 errored")
        run = outputs.read_h2load(text)
        self.assertEqual((run.requests, run.errors), (51136, 40))

    def test_floor(self):
        run = outputs.read_floor(
            '{"rate": 40000, "requests": 40000, "seconds": 2.0, "requests_per_second": 20000, '
            '"achieved_over_offered": 1, '
            '"cpu_us_per_request": {"total": 28.5, "user": 0.4, "system": 28.1}, '
            '"send_lag_us": {"p50": 1, "p99": 2, "p99_9": 3, "max": 4}, '
            '"service_time_us": {"p50": 5, "p99": 6, "p99_9": 7, "max": 8}, '
            '"response_time_us": {"p50": 9, "p99": 10, "p99_9": 11, "max": 12}}')
        self.assertEqual((run.requests, run.cpu_us, run.achieved), (40000, 28.5, 0.5))
        self.assertEqual(run.send_lag, Quantiles(1, 2, 3))
        self.assertEqual(run.reported, Quantiles(9, 10, 11))

    def test_report(self):
        run = outputs.read_report(sample("report.json"))
        self.assertEqual((run.requests, run.requests_per_second), (1000, 500))
        # 0.033484451 cores for 500 requests a second.
        self.assertAlmostEqual(run.cpu_us, 66.968902)
        self.assertEqual(run.achieved, 1)
        self.assertEqual(run.reported, Quantiles(101.183, 1585.151, 3604.479))
        self.assertEqual(run.send_lag, Quantiles(52.895, 1490.943, 3516.415))
        self.assertEqual(run.service_time, Quantiles(43.007, 245.631, 1454.079))
        self.assertEqual(run.errors, 0)

    def test_report_of_a_closed_loop_has_service_time_and_no_beats(self):
        text = sample("report.json").replace('"closed_loop": false', '"closed_loop": true')
        run = outputs.read_report(text)
        self.assertEqual(run.reported, Quantiles(43.007, 245.631, 1454.079))
        self.assertEqual((run.achieved, run.send_lag), (None, Quantiles()))

    def test_report_counts_each_outcome_that_is_not_ok(self):
        text = sample("report.json")
        for digit, outcome in enumerate(("unsent", "bad_status", "bad_body", "timeout", "refused",
                                         "reset", "protocol_error")):
            text = text.replace(f'"{outcome}": "0"', f'"{outcome}": "{10 ** digit}"')
        self.assertEqual(outputs.read_report(text).errors, 1111111)

    def test_other_output_is_a_fault(self):
        for read in (outputs.read_wrk, outputs.read_hey, outputs.read_h2load, outputs.read_floor):
            with self.assertRaises(outputs.OutputFault):
                read("unable to connect to 127.0.0.1:1 Connection refused")
        with self.assertRaises(outputs.OutputFault):
            outputs.read_ab(sample("ab.txt"), "")


class ArithmeticTest(unittest.TestCase):

    def test_quantile_is_the_smallest_that_reaches_the_share(self):
        ordered = list(range(1, 101))
        for share, expected in ((0.5, 50), (0.99, 99), (0.999, 100), (1, 100)):
            self.assertEqual(figures.quantile(ordered, share), expected)
        self.assertEqual(figures.quantile([7], 0.5), 7)
        self.assertIsNone(figures.quantile([], 0.5))

    def test_spread_leaves_out_what_is_unknown(self):
        self.assertEqual(figures.spread([3, None, 1, 10]), figures.Spread(3, 1, 10))
        self.assertEqual(figures.spread([4, 1]), figures.Spread(2.5, 1, 4))
        self.assertIsNone(figures.spread([None]))

    def test_the_interval_of_a_median_is_the_narrowest_that_has_it_with_95_percent(self):
        # The tables of the sign test: of 6 the range (97 %), of 9 from the second to the eighth
        # (96 %), of 20 from the sixth to the fifteenth (96 %), of 30 from the tenth (96 %).
        for count, first in ((5, 1), (6, 1), (8, 1), (9, 2), (20, 6), (30, 10)):
            spread = figures.spread(range(1, count + 1))
            self.assertEqual((spread.low, spread.high), (first, count + 1 - first), count)

    def test_ratios_are_taken_within_a_round(self):
        # The machine was half as fast in the second round: the ratio does not see it.
        self.assertEqual(figures.ratios([6, 12], [4, 8]), [1.5, 1.5])
        self.assertEqual(figures.ratios([6, None, 3], [4, 8, None]), [1.5])


class TablesTest(unittest.TestCase):

    def setUp(self):
        self.contenders = [contenders.Contender(name, "floor", None)
                           for name in ("floor", "other", "absent")]

    def rows(self, results):
        return {row[0]: dict(zip(tables.COLUMNS, row))
                for row in tables.rows(self.contenders, results)}

    def test_median_range_and_ratio(self):
        results = {
            "floor": {1: Figures(10, 200000, 4.0), 2: Figures(10, 100000, 8.0),
                      3: Figures(10, 160000, 5.0)},
            "other": {1: Figures(10, 100000, 6.0), 2: Figures(10, 50000, 10.0),
                      3: Figures(10, 90000, 10.0)}}
        rows = self.rows(results)
        self.assertEqual(list(rows), ["floor", "other"])
        self.assertEqual(rows["floor"]["CPU µs a request"], "5.00 [4.00–8.00]")
        self.assertEqual(rows["floor"]["× floor"], "1.00")
        self.assertEqual(rows["other"]["CPU µs a request"], "10.00 [6.00–10.00]")
        self.assertEqual(rows["other"]["× floor"], "1.50 [1.25–2.00]")
        self.assertEqual(rows["other"]["requests/s"], "90,000")
        self.assertEqual(rows["other"]["requests a CPU second"], "100,000")

    def test_a_round_that_one_side_lacks_gives_no_ratio(self):
        results = {"floor": {1: Figures(10, 1, 4.0)},
                   "other": {1: Figures(10, 1, 6.0), 2: Figures(10, 1, 40.0)}}
        self.assertEqual(self.rows(results)["other"]["× floor"], "1.50")

    def test_what_is_not_known_is_a_dash(self):
        results = {"other": {1: Figures(10, 1, 6.0, reported=Quantiles(1.5, 30))}}
        row = self.rows(results)["other"]
        self.assertEqual(row["× floor"], "–")
        self.assertEqual(row["achieved"], "–")
        self.assertEqual(row["reported p50 / p99 / p99.9 µs"], "1.5 / 30 / –")
        self.assertEqual(row["send lag p50 / p99 µs"], "–")
        self.assertEqual(row["send lag × floor p50 / p99"], "–")

    def test_the_send_lag_is_compared_within_a_round(self):
        results = {
            "floor": {1: Figures(10, 1, 4.0, send_lag=Quantiles(10, 100)),
                      2: Figures(10, 1, 4.0, send_lag=Quantiles(20, 100))},
            "other": {2: Figures(10, 1, 4.0, send_lag=Quantiles(10, 150))}}
        self.assertEqual(self.rows(results)["other"]["send lag × floor p50 / p99"], "0.50 / 1.50")

    def test_the_service_time_is_given_of_those_that_tell_it(self):
        results = {"floor": {1: Figures(10, 1, 4.0)},
                   "other": {number: Figures(10, 1, 4.0, service_time=Quantiles(p50))
                             for number, p50 in enumerate((31, 33, 90))}}
        self.assertEqual(tables.service_times(self.contenders, results),
                         "service time p50: other 33 µs")
        self.assertEqual(tables.service_times(self.contenders, {"floor": results["floor"]}), "")

    def test_markdown_and_plain_have_all_cells(self):
        rows = tables.rows(self.contenders, {"other": {1: Figures(10, 1, 6.0)}})
        lines = tables.markdown(rows).split("\n")
        self.assertEqual(len(lines), 3)
        self.assertEqual({line.count("|") for line in lines}, {len(tables.COLUMNS) + 1})
        self.assertEqual(len(tables.plain(rows).split("\n")), 2)


class ArgumentsTest(unittest.TestCase):

    def test_each_says_what_it_expects(self):
        for read, good, value, bad in (
                (arguments.numbers, "1,20", [1, 20], ("x", "", "1,,2", "0")),
                (arguments.whole(50, 1000), "50", 50, ("49", "1001", "5us")),
                (arguments.whole(1), "7", 7, ("0", "x", "1.5")),
                (arguments.seconds, "0.5", 0.5, ("-1", "x", "nan", "inf"))):
            self.assertEqual(read(good), value)
            for text in bad:
                with self.assertRaisesRegex(argparse.ArgumentTypeError, f"'{text}': expected "):
                    read(text)

    def test_one_is_singular(self):
        self.assertEqual((tables.counted(1, "run"), tables.counted(2, "run")), ("1 run", "2 runs"))
        self.assertEqual(tables.disturbed(0), "")
        self.assertIn("1 run was ", tables.disturbed(1))
        self.assertIn("2 runs were ", tables.disturbed(2))


class SetsTest(unittest.TestCase):

    OPTIONS = types.SimpleNamespace(connections=[64], rates=[20000], top_rate=100000, tick_us=1000,
                                    wait="timerfd", agent_engines=["auto", "io_uring"])

    def test_each_is_compared_with_a_floor_of_its_table(self):
        for of_kind in sets.SETS.values():
            for table in of_kind(self.OPTIONS):
                names = [each.name for each in table.contenders]
                self.assertEqual(len(names), len(set(names)))
                self.assertLessEqual({each.base for each in table.contenders}, set(names))

    def test_ours_is_compared_with_the_floor_of_the_same_pacing(self):
        for each in sets.rate(self.OPTIONS)[0].contenders:
            if each.name.startswith("drumline"):
                self.assertEqual(each.base, "floor, epoll, " + each.name.rpartition(", ")[2])

    def test_only_keeps_the_floor(self):
        everyone = sets.saturation(self.OPTIONS)[0].contenders
        self.assertEqual([each.name for each in sets.chosen(everyone, ["wrk"])],
                         ["floor, epoll", "wrk", "wrk2"])
        self.assertEqual(sets.chosen(everyone, []), everyone)

    def test_a_scenario_names_what_is_not_the_default(self):
        bench = types.SimpleNamespace(target=types.SimpleNamespace(url="http://127.0.0.1:1/"),
                                      body="body.json", seconds=5)
        point = contenders.Point("", 64, 20000)
        text = contenders.scenario_text(bench, point, 7070)
        self.assertIn("load: {rate: 20000/s, connections: 64}\n", text)
        self.assertIn('agents: {count: 1, max_send_lag: "p99 < 1s"}\n', text)
        text = contenders.scenario_text(bench, point, 7070, "io_uring", "coalesced", 250)
        self.assertIn("engine: io_uring, pacing: coalesced, tick: 250us}\n", text)
        text = contenders.scenario_text(bench, contenders.Point("", 64), 7070)
        self.assertIn("load: {concurrency: 64}\n", text)


class MachineTest(unittest.TestCase):

    def test_a_run_gives_both_outputs_the_exit_code_and_its_cpu_time(self):
        ended = machine.run(["sh", "-c", "echo out; echo err >&2; exit 3"], 60)
        self.assertEqual((ended.output, ended.errors, ended.exit_code), ("out\n", "err\n", 3))
        self.assertGreaterEqual(ended.cpu_seconds, 0)
        with self.assertRaisesRegex(machine.RunFault, "ended with 3: err"):
            machine.run_well(["sh", "-c", "echo err >&2; exit 3"], 60)

    def test_the_account_of_a_program_has_its_children_in_it(self):
        machine.run(["python3", "-c", "sum(range(10_000_000))"], 60)
        times = os.times()
        ours = sum(times[:4])
        children = times.children_user + times.children_system
        self.assertGreater(children, 0)
        # Hundredths of a second, rounded down four times; and some pass between the readings.
        stat = pathlib.Path("/proc/self/stat").read_text(encoding="utf-8")
        self.assertAlmostEqual(sum(machine.cpu_ticks(stat)) / os.sysconf("SC_CLK_TCK"), ours,
                               delta=0.05)
        self.assertAlmostEqual(machine.program_seconds(os.getpid()), ours - children, delta=0.05)

    def test_a_run_without_end_is_ended(self):
        with self.assertRaisesRegex(machine.RunFault, "did not end"):
            machine.run(["tail", "-f", "/dev/null"], 0.1)


class ChildrenTest(unittest.TestCase):

    def interrupted(self, number, body):
        """What comes out when [body] is run, which sends [number] to this program."""
        handlers = {each: signal.getsignal(each) for each in (signal.SIGINT, signal.SIGTERM)}
        try:
            with self.assertRaises(children.Interrupted) as caught, children.until_interrupted():
                body()
            self.assertEqual(caught.exception.exit_code, 128 + number)
        finally:
            for each, handler in handlers.items():
                signal.signal(each, handler)

    def test_an_interruption_kills_whatever_was_started(self):
        for number in (signal.SIGINT, signal.SIGTERM):
            started = []

            def body(number=number, started=started):
                started.append(children.start(["tail", "-f", "/dev/null"]))
                os.kill(os.getpid(), number)

            self.interrupted(number, body)
            self.assertEqual(started[0].returncode, -signal.SIGKILL)

    def test_an_interruption_while_a_program_is_started_kills_it_and_counts_once(self):
        # Popen returns after preexec_fn, which sends the signal before.
        self.interrupted(signal.SIGINT, lambda: children.start(
            ["tail", "-f", "/dev/null"], preexec_fn=lambda: os.kill(os.getppid(), signal.SIGINT)))
        with self.assertRaises(ChildProcessError):
            os.waitpid(-1, os.WNOHANG)
        self.assertEqual(children.start(["true"]).wait(), 0)

    def test_a_run_that_is_interrupted_leaves_no_program_and_no_thread(self):
        self.interrupted(signal.SIGINT, lambda: machine.run(
            ["sh", "-c", f"kill -INT {os.getpid()}; exec tail -f /dev/null"], 60))
        with self.assertRaises(ChildProcessError):
            os.waitpid(-1, os.WNOHANG)
        self.assertEqual(threading.active_count(), 1)

    def test_without_an_interruption_signals_are_as_before(self):
        before = signal.getsignal(signal.SIGINT)
        with children.until_interrupted():
            self.assertIsNot(signal.getsignal(signal.SIGINT), before)
        self.assertIs(signal.getsignal(signal.SIGINT), before)


if __name__ == "__main__":
    unittest.main()
