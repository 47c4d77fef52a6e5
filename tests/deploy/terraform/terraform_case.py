"""A copy of deploy/, and Terraform in it with a provider that has AWS's schema and nothing else."""

import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

import aws_schema
import stub_provider

TREE = pathlib.Path.cwd()
BLOCK = re.compile(r'^(resource|data) "(aws_\w+)"', re.M)


class TerraformCase(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        cls.scratch = pathlib.Path(tempfile.mkdtemp())
        cls.addClassCleanup(shutil.rmtree, cls.scratch)
        shutil.copytree(TREE / "deploy", cls.scratch / "deploy")
        cls.root = cls.scratch / "deploy/terraform"
        names = set()
        for path in cls.root.rglob("*.tf"):
            names |= {("data." if kind == "data" else "") + name
                      for kind, name in BLOCK.findall(path.read_text())}
        schema = cls.scratch / "schema.json"
        schema.write_text(json.dumps(aws_schema.read_schemas(os.environ["AWS_SCHEMA"],
                                                             sorted(names))))
        socket = str(cls.scratch / "provider.socket")
        provider = subprocess.Popen([sys.executable, stub_provider.__file__, schema, socket],
                                    stdout=subprocess.PIPE, text=True)
        cls.addClassCleanup(provider.stdout.close)
        cls.addClassCleanup(provider.wait)
        cls.addClassCleanup(provider.kill)
        assert provider.stdout.readline() == "serving\n"
        cls.environment = {
            **os.environ, "CHECKPOINT_DISABLE": "1", "TF_CLI_CONFIG_FILE": "/dev/null",
            "TF_IN_AUTOMATION": "1",
            "TF_REATTACH_PROVIDERS": stub_provider.reattach(provider.pid, socket)}

    def terraform(self, directory, *arguments):
        return subprocess.run(["terraform", *arguments], cwd=directory, env=self.environment,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              check=False)

    def assert_terraform(self, directory, *arguments):
        run = self.terraform(directory, *arguments)
        self.assertEqual(run.returncode, 0, f"{directory}: {' '.join(arguments)}\n{run.stdout}")
        return run.stdout

    def initialise(self, directory):
        self.assert_terraform(directory, "init", "-backend=false", "-input=false", "-no-color")

    def state_of(self, directory, *arguments):
        """The state that the example's own test ends with."""
        out = self.assert_terraform(directory, "test", "-json", "-verbose", *arguments)
        states = [json.loads(line)["test_state"] for line in out.splitlines()
                  if '"test_state"' in line]
        self.assertEqual(len(states), 1, out)
        return states[0]
