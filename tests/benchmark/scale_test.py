"""A small fleet of simulated agents against a real controller: no count is lost, none is doubled.

The oracle is the plan: agents × seconds intervals, agents × seconds × requests a second requests.
"""

import pathlib
import tempfile
import unittest

import scale

AGENTS = 10


class ScaleTest(unittest.TestCase):

    def carry_out(self, seconds, hurry):
        with tempfile.TemporaryDirectory() as scratch:
            return scale.carry_out(AGENTS, seconds, pathlib.Path(scratch), hurry)

    def test_all_that_agents_report_in_time_is_in_the_report(self):
        result = self.carry_out(seconds=3, hurry=False)
        self.assertEqual(result.faults(), [])

    def test_all_that_agents_report_in_a_hurry_is_in_the_report(self):
        result = self.carry_out(seconds=60, hurry=True)
        self.assertEqual(result.faults(), [])
        self.assertGreater(result.tally["bytes"], 0)

    def test_a_count_that_is_missing_is_found(self):
        result = self.carry_out(seconds=2, hurry=True)
        result.tally["acknowledged"] -= 1
        result.report["runs"][0]["ledger"]["ok"] = "1"
        self.assertEqual([fault.split(":")[0] for fault in result.faults()],
                         ["intervals acknowledged", "ok in the report"])


if __name__ == "__main__":
    unittest.main()
