"""The chart on real nodes: real kubelets and containerd start the real images, load goes from pod
to pod, and the Job's exit code is what the report says.

    tests/e2e/k8s/run.sh --nodes

Three nodes (nodes.py) in the chart's two pools, each pool kept free by a taint: two for agents, one
for the target and the controller. They share this machine's cores, so that the objectives and the
bounds of validity are wide: what is shown here is that the parts find each other, not how fast.
"""

import json
import os
import pathlib
import re
import sys
import unittest

import nodes
from control_plane import ControlPlane, wait_for
from nodes import Node, Nodes

TOP = pathlib.Path(__file__).resolve().parents[3]
CHART = str(TOP / "deploy/k8s")
TOOLS = pathlib.Path(os.environ["TOOLS"])
IMAGES = pathlib.Path(os.environ["IMAGES"])
CGROUP = os.environ["CGROUP"]
RATE = 300
SECONDS = 5
# Of runs that something happens to.
LONG_SECONDS = 20
# The live line of a run's window, as the run's log has it.
MEASURING = re.compile("measure .* 2/2 agents")
NAMESPACE = """
apiVersion: v1
kind: Namespace
metadata:
  name: {space}
  labels: {{pod-security.kubernetes.io/enforce: restricted}}
---
apiVersion: v1
kind: PersistentVolume
metadata: {{name: {space}}}
spec:
  capacity: {{storage: 10Gi}}
  accessModes: [ReadWriteOnce]
  claimRef: {{namespace: {space}, name: drumline-results}}
  hostPath: {{path: {path}}}
"""
VALUES = """
run: {enabled: true, scenario: load}
controller:
  nodeSelector: {drumline/pool: target}
  tolerations: [{key: drumline/pool, operator: Equal, value: target, effect: NoSchedule}]
  resources: {requests: {cpu: 500m, memory: 64Mi}, limits: {memory: 1Gi}}
agents:
  count: 2
  nodeSelector: {drumline/pool: loadgen}
  tolerations: [{key: drumline/pool, operator: Equal, value: loadgen, effect: NoSchedule}]
  resources: {requests: {cpu: "1", memory: 256Mi}, limits: {cpu: "1", memory: 256Mi}}
targetPods:
  nodeSelector: {drumline/pool: target}
  tolerations: [{key: drumline/pool, operator: Equal, value: target, effect: NoSchedule}]
  resources: {requests: {cpu: "1", memory: 128Mi}, limits: {cpu: "1", memory: 128Mi}}
targets: {echo: {service: echo, port: 8080, args: [--threads=1]}}
"""


def scenario(**changed):
    """A few hundred requests a second, and bounds that a machine busy with other things keeps."""
    load = {
        "request": {"method": "POST", "headers": {"content-type": "application/json"},
                    "body": {"size": "256B"}},
        "load": {"rate": f"{RATE}/s", "connections": 8},
        "warmup": "1s", "measure": f"{SECONDS}s", "drain": "2s",
        "agents": {"count": 2, "max_send_lag": "p99 < 2s"},
        "validity": {"min_idle_percent": 0, "max_shortfall_percent": 50, "max_hiccup": "p99 < 2s",
                     "max_steal_percent": 100, "max_throttled_percent": 100,
                     "max_start_skew": "2s", "max_scrape_gaps_percent": 100,
                     "max_drift_percent": 0},
        "slo": ["p50 < 1s", "errors < 1%"],
    }
    load.update(changed)
    return json.dumps({"scenarios": {"load": load}})


class OnNodes(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        nodes.make_bridge()
        cls.plane = ControlPlane(TOOLS, nodes.BRIDGE)
        cls.addClassCleanup(cls.plane.stop)
        cls.plane.start()
        cls.plane.start_scheduler()
        cls.cluster = Nodes(cls.plane, IMAGES, CGROUP)
        cls.cluster.start([Node("loadgen-0", "loadgen", ("agent",)),
                           Node("loadgen-1", "loadgen", ("agent",)),
                           Node("target-0", "target", ("controller", "echo"))])

    def run(self, result=None):
        before = len(result.failures) + len(result.errors)
        super().run(result)
        if len(result.failures) + len(result.errors) > before:
            self.tell_what_is_there()
        return result

    def tell_what_is_there(self):
        for what in (("get", "pods", "-A", "-o", "wide"),
                     ("get", "events", "-A", "--field-selector=type=Warning")):
            print(self.plane.try_kubectl(*what).stdout, file=sys.stderr)

    def install(self, space, values, *further):
        """Installs the chart in a namespace of its own; returns where its results go."""
        results = self.plane.home / "results" / space
        results.mkdir(parents=True)
        results.chmod(0o777)
        self.plane.kubectl("apply", "-f", "-", text=NAMESPACE.format(space=space, path=results))
        wait_for("the namespace has its default account", lambda: self.plane.try_kubectl(
            "-n", space, "get", "serviceaccount", "default").returncode == 0)
        words = []
        for number, text in enumerate((VALUES, values)):
            path = self.plane.home / f"{space}-{number}.yaml"
            path.write_text(text, encoding="utf-8")
            words += ["-f", str(path)]
        self.plane.helm("install", "drumline", CHART, "-n", space, *words, *further)
        self.addCleanup(self.uninstall, space)
        return results

    def uninstall(self, space):
        """Takes the release away and waits until its pods have left the nodes."""
        self.plane.run("helm", ["uninstall", "drumline", "-n", space])
        wait_for(f"the pods of {space} are gone",
                 lambda: not self.plane.get("-n", space, "pods"))

    def pods(self, space, component):
        return self.plane.get("-n", space, "pods", "-l",
                              f"app.kubernetes.io/component={component}")

    def ended(self, space):
        """The Job's last condition and the controller's exit code, when both are there."""
        job = self.plane.get("-n", space, "job", "drumline-run")
        condition = next((one for one in job["status"].get("conditions", [])
                          if one["type"] in ("Complete", "Failed") and one["status"] == "True"),
                         None)
        if condition is None:
            return None
        (pod,) = self.plane.get("-n", space, "pods", "-l",
                                "batch.kubernetes.io/job-name=drumline-run")
        state = pod["status"]["containerStatuses"][0]["state"]
        return condition, state["terminated"]["exitCode"]

    def log_of_run(self, space):
        return self.plane.try_kubectl("-n", space, "logs", "job/drumline-run").stdout

    def assert_ends(self, space, exit_code):
        condition, seen = wait_for("the Job has ended", lambda: self.ended(space))
        self.assertEqual(seen, exit_code, self.log_of_run(space))
        self.assertEqual(condition["type"], "Failed" if exit_code else "Complete")

    def report_in(self, results, but=None):
        """The one report that is there, but for one that is known."""
        found = [json.loads(path.read_text(encoding="utf-8"))
                 for path in results.glob("*/report.json")]
        found = [one for one in found if one != but]
        self.assertEqual(len(found), 1, list(results.iterdir()))
        return found[0]

    def assert_balanced(self, ledger):
        """Of what was scheduled everything is accounted for."""
        count = {name: int(ledger.get(name, 0)) for name in (
            "scheduled", "sent", "unsent", "ok", "bad_status", "bad_body", "timeout", "refused",
            "reset", "protocol_error", "censored", "open")}
        outcomes = sum(count.values()) - count["scheduled"] - count["sent"] - count["unsent"]
        self.assertEqual(count["scheduled"], count["sent"] + count["unsent"])
        self.assertEqual(count["sent"], outcomes)

    def wait_for_agents(self, space):
        """Two agents in their pool, each on a node of its own."""
        def running():
            found = [one for one in self.pods(space, "agent")
                     if one["status"]["phase"] == "Running"]
            return found if len(found) == 2 else None

        agents = wait_for("two agents run", running)
        self.assertEqual({one["spec"]["nodeName"] for one in agents}, {"loadgen-0", "loadgen-1"})
        self.assertEqual({one["status"]["qosClass"] for one in agents}, {"Guaranteed"})
        return agents

    def assert_valid(self, report, seconds=SECONDS):
        self.assertEqual(report["verdict"]["validity"], "VALID", report["verdict"])
        (run,) = report["runs"]
        self.assert_balanced(run["ledger"])
        self.assert_balanced(run["warmup_ledger"])
        self.assertEqual(int(run["ledger"]["scheduled"]), RATE * seconds)
        self.assertEqual(int(run["ledger"]["sent"]), sum(int(one["sent"]) for one in run["agents"]))
        self.assertGreater(run["target_resources"]["scrapes"], 0)

    def test_from_install_to_uninstall(self):
        """As docs/kubernetes.md goes: a run by hand, one as a Job, and nothing left but results."""
        results = self.install("whole", scenario(), "--set", "run.enabled=false")
        self.wait_for_agents("whole")
        self.plane.kubectl("-n", "whole", "rollout", "status", "statefulset/drumline-controller")
        self.plane.kubectl("-n", "whole", "exec", "drumline-controller-0", "--",
                           "/opt/drumline/run", "load")
        by_hand = self.report_in(results)
        self.assert_valid(by_hand)
        copied = self.plane.home / "copied"
        self.plane.kubectl("-n", "whole", "cp", "drumline-controller-0:/results", str(copied))
        self.assertEqual(self.report_in(copied), by_hand)

        self.plane.helm("upgrade", "drumline", CHART, "-n", "whole", "--reuse-values", "--set",
                        "run.enabled=true")
        self.assert_ends("whole", 0)
        self.assert_valid(self.report_in(results, but=by_hand))
        self.plane.helm("test", "drumline", "-n", "whole", "--timeout=2m")

        self.uninstall("whole")
        wait_for("all is gone but the results", lambda: self.plane.left_in("whole") == {
            "PersistentVolumeClaim/drumline-results"})

    def test_an_objective_that_is_missed_fails_the_job(self):
        results = self.install("missed", scenario(slo=["p50 < 1us"]))
        self.assert_ends("missed", 1)
        report = self.report_in(results)
        self.assert_valid(report)
        self.assertEqual(report["verdict"]["slo"], "FAIL")

    def lose_an_agent(self, space, policy, take_away):
        """A run that is robbed of drumline-agent-1 in its window; the report."""
        agents = {"count": 2, "max_send_lag": "p99 < 2s", "on_loss": policy}
        results = self.install(space, scenario(measure=f"{LONG_SECONDS}s", agents=agents))
        wait_for("both agents report or all is over", lambda: MEASURING.search(
            self.log_of_run(space)) or self.ended(space))
        self.assertIsNone(self.ended(space), self.log_of_run(space))
        take_away()
        _, exit_code = wait_for("the Job has ended", lambda: self.ended(space))
        return exit_code, self.report_in(results)

    def test_an_agent_that_is_deleted_ends_the_run(self):
        """Its pod is told to go: it ends its load and says so, and the run is INVALID."""
        code, report = self.lose_an_agent("deleted", "invalidate", lambda: self.plane.kubectl(
            "-n", "deleted", "delete", "pod", "drumline-agent-1", "--wait=false"))
        self.assertEqual(code, 3)
        self.assertEqual(report["verdict"]["validity"], "INVALID")
        self.assertIn("agent drumline-agent-1 ended its part early: the agent was told to stop",
                      " ".join(report["verdict"]["reasons"]))
        # What it had measured until then it handed over before it went.
        (run,) = report["runs"]
        self.assert_balanced(run["ledger"])
        self.assertTrue(all(int(one["sent"]) > 0 for one in run["agents"]))

    def test_an_agent_that_is_killed_has_an_heir(self):
        """As on_loss: redistribute has it; its pod is still there, and its container new."""
        code, report = self.lose_an_agent("killed", "redistribute", lambda: self.kill_agent(
            "killed", "drumline-agent-1"))
        self.assertEqual(code, 0)
        self.assert_valid(report, LONG_SECONDS)
        (loss,) = report["runs"][0]["losses"]
        self.assertEqual((loss["agent"], loss["policy"]), ("drumline-agent-1", "redistribute"))
        self.assertGreater(int(loss["missed"]), 0)
        self.assertIn("taken_over_at_s", loss)

    def kill_agent(self, space, name):
        pod = self.plane.get("-n", space, "pod", name)
        container = pod["status"]["containerStatuses"][0]["containerID"]
        self.cluster.named(pod["spec"]["nodeName"]).call(
            "ctr", "-n", "k8s.io", "tasks", "kill", "-s", "SIGKILL",
            container.removeprefix("containerd://"))


if __name__ == "__main__":
    unittest.main()
