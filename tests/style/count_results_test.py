"""The count of test.sh comes from results and never calls a failure nothing."""

import json
import os
import tempfile
import unittest

import count_results

MIXED = """<testsuites><testsuite>
<testcase name="a" status="run" result="completed"/>
<testcase name="b" status="run" result="completed"><failure message="x"/></testcase>
<testcase name="c" status="run" result="skipped"><skipped message="x"/></testcase>
<testcase name="d" status="notrun" result="suppressed"/>
<testcase name="e"><error message="x"/></testcase>
</testsuite></testsuites>"""
ONE_PASSED = '<testsuite><testcase name="a" status="run"/></testsuite>'


class CountResultsTest(unittest.TestCase):

    def setUp(self):
        self.directory = tempfile.TemporaryDirectory()
        self.addCleanup(self.directory.cleanup)

    def result(self, label, status, xml, attempt=1):
        """The event of one test's result, whose test.xml is [xml]."""
        outputs = []
        if xml is not None:
            count = len(os.listdir(self.directory.name))
            path = os.path.join(self.directory.name, f"{count} x.xml")
            with open(path, "w", encoding="utf-8") as file:
                file.write(xml)
            outputs = [{"name": "test.log", "uri": "file:///none"},
                       {"name": "test.xml", "uri": "file://" + path.replace(" ", "%20")}]
        return json.dumps({
            "id": {"testResult": {"label": label, "run": 1, "attempt": attempt}},
            "testResult": {"status": status, "testActionOutput": outputs},
        })

    def expect(self, events, passed, failed, skipped):
        total = count_results.count_events(events)
        self.assertEqual((total.passed, total.failed, total.skipped), (passed, failed, skipped))

    def test_cases_are_counted_one_by_one(self):
        self.expect([self.result("//:a", "FAILED", MIXED)], 1, 2, 2)
        self.expect([self.result("//:a", "PASSED", ONE_PASSED),
                     self.result("//:b", "PASSED", ONE_PASSED)], 2, 0, 0)

    def test_a_failure_without_a_failed_case_is_one(self):
        self.expect([self.result("//:a", "TIMEOUT", ONE_PASSED)], 1, 1, 0)
        self.expect([self.result("//:a", "FAILED", None)], 0, 1, 0)

    def test_the_last_attempt_counts(self):
        self.expect([self.result("//:a", "FAILED", MIXED),
                     self.result("//:a", "PASSED", ONE_PASSED, attempt=2)], 1, 0, 0)

    def test_what_does_not_build_is_one(self):
        event = {"id": {"targetCompleted": {"label": "//:a"}}, "aborted": {}}
        self.expect([json.dumps(event)], 0, 1, 0)
        self.expect([json.dumps(dict(event, completed={"success": True}))], 0, 0, 0)


if __name__ == "__main__":
    unittest.main()
