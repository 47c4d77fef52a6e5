"""The units: nothing that systemd does not know, and no more exposed than a bound allows.

systemd is not started: what is read is what systemd-analyze says of the files.
"""

import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

UNITS = pathlib.Path("deploy/systemd/units")
TUNING = pathlib.Path("deploy/tuning")
# systemd-analyze's own scale, of 0 (nothing is exposed) to 10. The units stand at about 1.5.
MOST_EXPOSED = 2.0
SERVICES = ("echo", "echo-dom", "api", "items", "users", "oracle")
INSTANCES = {"drumline-agent.service": ["drumline-agent.service"],
             "drumline-controller@.service": ["drumline-controller@echo-100k.service"],
             "drumline-target@.service": [f"drumline-target@{name}.service" for name in SERVICES]}


class UnitsTest(unittest.TestCase):

    def setUp(self):
        self.root = pathlib.Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.root)
        self.units = self.root / "lib/systemd/system"
        # systemd's own targets, and programs where the packages put ours.
        shutil.copytree("/lib/systemd/system", self.units, symlinks=True)
        for unit in UNITS.iterdir():
            shutil.copy(unit, self.units)
        for program in ("usr/bin/drumline-agent", "usr/bin/drumline-controller",
                        *(f"usr/lib/drumline/{name}" for name in SERVICES)):
            path = self.root / program
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch(mode=0o755)

    def verify(self, unit):
        run = subprocess.run(
            ["systemd-analyze", "verify", "--man=no", f"--root={self.root}", unit],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
        # It says of a wrong line what is wrong and exits with 0.
        return "\n".join(line for line in run.stdout.splitlines() if "drumline" in line)

    def test_each_unit_is_known(self):
        self.assertEqual({path.name for path in UNITS.iterdir()}, set(INSTANCES))
        for instances in INSTANCES.values():
            for unit in instances:
                with self.subTest(unit):
                    self.assertEqual(self.verify(unit), "")

    def test_mistakes_are_found(self):
        agent = self.units / "drumline-agent.service"
        text = agent.read_text()
        for right, wrong in (("NoNewPrivileges=", "NoNewPrivilege="), ("Type=notify", "Type=notfy"),
                             ("/usr/bin/drumline-agent", "/usr/bin/drumline-agnet"),
                             ("LimitNOFILE=1048576", "LimitNOFILE=many")):
            with self.subTest(wrong):
                self.assertIn(right, text)
                agent.write_text(text.replace(right, wrong))
                self.assertNotEqual(self.verify("drumline-agent.service"), "")

    def exposure(self, unit):
        run = subprocess.run(
            ["systemd-analyze", "security", "--offline=true", f"--root={self.root}", "--no-pager",
             unit], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
        found = re.search(r"Overall exposure level for \S+: ([\d.]+)", run.stdout)
        self.assertIsNotNone(found, run.stdout)
        return float(found.group(1))

    def test_exposure_has_a_bound(self):
        for instances in INSTANCES.values():
            with self.subTest(instances[0]):
                self.assertLessEqual(self.exposure(instances[0]), MOST_EXPOSED)

    def test_a_unit_without_its_sandbox_is_beyond_the_bound(self):
        agent = self.units / "drumline-agent.service"
        agent.write_text(re.sub(r"(?m)^(Protect|Private|Restrict|Capability|SystemCall).*\n", "",
                                agent.read_text()))
        self.assertGreater(self.exposure("drumline-agent.service"), MOST_EXPOSED)

    def test_each_unit_has_what_its_work_needs(self):
        for unit in UNITS.iterdir():
            text = unit.read_text()
            with self.subTest(unit.name):
                self.assertIn("\nType=notify\n", text)
                self.assertRegex(text, r"\nLimitNOFILE=\d+\n")
                self.assertIn("\nUser=drumline\n", text)
                if "target" not in unit.name:
                    self.assertEqual(text.count("\nLoadCredential="), 3)

    def test_the_tuning_is_of_settings_that_the_kernel_has(self):
        for path in TUNING.glob("*.conf"):
            for line in path.read_text().splitlines():
                if not line or line.startswith("#"):
                    continue
                name = line.split("=")[0].strip()
                with self.subTest(name):
                    self.assertTrue(pathlib.Path("/proc/sys", name.replace(".", "/")).exists())


if __name__ == "__main__":
    unittest.main(verbosity=2)
