"""The Debian packages: made twice alike, clean for lintian, and with what they promise in them.

They are not installed here: that takes a machine with systemd.
"""

import gzip
import hashlib
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

BIN = os.environ.get("DRUMLINE_BIN", "bazel-bin")
BUILD = "deploy/systemd/build-packages"
# The project has no mail host.
NOT_FOR_US = ("bogus-mail-host", "bogus-mail-host-in-debian-changelog")
PROMISED = {
    "drumline-agent": ("/usr/bin/drumline-agent", "/lib/systemd/system/drumline-agent.service",
                       "/usr/share/man/man8/drumline-agent.8.gz"),
    "drumline-controller": ("/usr/bin/drumline-controller",
                            "/lib/systemd/system/drumline-controller@.service",
                            "/usr/share/man/man1/drumline-controller.1.gz"),
    "drumline-targets": ("/usr/lib/drumline/echo", "/usr/lib/drumline/users",
                         "/lib/systemd/system/drumline-target@.service",
                         "/usr/share/man/man8/drumline-target.8.gz"),
}


def build(out):
    subprocess.run([BUILD, "--bin", BIN, "--out", out], check=True, stdout=subprocess.DEVNULL)
    return sorted(pathlib.Path(out).glob("*.deb"))


class PackagesTest(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        cls.scratch = pathlib.Path(tempfile.mkdtemp())
        cls.addClassCleanup(shutil.rmtree, cls.scratch)
        cls.packages = build(cls.scratch / "one")

    def test_each_is_there_with_what_it_promises(self):
        self.assertEqual({path.name.split("_")[0] for path in self.packages}, set(PROMISED))
        for path in self.packages:
            out = subprocess.run(["dpkg-deb", "--contents", path], check=True, text=True,
                                 stdout=subprocess.PIPE).stdout
            files = {line.split()[5].removeprefix(".") for line in out.splitlines()}
            name = path.name.split("_")[0]
            for file in (*PROMISED[name], f"/usr/lib/sysusers.d/{name}.conf"):
                self.assertIn(file, files)

    def test_manual_pages_say_what_the_programs_say(self):
        programs = {"drumline-agent": "agent/agent", "drumline-controller": "controller/controller",
                    "drumline-targets": "target-services/echo/echo"}
        for path in self.packages:
            name = path.name.split("_")[0]
            root = self.scratch / name
            subprocess.run(["dpkg-deb", "--extract", path, root], check=True)
            [page] = [file for file in PROMISED[name] if "/man/" in file]
            text = gzip.decompress((root / page[1:]).read_bytes()).decode().replace("\\-", "-")
            self.assertNotIn("@HELP@", text)
            said = subprocess.run([pathlib.Path(BIN, programs[name]), "--help"], check=True,
                                  text=True, stdout=subprocess.PIPE).stdout
            # A command or an option stands two blanks from the edge; an exit code in the page is a
            # paragraph of its own.
            words = [line.split()[0] for line in said.splitlines()
                     if line.startswith("  ") and line[2] != " "]
            self.assertGreater(len(words), 3)
            for word in words:
                self.assertIn(f"\n.TP\n{word}\n" if word.isdigit() else f"\n  {word} ", text)

    def test_lintian_finds_nothing(self):
        run = subprocess.run(
            ["lintian", "--allow-root", "--fail-on", "error,warning", "--suppress-tags",
             ",".join(NOT_FOR_US), *self.packages],
            text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
        self.assertEqual(run.returncode, 0, run.stdout)
        self.assertEqual(run.stdout.strip(), "")

    def test_the_same_input_makes_the_same_bytes(self):
        again = build(self.scratch / "two")
        digest = lambda path: hashlib.sha256(path.read_bytes()).hexdigest()
        self.assertEqual([digest(p) for p in again], [digest(p) for p in self.packages])


if __name__ == "__main__":
    if not all(pathlib.Path(BIN, p).exists()
               for p in ("agent/agent", "controller/controller", "target-services/echo/echo")):
        print("skipped: the programs are not built (bazel build //...)")
        sys.exit(77)
    unittest.main(verbosity=2)
