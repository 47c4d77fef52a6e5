"""Terraform's modules and examples: formatted, valid, right, and their mistakes are found.

What is checked against is the schema of the real AWS provider (aws_schema.py), served by a provider
that has nothing else (stub_provider.py). Nothing is made anywhere and nothing goes over a network.
What that cannot show: whether AWS takes the values (aws_values_test.py asks its models); nobody has
tried these modules on AWS.
"""

import json
import re
import shutil
import subprocess
import unittest

import yaml

import terraform_case
from terraform_case import TREE

MODULES = sorted(p.name for p in (TREE / "deploy/terraform/modules").iterdir())
EXAMPLES = sorted(p.name for p in (TREE / "deploy/terraform/examples").iterdir())
CONTROLLER = TREE / "bazel-bin/controller/controller"

# Each is one edit of one file, and the directory in which it must be noticed.
MISTAKES = {
    "a typing error in a nested block": (
        "modules/host/main.tf", "http_tokens  ", "http_token   ", "modules/host"),
    "a required argument left out": (
        "modules/network/main.tf", '  strategy = "cluster"\n', "", "modules/network"),
    "a resource that there is not": (
        "modules/network/main.tf", '"aws_route" "out"', '"aws_rout" "out"', "modules/network"),
    "a port open to the world": (
        "modules/network/main.tf",
        'referenced_security_group_id = aws_security_group.this[each.value.from].id',
        'cidr_ipv4 = "0.0.0.0/0"', "modules/network"),
    "the old metadata service": (
        "modules/host/main.tf", '"required"', '"optional"', "modules/host"),
    "hosts that stop and go on costing": (
        "modules/host/main.tf", 'behavior = "terminate"', 'behavior = "stop"', "modules/host"),
    "two hosts with one address": (
        "modules/fleet/main.tf", "101 + i", "10 + i", "modules/fleet"),
    "an observer that nobody terminates": (
        "modules/fleet/guard.tf",
        "[for observer in module.observability : observer.instance_ids],", "", "modules/fleet"),
}


class TerraformTest(terraform_case.TerraformCase):

    def test_formatted(self):
        self.assert_terraform(TREE / "deploy/terraform", "fmt", "-check", "-recursive", "-diff")

    def test_each_variable_is_used_and_explained(self):
        for directory in [*(self.root / "modules").iterdir(), *(self.root / "examples").iterdir()]:
            text = "".join(path.read_text() for path in directory.glob("*.tf"))
            for kind, name, body in re.findall(
                    r'(?ms)^(variable|output) "(\w+)" \{\n(.*?)^\}', text):
                with self.subTest(f"{directory.name}: {kind} {name}"):
                    self.assertRegex(body, r'description = "\S.*\."|description = "terraform ')
                    if kind == "variable":
                        used = text.replace(body, "")
                        self.assertRegex(used, rf"\bvar\.{name}\b")

    def test_each_module(self):
        for name in MODULES:
            with self.subTest(name):
                directory = self.root / "modules" / name
                self.initialise(directory)
                self.assert_terraform(directory, "validate", "-no-color")
                self.assertRegex(self.assert_terraform(directory, "test", "-no-color"),
                                 r"Success! [1-9]\d* passed, 0 failed")

    def test_each_example(self):
        for name in EXAMPLES:
            with self.subTest(name):
                directory = self.root / "examples" / name
                self.initialise(directory)
                self.assert_terraform(directory, "validate", "-no-color")
                outputs = {name: output["value"]
                           for name, output in self.state_of(directory)["outputs"].items()}
                for host, text in outputs["user_data"].items():
                    self.check_first_boot(f"{name}/{host}", text)
                self.check_environment(name, outputs["environment_yaml"])

    def check_environment(self, name, text):
        self.assertEqual(yaml.safe_load(text)["name"], name)
        if not CONTROLLER.exists():
            self.skipTest("the controller is not built: environment_yaml was not loaded by it")
        path = self.scratch / f"{name}.yaml"
        path.write_text(text)
        run = subprocess.run([CONTROLLER, "environment", path, "--json"], stdout=subprocess.PIPE,
                             stderr=subprocess.PIPE, text=True, check=False)
        self.assertEqual(run.returncode, 0, run.stderr)
        self.assertEqual(set(json.loads(run.stdout)["hosts"]), set(yaml.safe_load(text)["hosts"]))

    def check_first_boot(self, host, text):
        self.assertLess(len(text.encode()), 16384, f"{host}: more than EC2 takes as user data")
        config = yaml.safe_load(text)
        path = self.scratch / "user-data.yaml"
        path.write_text(text)
        if shutil.which("cloud-init"):
            run = subprocess.run(["cloud-init", "schema", "--config-file", path],
                                 capture_output=True, text=True, check=False)
            self.assertEqual(run.returncode, 0, f"{host}: {run.stdout}{run.stderr}")
            self.assertNotIn("Invalid", run.stdout + run.stderr, host)
        for item in config["write_files"]:
            if item["content"].startswith("#!"):
                run = subprocess.run(["shellcheck", "-"], input=item["content"],
                                     capture_output=True, text=True, check=False)
                self.assertEqual(run.returncode, 0, f"{host}: {run.stdout}")

    def test_mistakes_are_found(self):
        for mistake, (file, right, wrong, where) in MISTAKES.items():
            with self.subTest(mistake):
                tree = self.scratch / "mistaken"
                shutil.copytree(TREE / "deploy", tree)
                self.addCleanup(shutil.rmtree, tree, ignore_errors=True)
                path = tree / "terraform" / file
                text = path.read_text()
                self.assertIn(right, text, "the mistake can no longer be made: renew it")
                path.write_text(text.replace(right, wrong))
                directory = tree / "terraform" / where
                self.initialise(directory)
                valid = self.terraform(directory, "validate", "-no-color").returncode == 0
                right = valid and self.terraform(directory, "test", "-no-color").returncode == 0
                self.assertFalse(right, "nobody noticed")
                shutil.rmtree(tree)


if __name__ == "__main__":
    unittest.main(verbosity=2)
