"""The controller's /metrics while a campaign goes on: as promtool, a real Prometheus and the
shipped dashboards see it. Those parts are skipped where Debian's package prometheus is missing."""

import http.client
import json
import os
import re
import shutil
import signal
import subprocess
import textwrap
import unittest
import urllib.parse
import urllib.request

from campaigns import LOAD_SEEN, CampaignTest, free_port, scenario
from programs import DEADLINE_S, Echo, Program, wait_until

COLLECTOR = "deploy/opentelemetry/collector.yaml"
DASHBOARDS = "deploy/grafana"
HISTOGRAM_PARTS = r"_(bucket|sum|count)$"


def dashboards():
    for name in sorted(os.listdir(DASHBOARDS)):
        if name.endswith(".json"):
            with open(os.path.join(DASHBOARDS, name), encoding="utf-8") as file:
                yield json.load(file)


def expressions():
    """Each query of each panel, with Grafana's own variables filled in."""
    for dashboard in dashboards():
        for panel in dashboard["panels"]:
            for target in panel["targets"]:
                yield target["expr"].replace("$__rate_interval", "10s").replace("$run", ".+")


def collectors_scrape_config():
    """What the Collector's receiver is given is a configuration of Prometheus: that one."""
    with open(COLLECTOR, encoding="utf-8") as file:
        text = file.read()
    block = re.search(r"^    config:\n((?:      .*\n)+)", text, re.MULTILINE).group(1)
    return textwrap.dedent(block)


class MetricsTest(CampaignTest):

    def start_endless(self, *flags):
        echo = Echo(self)
        path = self.write_scenario(
            scenario(measure="1h", load={"rate": "200/s", "connections": 4},
                     target={"url": echo.url, "metrics": echo.metrics_url}))
        return self.start_with(path, *flags)

    def start_with(self, path, *flags):
        return Program(self, "controller", path, "--results", self.results, *flags)

    def start_with_metrics(self):
        """A run in the middle of its load, and where its metrics are."""
        run = self.start_endless("--metrics", "127.0.0.1:0")
        address = run.wait_for_line(r"metrics: http://(\S+)/metrics").group(1)
        run.wait_for_line(LOAD_SEEN)
        return run, address

    def page(self, address):
        with urllib.request.urlopen(f"http://{address}/metrics", timeout=DEADLINE_S) as answer:
            self.assertIn("version=0.0.4", answer.headers["content-type"])
            return answer.read().decode()

    def test_the_page_adds_up_and_promtool_has_nothing_to_say(self):
        run, address = self.start_with_metrics()
        page = self.page(address)
        samples = dict(re.findall(r"^(\w+(?:\{.*\})?) (\S+)$", page, re.MULTILINE))
        labels = 'run="001-target-r1",target="target",phase="measure"'
        sent = int(samples[f"drumline_requests_sent_total{{{labels}}}"])
        self.assertGreater(sent, 0)
        self.assertEqual(sent, int(samples[f"drumline_send_lag_seconds_count{{{labels}}}"]))
        for name in ("response_time", "service_time", "send_lag"):
            counts = [int(count) for count in re.findall(
                rf'^drumline_{name}_seconds_bucket\{{{labels},le=".*"\}} (\d+)$', page,
                re.MULTILINE)]
            self.assertEqual(counts, sorted(counts))
            self.assertEqual(counts[-1], int(samples[f"drumline_{name}_seconds_count{{{labels}}}"]))
        if shutil.which("promtool") is None:
            self.skipTest("needs promtool (package prometheus)")
        checked = subprocess.run(["promtool", "check", "metrics"], input=page, text=True,
                                 capture_output=True, check=False)
        self.assertEqual((checked.returncode, checked.stdout + checked.stderr), (0, ""))
        run.signal(signal.SIGINT)
        self.expect_end(run, 4)

    def test_a_real_prometheus_scrapes_it_and_answers_every_query_of_the_dashboards(self):
        if shutil.which("prometheus") is None:
            self.skipTest("needs prometheus")
        run, address = self.start_with_metrics()
        config = os.path.join(self.directory, "prometheus.yml")
        with open(config, "w", encoding="utf-8") as file:
            file.write(collectors_scrape_config().replace("127.0.0.1:9464", address))
        port = free_port()
        with open(os.path.join(self.directory, "prometheus.log"), "wb") as log:
            # pylint: disable=consider-using-with
            prometheus = subprocess.Popen(
                ["prometheus", f"--config.file={config}", f"--web.listen-address=127.0.0.1:{port}",
                 f"--storage.tsdb.path={self.directory}/tsdb"], stdout=log, stderr=log)
        self.addCleanup(prometheus.wait)
        self.addCleanup(prometheus.kill)

        def answer(query):
            url = f"http://127.0.0.1:{port}/api/v1/query?" + urllib.parse.urlencode(
                {"query": query})
            try:
                with urllib.request.urlopen(url, timeout=DEADLINE_S) as reply:
                    return json.load(reply)["data"]["result"]
            except (OSError, http.client.HTTPException):
                return []

        wait_until(lambda: answer('rate(drumline_requests_sent_total{phase="measure"}[10s]) > 0'),
                   "Prometheus sees requests being sent")
        # Two readings of the target are needed for its rate; the rest has been there for longer.
        wait_until(lambda: answer("rate(drumline_target_cpu_seconds_total[10s]) >= 0"),
                   "Prometheus sees the target's CPU time")
        for query in expressions():
            self.assertTrue(answer(query), f"no series answers {query}")
        run.signal(signal.SIGINT)
        self.expect_end(run, 4)

    def test_the_dashboards_ask_for_what_is_exported(self):
        run, address = self.start_with_metrics()
        exported = set(re.findall(r"^# TYPE (\w+) ", self.page(address), re.MULTILINE))
        asked = set()
        for query in expressions():
            for name in re.findall(r"\bdrumline_\w+", query):
                asked.add(name if name in exported else re.sub(HISTOGRAM_PARTS, "", name))
        self.assertGreater(len(asked), 10)
        self.assertEqual(asked - exported, set())
        run.signal(signal.SIGINT)
        self.expect_end(run, 4)

    def test_what_is_no_request_for_the_page(self):
        run, address = self.start_with_metrics()
        for method, path, status in (("GET", "/", 404), ("GET", "/metrics/x", 404),
                                     ("POST", "/metrics", 405), ("DELETE", "/metrics", 405)):
            connection = http.client.HTTPConnection(address, timeout=DEADLINE_S)
            connection.request(method, path)
            self.assertEqual(connection.getresponse().status, status, (method, path))
            connection.close()
        run.signal(signal.SIGINT)
        self.expect_end(run, 4)

    def test_an_address_that_cannot_be_had(self):
        run, address = self.start_with_metrics()
        path = os.path.join(self.directory, "scenario.yaml")
        self.assertIn(address, self.expect_end(self.start_with(path, "--metrics", address),
                                               5).stderr())
        for wrong in ("9464", "example.org:9464", "127.0.0.1:65536", "127.0.0.1:x"):
            self.assertIn("is not HOST:PORT",
                          self.expect_end(self.start_with(path, "--metrics", wrong), 2).stderr())
        run.signal(signal.SIGINT)
        self.expect_end(run, 4)


if __name__ == "__main__":
    unittest.main()
