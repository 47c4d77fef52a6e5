"""Every module and example obeys all of Terraform's own rules that tflint has."""

import pathlib
import shutil
import subprocess
import tempfile
import unittest

TERRAFORM = pathlib.Path.cwd() / "deploy/terraform"
UNUSED = '\nvariable "nobody_asks" {\n  description = "Nothing."\n  type        = string\n}\n'


def tflint(root):
    return subprocess.run(
        ["tflint", "--recursive", "--no-color", f"--config={TERRAFORM / '.tflint.hcl'}"], cwd=root,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)


class TflintTest(unittest.TestCase):

    def test_nothing_is_found(self):
        run = tflint(TERRAFORM)
        self.assertEqual((run.returncode, run.stdout), (0, ""))

    def test_a_mistake_in_any_directory_is_found(self):
        scratch = pathlib.Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, scratch)
        shutil.copytree(TERRAFORM, scratch / "terraform")
        files = sorted((scratch / "terraform").glob("*/*/variables.tf"))
        self.assertGreaterEqual(len(files), 10)
        for path in files:
            path.write_text(path.read_text() + UNUSED)
        run = tflint(scratch / "terraform")
        self.assertNotEqual(run.returncode, 0)
        for path in files:
            where = path.relative_to(scratch / "terraform")
            self.assertIn(f"on {where} line", run.stdout)


if __name__ == "__main__":
    unittest.main(verbosity=2)
