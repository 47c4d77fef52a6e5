"""The agent's own work for a request, in instructions, stays within a bound.

Time on a shared machine says little; callgrind counts the same binary's instructions the same way
each time. The cost of a request is the difference between a long run and a short one, divided by
the requests between them, so that what happens once drops out. What depends on time (the hiccup
meter's beats, the second's interval) is left out: a simulated processor is slow, and the slower the
busier the machine is, so that there would be more of it each time.

The bound is what was counted when it was set, and a tenth. If a change goes beyond it for a good
reason, raise it and say why in the commit; docs/performance.md has the figure too.
"""

import os
import re
import shutil
import subprocess
import tempfile
import unittest

FEW, MANY = 5_000, 25_000
BOUND = 950
LEFT_OUT = ["drumline::Recorder::Close*", "void drumline::HiccupMeter::Count*"]


def count(requests):
    binary = os.path.join(os.environ["TEST_SRCDIR"], "drumline/tests/hot_path/hot_path")
    with tempfile.TemporaryDirectory() as directory:
        ran = subprocess.run(
            ["valgrind", "--tool=callgrind", f"--callgrind-out-file={directory}/out",
             *(f"--toggle-collect={function}" for function in LEFT_OUT), "--collect-atstart=yes",
             binary, str(requests)],
            capture_output=True, text=True, check=True)
    assert f"{requests} answered" in ran.stdout, ran.stdout
    return int(re.search(r"Collected : (\d+)", ran.stderr).group(1))


@unittest.skipUnless(shutil.which("valgrind"), "valgrind is not installed (see setup.sh)")
class InstructionsTest(unittest.TestCase):
    def test_of_a_request(self):
        each = (count(MANY) - count(FEW)) / (MANY - FEW)
        print(f"{each:.0f} instructions a request; the bound is {BOUND}")
        self.assertLessEqual(each, BOUND)
        self.assertGreater(each, 100, "nothing was counted")


if __name__ == "__main__":
    unittest.main()
