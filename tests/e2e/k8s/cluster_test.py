"""The chart on a real control plane: what it installs is admitted under Pod Security's level
"restricted", survives upgrade and rollback with its certificates, ends a run's Job as the verdict
says, and leaves nothing but the results when it goes.

    tests/e2e/k8s/run.sh --cluster

Loopback only. There is no kubelet: the test writes the status of a run's pod in its place, and the
real job controller judges it.
"""

import base64
import json
import os
import pathlib
import subprocess
import tempfile
import unittest

import yaml
from control_plane import ControlPlane, wait_for

TOP = pathlib.Path(__file__).resolve().parents[3]
CHART = str(TOP / "deploy/k8s")
TOOLS = pathlib.Path(os.environ["TOOLS"])
# The job controller's own label of its pods.
CONTROLLER_UID = "batch.kubernetes.io/controller-uid"
FOREIGN = {"Certificate", "ServiceMonitor"}
NAMESPACE = """
apiVersion: v1
kind: Namespace
metadata:
  name: {name}
  labels:
    pod-security.kubernetes.io/enforce: restricted
    pod-security.kubernetes.io/enforce-version: latest
"""
ROOT_POD = """
apiVersion: v1
kind: Pod
metadata: {name: as-root}
spec: {containers: [{name: one, image: none}]}
"""


def pem(secret, key):
    return base64.b64decode(secret["data"][key])


class OnAControlPlane(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.plane = ControlPlane(TOOLS)
        cls.plane.__enter__()
        cls.addClassCleanup(cls.plane.stop)

    def namespace(self, name):
        self.plane.kubectl("apply", "-f", "-", text=NAMESPACE.format(name=name))
        wait_for("the namespace has its default account", lambda: self.plane.try_kubectl(
            "-n", name, "get", "serviceaccount", "default").returncode == 0)
        return name

    def pods(self, namespace, component):
        return self.plane.get("-n", namespace, "pods", "-l",
                              f"app.kubernetes.io/component={component}")

    def wait_for_pods(self, namespace, component, count):
        def all_there():
            found = [pod for pod in self.pods(namespace, component)
                     if "deletionTimestamp" not in pod["metadata"]]
            return found if len(found) == count else None

        return wait_for(f"{count} pods of {component}", all_there)

    def secret(self, namespace, name):
        return self.plane.get("-n", namespace, "secret", name)

    def test_lives_through_install_upgrade_rollback_and_uninstall(self):
        space = self.namespace("life")
        refused = self.plane.try_kubectl("-n", space, "apply", "-f", "-", text=ROOT_POD)
        self.assertIn("restricted", refused.stderr)

        self.plane.helm("install", "drumline", CHART, "-n", space)
        for component, count in (("agent", 4), ("controller", 1), ("target", 1)):
            self.wait_for_pods(space, component, count)
        first = self.secret(space, "drumline-agent-tls")

        self.plane.helm("upgrade", "drumline", CHART, "-n", space, "--set", "image.tag=0.1.1")
        self.assertEqual(self.secret(space, "drumline-agent-tls")["data"], first["data"])

        self.plane.helm("upgrade", "drumline", CHART, "-n", space, "--set", "agents.count=6")
        self.wait_for_pods(space, "agent", 6)
        grown = self.secret(space, "drumline-agent-tls")
        self.assertEqual(pem(grown, "ca.crt"), pem(first, "ca.crt"))
        self.assert_vouched_for(grown, "drumline-agent-5")

        self.plane.helm("rollback", "drumline", "1", "-n", space)
        self.wait_for_pods(space, "agent", 4)
        self.plane.helm("uninstall", "drumline", "-n", space)
        self.assert_only_results_are_left(space)

    def assert_vouched_for(self, secret, host):
        with tempfile.TemporaryDirectory() as scratch:
            for key in ("ca.crt", "tls.crt"):
                pathlib.Path(scratch, key).write_bytes(pem(secret, key))
            done = subprocess.run(
                ["openssl", "verify", "-CAfile", f"{scratch}/ca.crt", "-verify_hostname", host,
                 f"{scratch}/tls.crt"], capture_output=True, text=True, check=False)
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def assert_only_results_are_left(self, space):
        wait_for("all is gone but the results", lambda: self.plane.left_in(space) == {
            "PersistentVolumeClaim/drumline-results"})

    def test_every_case_is_accepted_by_the_api_itself(self):
        for case in sorted(pathlib.Path(CHART, "ci").glob("*-values.yaml")):
            with self.subTest(case=case.name):
                space = self.namespace("case-" + case.name.removesuffix("-values.yaml"))
                text = self.plane.helm("template", "drumline", CHART, "-n", space, "-f", str(case),
                                       "--kube-version", "1.33")
                objects = [one for one in yaml.safe_load_all(text)
                           if one and one["kind"] not in FOREIGN]
                # A pod is admitted only where its account is there, dry or not.
                accounts = [one for one in objects if one["kind"] == "ServiceAccount"]
                self.plane.kubectl("-n", space, "apply", "-f", "-",
                                   text=yaml.safe_dump_all(accounts))
                self.plane.kubectl("-n", space, "apply", "--dry-run=server", "--validate=strict",
                                   "-f", "-", text=yaml.safe_dump_all(objects))

    def run_job(self, space):
        self.namespace(space)
        self.plane.helm("install", "drumline", CHART, "-n", space, "--set", "run.enabled=true")
        return self.wait_for_pods(space, "controller", 1)[0]["metadata"]["name"]

    def end_pod(self, space, pod, exit_code, disrupted=False):
        """Plays the kubelet: the pod's container has ended."""
        phase = "Succeeded" if exit_code == 0 else "Failed"
        ended = {"exitCode": exit_code, "reason": "Completed" if exit_code == 0 else "Error"}
        status = {
            "phase": phase,
            "containerStatuses": [{
                "name": "controller", "image": "controller", "imageID": "", "ready": False,
                "restartCount": 0, "state": {"terminated": ended}}],
        }
        if disrupted:
            status["conditions"] = [{"type": "DisruptionTarget", "status": "True"}]
        self.plane.kubectl("-n", space, "patch", "pod", pod, "--subresource=status", "-p",
                           json.dumps({"status": status}))

    def condition_of(self, space):
        def ended():
            job = self.plane.get("-n", space, "job", "drumline-run")
            return next((one for one in job["status"].get("conditions", [])
                         if one["type"] in ("Complete", "Failed") and one["status"] == "True"),
                        None)

        return wait_for("the Job has ended", ended)

    def test_a_verdict_ends_the_job(self):
        for exit_code, wanted in ((0, "Complete"), (1, "Failed"), (3, "Failed")):
            with self.subTest(exit_code=exit_code):
                space = f"verdict-{exit_code}"
                self.end_pod(space, self.run_job(space), exit_code)
                condition = self.condition_of(space)
                self.assertEqual(condition["type"], wanted)
                if exit_code:
                    self.assertEqual(condition["reason"], "PodFailurePolicy")
                    self.assertIn(f"exit code {exit_code}", condition["message"])

    def campaign_of(self, space, pod):
        """What the pod is told to call its campaign, as a kubelet would read it."""
        made = self.plane.get("-n", space, "pod", pod)
        container = made["spec"]["containers"][0]
        path = container["env"][0]["valueFrom"]["fieldRef"]["fieldPath"]
        self.assertEqual(path, f"metadata.labels['{CONTROLLER_UID}']")
        return made["metadata"]["labels"][CONTROLLER_UID]

    def test_a_pod_that_was_taken_away_is_replaced(self):
        # Drained in mid-campaign, whatever it ended with; and deleted, when SIGTERM ended it.
        for space, exit_code, disrupted in (("drained", 143, True), ("stopped", 4, True),
                                            ("deleted", 143, False)):
            with self.subTest(space):
                first = self.run_job(space)
                campaign = self.campaign_of(space, first)
                self.assertEqual(campaign,
                                 self.plane.get("-n", space, "job",
                                                "drumline-run")["metadata"]["uid"])
                self.end_pod(space, first, exit_code, disrupted=disrupted)

                def replaced(first=first, space=space):
                    names = {pod["metadata"]["name"] for pod in self.pods(space, "controller")}
                    return next(iter(names - {first}), None)

                second = wait_for("another pod of the run", replaced)
                self.assertEqual(self.campaign_of(space, second), campaign)
                self.end_pod(space, second, 0)
                self.assertEqual(self.condition_of(space)["type"], "Complete")


if __name__ == "__main__":
    unittest.main()
