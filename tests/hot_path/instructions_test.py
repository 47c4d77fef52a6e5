"""The agent's own work for a request, in instructions, stays within a bound.

Time on a shared machine says little; callgrind counts the same binary's instructions the same way
each time. What depends on time (the hiccup meter's beats, the second's interval) is left out: a
simulated processor is slow, and the slower the busier the machine is, so that there would be more
of it each time.

The bound is what was counted when it was set, and a tenth. If a change goes beyond it for a good
reason, raise it and say why in the commit; docs/performance.md has the figure too.
"""

import unittest

import under_valgrind

CONNECTIONS = 64
BOUND = 950
LEFT_OUT = ["drumline::Recorder::Close*", "void drumline::HiccupMeter::Count*"]


@unittest.skipIf(under_valgrind.MISSING, under_valgrind.MISSING)
class InstructionsTest(unittest.TestCase):
    def test_of_a_request(self):
        each = under_valgrind.of_a_request(
            ["--tool=callgrind", "--callgrind-out-file={directory}/out",
             *(f"--toggle-collect={function}" for function in LEFT_OUT), "--collect-atstart=yes"],
            r"Collected : (\d+)", CONNECTIONS)
        print(f"{each:.0f} instructions a request; the bound is {BOUND}")
        self.assertLessEqual(each, BOUND)
        self.assertGreater(each, 100, "nothing was counted")


if __name__ == "__main__":
    unittest.main()
