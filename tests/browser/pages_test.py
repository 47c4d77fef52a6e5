"""The pages in a real browser: what they show is what was measured, without an error."""

import json
import os
import re
import subprocess

import campaigns
import programs
import rich_report

HERE = os.path.dirname(os.path.abspath(__file__))
WIDE = {"width": 1200, "scheme": "light"}
DARK = {"width": 1200, "scheme": "dark"}
NARROW = {"width": 390, "scheme": "light"}
UNITS = {"ns": 1e-3, "µs": 1, "ms": 1e3, "s": 1e6, "B": 1, "KiB": 2**10, "MiB": 2**20,
         "GiB": 2**30, "/s": 1, "cores": 1, "": 1, "%": 0.01}
# As many charts as a run of a service with metrics has: one by percentile, six over time.
CHARTS = 7


def at(report, path):
    """The value at a path such as runs.0.ledger.ok."""
    value = report
    for step in path.split("."):
        value = value[int(step)] if isinstance(value, list) else value[step]
    return value


def number(text):
    """A number as the page prints it, in the unit of report.json."""
    match = re.fullmatch(r"(?:≥ )?(-?[\d.,]+) ?(\D*)", text.replace("−", "-"))
    return float(match.group(1).replace(",", "")) * UNITS[match.group(2)]


class PagesTest(campaigns.CampaignTest):

    def node(self, script, *arguments):
        done = subprocess.run(["node", os.path.join(HERE, script), *arguments], check=False,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              timeout=programs.DEADLINE_S)
        self.assertEqual(done.returncode, 0, done.stderr.decode())
        return json.loads(done.stdout)

    def assert_shows(self, seen, report):
        """Each number that names its place in report.json is the one that stands there."""
        self.assertGreater(len(seen["fields"]), 30)
        for path, text in seen["fields"]:
            value = at(report, path)
            if path.endswith(".words"):
                self.assertEqual(text, value)
            elif isinstance(value, str):
                self.assertEqual(text, f"{int(value):,}", path)
            elif text == "–":
                self.assertEqual(value, 0, path)
            else:
                # Three significant digits, and rates to the whole number.
                bound = max(value * 0.0051, 0.5 if text.endswith("/s") else 0)
                self.assertAlmostEqual(number(text), value, delta=bound, msg=path)

    def test_report_in_every_light(self):
        evil = "e2e <b>&\"'"
        fields = campaigns.scenario(measure="3s", warmup="1s", description=evil,
                                    slo=["p99 < 30s", "errors < 100%"])
        self.run_scenario(fields, 0)
        page = os.path.join(self.bundle(), "report.html")
        wide, dark, narrow = self.node("survey_report.mjs", page,
                                       json.dumps([WIDE, DARK, NARROW]))
        report = self.report()
        for seen in (wide, dark, narrow):
            self.assertEqual(seen["faults"], [])
            self.assert_shows(seen, report)
            self.assertEqual(len(seen["colours"]), CHARTS)
            for colours in seen["colours"]:
                self.assertGreater(colours, 10)
            self.assertEqual(seen["heading"], report["name"])
        for section in ("slo", "runs", "percentiles", "time", "outcomes", "requests", "resources",
                        "generator", "environment", "repeat"):
            self.assertIn(section, wide["sections"])
        self.assertEqual(wide["background"], "rgb(255, 255, 255)")
        self.assertEqual(dark["background"], "rgb(20, 23, 26)")
        # Nothing hangs over the edge: wide tables scroll by themselves.
        self.assertLessEqual(narrow["scrollWidth"], NARROW["width"])

    def test_every_part_of_a_report(self):
        self.run_scenario(campaigns.scenario(slo=["p99 < 30s"]), 0)
        with open(os.path.join(self.bundle(), "report.html"), encoding="utf-8") as file:
            html, report = rich_report.enriched(file.read())
        page = os.path.join(self.directory, "rich.html")
        with open(page, "w", encoding="utf-8") as file:
            file.write(html)
        for seen in self.node("survey_report.mjs", page, json.dumps([WIDE, DARK, NARROW])):
            self.assertEqual(seen["faults"], [])
            self.assert_shows(seen, report)
            # The chart of all runs and that of capacity come besides.
            self.assertEqual(len(seen["colours"]), CHARTS + 2)
            self.assertEqual(seen["sections"], [
                "comparison", "repeats", "capacity", "slo", "runs", "percentiles", "time",
                "outcomes", "requests", "resources", "cost", "connections", "generator",
                "environment", "repeat"])
            for words in rich_report.WORDS:
                self.assertIn(words, seen["text"])
            self.assertLessEqual(seen["scrollWidth"], max(seen["width"], NARROW["width"]))

    def test_overlay_of_two_bundles(self):
        for _ in range(2):
            self.run_scenario(campaigns.scenario(), 0)
        first, second = self.bundles()
        self.controller(0, "report", first, "--overlay", second)
        [seen] = self.node("survey_report.mjs", os.path.join(first, "overlay.html"),
                           json.dumps([WIDE]))
        self.assertEqual(seen["faults"], [])
        self.assert_shows(seen, self.report(first))
        # The chart of all runs comes besides.
        self.assertEqual(len(seen["colours"]), CHARTS + 1)

    def test_list_of_bundles_leads_to_their_reports(self):
        self.run_scenario(campaigns.scenario(), 0)
        served = programs.Program(self, "controller", "ui", self.results, "--ui", "127.0.0.1:0")
        url = served.wait_for_line(r"(http\S+)").group(1)
        seen = self.node("open_bundle.mjs", url, os.path.basename(self.bundle()))
        self.assertEqual(seen["faults"], [])
        self.assertIn("VALID", seen["list"]["text"])
        self.assertEqual(seen["list"]["heading"], "Results")
        self.assert_shows(seen["report"], self.report())

    def test_live_page_shows_a_run_and_stops_it(self):
        fields = campaigns.scenario(measure="5m")
        run = programs.Program(self, "controller", "run", self.write_scenario(fields),
                               "--results", self.results, "--ui", "127.0.0.1:0")
        url = run.wait_for_line(r"live page: (http\S+)").group(1)
        seen = self.node("watch_run.mjs", url)
        self.assertEqual(run.exit_code(), 4, run.stdout() + run.stderr())
        self.assertEqual(seen["faults"], [])
        self.assertEqual(seen["during"]["heading"], "e2e")
        self.assertIn("The campaign is over", seen["phase"])
        self.assertRegex(" ".join(seen["tiles"]), r"achieved[\d,.]+/s")
        self.assertIn("stopped from the live page", run.stderr())
        # What was measured until then is in the bundle, as after Ctrl-C.
        self.assertGreater(int(self.the_run()["ledger"]["ok"]), 0)
        self.assertTrue(os.path.exists(os.path.join(self.bundle(), "report.html")))
