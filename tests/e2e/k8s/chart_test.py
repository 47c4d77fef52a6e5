"""The chart by itself, without a cluster: it lints, each file of ci/ renders to objects that the
API's own schemas accept, wrong values are refused in words, and what the chart promises of its pods
(restricted, placed apart, with cores of their own) is so.

    tests/e2e/k8s/run.sh --chart

Needs helm and kubernetes-validate (tests/e2e/k8s/tools.sh builds them); the controller that Bazel
built holds the scenarios to the scenario language.
"""

import os
import pathlib
import subprocess
import tempfile
import unittest

import kubernetes_validate
import yaml

TOP = pathlib.Path(__file__).resolve().parents[3]
CHART = TOP / "deploy/k8s"
CONTROLLER = TOP / "bazel-bin/controller/controller"
HELM = os.environ["HELM"]
KUBERNETES = "1.33"
# Kinds of others' APIs, of which no schema is at hand.
FOREIGN = {"Certificate", "ServiceMonitor"}
CASES = [None, *sorted((CHART / "ci").glob("*-values.yaml"))]


def helm(*words):
    return subprocess.run([HELM, *words], capture_output=True, text=True, timeout=120, check=False)


def render(case=None, *words):
    values = ["-f", str(case)] if case else []
    done = helm("template", "drumline", str(CHART), "-n", "perf", "--kube-version", KUBERNETES,
                *values, *words)
    if done.returncode != 0:
        raise AssertionError(done.stderr)
    return [one for one in yaml.safe_load_all(done.stdout) if one]


def name_of(one):
    return f'{one["kind"]}/{one["metadata"]["name"]}'


def pods_of(objects):
    """(name, labels, pod spec) of each pod and each pod template."""
    for one in objects:
        if one["kind"] == "Pod":
            yield name_of(one), one["metadata"]["labels"], one["spec"]
        elif one["kind"] in ("StatefulSet", "Job"):
            template = one["spec"]["template"]
            yield name_of(one), template["metadata"]["labels"], template["spec"]


def named(objects, name):
    return next(one for one in objects if name_of(one) == name)


class Rendering(unittest.TestCase):
    def test_lints(self):
        for case in CASES:
            with self.subTest(case=case):
                done = helm("lint", "--strict", str(CHART), "--kube-version", KUBERNETES,
                            *(["-f", str(case)] if case else []))
                self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_the_api_schemas_accept_all_objects(self):
        for case in CASES:
            for one in render(case):
                if one["kind"] in FOREIGN:
                    continue
                with self.subTest(case=case, name=name_of(one)):
                    kubernetes_validate.validate(one, KUBERNETES, strict=True)

    def test_a_misspelt_field_would_not_be_accepted(self):
        one = named(render(), "StatefulSet/drumline-agent")
        one["spec"]["template"]["spec"]["terminationGraceSeconds"] = 1
        with self.assertRaises(kubernetes_validate.ValidationError):
            kubernetes_validate.validate(one, KUBERNETES, strict=True)

    def test_names_are_unique(self):
        for case in CASES:
            names = [name_of(one) for one in render(case)]
            self.assertEqual(len(names), len(set(names)), names)

    def test_foreign_objects_name_what_the_values_say(self):
        certificates = [one for one in render(CHART / "ci/issued-certificates-values.yaml")
                        if one["kind"] == "Certificate"]
        self.assertEqual({one["spec"]["secretName"] for one in certificates},
                         {"drumline-controller-tls", "drumline-agent-tls"})
        for one in certificates:
            self.assertEqual(one["spec"]["issuerRef"]["name"], "our-issuer")
        monitor = next(one for one in render(CHART / "ci/pools-values.yaml")
                       if one["kind"] == "ServiceMonitor")
        self.assertEqual(monitor["metadata"]["labels"]["release"], "prometheus")


class WrongValues(unittest.TestCase):
    def test_are_refused_and_named(self):
        for setting, words in [
            ("agents.count=0", "agents.count"),
            ("agents.count=many", "agents.count"),
            ("agents.cuont=2", "cuont"),
            ("agents.allow=null", "agents"),
            ("targets.echo.service=nginx", "targets.echo.service"),
            ("targets.echo.port=70000", "targets.echo.port"),
            ("tls.mode=none", "tls.mode"),
            ("tls.mode=existingSecret", "tls.existingSecret.controller"),
            ("tls.mode=certManager", "tls.certManager.issuerRef.name"),
            ("controller.results.size=ten", "controller.results.size"),
            ("image.pullPolicy=Sometimes", "image.pullPolicy"),
            ("serviceMonitor.interval=often", "serviceMonitor.interval"),
        ]:
            with self.subTest(setting=setting):
                done = helm("template", "drumline", str(CHART), "--kube-version", KUBERNETES,
                            "--set", setting)
                self.assertNotEqual(done.returncode, 0)
                # Helm writes the path of a value with dots or, in newer words, with slashes.
                self.assertIn(words, done.stderr.replace("/", "."))

    def test_a_scenario_that_is_not_there(self):
        done = helm("template", "drumline", str(CHART), "--kube-version", KUBERNETES,
                    "--set", "run.enabled=true,run.scenario=smok")
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("run.scenario is smok, but scenarios has only: smoke", done.stderr)


class Pods(unittest.TestCase):
    def test_are_restricted(self):
        """Pod Security's level "restricted", rule by rule."""
        for case in CASES:
            for name, _, pod in pods_of(render(case)):
                with self.subTest(case=case, name=name):
                    self.assertFalse(pod.get("hostNetwork") or pod.get("hostPID"))
                    self.assertIs(pod["automountServiceAccountToken"], False)
                    security = pod["securityContext"]
                    self.assertIs(security["runAsNonRoot"], True)
                    self.assertEqual(security["seccompProfile"]["type"], "RuntimeDefault")
                    for volume in pod["volumes"]:
                        kinds = set(volume) - {"name"}
                        self.assertLessEqual(
                            kinds, {"configMap", "secret", "emptyDir", "persistentVolumeClaim"})
                    for container in pod.get("initContainers", []) + pod["containers"]:
                        own = container["securityContext"]
                        self.assertIs(own["allowPrivilegeEscalation"], False)
                        self.assertIs(own["readOnlyRootFilesystem"], True)
                        self.assertEqual(own["capabilities"], {"drop": ["ALL"]})
                        self.assertIn("limits", container["resources"])

    def test_of_agents_and_targets_get_cores_of_their_own(self):
        for name, labels, pod in pods_of(render()):
            if labels["app.kubernetes.io/component"] not in ("agent", "target"):
                continue
            for container in pod["containers"]:
                resources = container["resources"]
                self.assertEqual(resources["requests"], resources["limits"], name)
                self.assertTrue(resources["limits"]["cpu"].isdigit(), name)

    def test_keep_apart(self):
        rules = {}
        for _, labels, pod in pods_of(render()):
            terms = pod.get("affinity", {}).get("podAntiAffinity", {}).get(
                "requiredDuringSchedulingIgnoredDuringExecution", [])
            rules[labels["app.kubernetes.io/component"]] = {
                term["labelSelector"]["matchLabels"]["app.kubernetes.io/component"]
                for term in terms}
        self.assertEqual(rules["agent"], {"agent", "target"})
        self.assertEqual(rules["target"], {"target"})
        single = render(CHART / "ci/single-node-values.yaml")
        for name, _, pod in pods_of(single):
            self.assertFalse(pod.get("affinity"), name)

    def test_find_what_they_mount(self):
        for case in CASES:
            objects = render(case)
            made = {name_of(one) for one in objects}
            made |= {f'Secret/{one["spec"]["secretName"]}' for one in objects
                     if one["kind"] == "Certificate"}
            if case and case.name == "existing-secrets-values.yaml":
                made |= {"Secret/drumline-controller-certificate", "ConfigMap/our-scenarios",
                         "Secret/drumline-agent-certificate", "PersistentVolumeClaim/results"}
            for name, _, pod in pods_of(objects):
                for volume in pod["volumes"]:
                    wanted = None
                    if "secret" in volume:
                        wanted = "Secret/" + volume["secret"]["secretName"]
                    elif "configMap" in volume:
                        wanted = "ConfigMap/" + volume["configMap"]["name"]
                    elif "persistentVolumeClaim" in volume:
                        wanted = ("PersistentVolumeClaim/"
                                  + volume["persistentVolumeClaim"]["claimName"])
                    if wanted:
                        self.assertIn(wanted, made, f"{case}: {name}")

    def test_are_found_by_services_and_their_owners(self):
        for case in CASES:
            objects = render(case)
            labels = [labels for _, labels, _ in pods_of(objects)]
            for one in objects:
                selector = None
                if one["kind"] == "Service":
                    selector = one["spec"]["selector"]
                elif one["kind"] in ("StatefulSet", "PodDisruptionBudget"):
                    selector = one["spec"]["selector"]["matchLabels"]
                if selector is not None:
                    found = [each for each in labels if selector.items() <= each.items()]
                    self.assertEqual(len(found) > 0, True, f"{case}: {name_of(one)}")

    def test_a_run_is_a_job_that_never_repeats_a_verdict(self):
        objects = render(CHART / "ci/run-values.yaml")
        self.assertNotIn("StatefulSet/drumline-controller", map(name_of, objects))
        spec = named(objects, "Job/drumline-run")["spec"]
        # The first rule that fits counts: a pod that was drained may have ended with any code.
        away, verdict = spec["podFailurePolicy"]["rules"]
        self.assertEqual(away["action"], "Ignore")
        self.assertEqual(away["onPodConditions"], [{"type": "DisruptionTarget", "status": "True"}])
        self.assertEqual(verdict["action"], "FailJob")
        self.assertEqual(verdict["onExitCodes"]["values"], [1, 2, 3, 4, 5])
        self.assertEqual(spec["template"]["spec"]["restartPolicy"], "Never")
        words = spec["template"]["spec"]["containers"][0]["args"]
        self.assertEqual(words[:2], ["run", "/scenarios/compare.yaml"])
        self.assertIn("--scale=0.1", words)

    def test_a_run_goes_on_in_the_pod_that_replaces_its_own(self):
        for case in CASES:
            for job in (one for one in render(case) if one["kind"] == "Job"):
                pod = job["spec"]["template"]["spec"]
                container = pod["containers"][0]
                if container["args"][0] != "run":
                    continue
                words = container["args"]
                name = words[words.index("--resumable") + 1]
                # The same in each pod of the Job, and in no other Job's.
                self.assertEqual(name, "$(JOB_UID)")
                self.assertEqual(
                    {one["name"]: one["valueFrom"]["fieldRef"]["fieldPath"]
                     for one in container["env"]},
                    {"JOB_UID": "metadata.labels['batch.kubernetes.io/controller-uid']"})
                # Where bundle and mark outlive the pod.
                place = words[words.index("--results") + 1]
                mount = next(one for one in container["volumeMounts"] if one["mountPath"] == place)
                volume = next(one for one in pod["volumes"] if one["name"] == mount["name"])
                self.assertIn("persistentVolumeClaim", volume)

    def test_a_run_waits_for_the_targets_of_its_release(self):
        objects = render(CHART / "ci/run-values.yaml")
        pod = named(objects, "Job/drumline-run")["spec"]["template"]["spec"]
        (first,) = pod["initContainers"]
        script = named(objects, "ConfigMap/drumline-commands")["data"][
            first["command"][0].removeprefix("/opt/drumline/")]
        for name in ("dom", "echo"):
            host = f"drumline-target-{name}"
            self.assertIn(f" {host}-0.{host}.perf.svc:8080", script)
        none = render(None, "--set", "run.enabled=true,targets.echo=null",
                      "--set", "scenarios.smoke.target.url=http://10.1.1.1/")
        pod = named(none, "Job/drumline-run")["spec"]["template"]["spec"]
        self.assertNotIn("initContainers", pod)


class Certificates(unittest.TestCase):
    def test_carry_the_names_under_which_both_sides_know_each_other(self):
        objects = render(None, "--set", "agents.count=3")
        agents = named(objects, "StatefulSet/drumline-agent")["spec"]
        names = named(objects, "Secret/drumline-agent-tls")["metadata"]["annotations"]
        self.assertEqual(names["drumline/names"].split(","),
                         [f"drumline-agent-{i}" for i in range(agents["replicas"])])
        dialled = agents["template"]["spec"]["containers"][0]["args"][0]
        host = dialled.removeprefix("--controller=").rsplit(":", 1)[0]
        controller = named(objects, "Secret/drumline-controller-tls")["metadata"]["annotations"]
        self.assertIn(host, controller["drumline/names"].split(","))


@unittest.skipUnless(CONTROLLER.exists(), "the controller is not built (bazel build //controller)")
class Scenarios(unittest.TestCase):
    def test_are_right_in_the_scenario_language(self):
        for case in CASES:
            for one in render(case):
                if one["kind"] != "ConfigMap" or not one["metadata"]["name"].endswith("-scenarios"):
                    continue
                with tempfile.TemporaryDirectory() as scratch:
                    self.validate(pathlib.Path(scratch), one["data"])

    def validate(self, directory, files):
        for name, text in files.items():
            (directory / name).write_text(text, encoding="utf-8")
        for path in directory.glob("*.yaml"):
            done = subprocess.run([CONTROLLER, "validate", path], capture_output=True, text=True,
                                  timeout=60, check=False)
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)


if __name__ == "__main__":
    unittest.main()
