"""The cache lines of its own that the agent touches for a request stay within a bound.

With many connections each is cold again when its turn comes: between two requests of one the kernel
has gone through megabytes. What a request then costs beyond its instructions are the lines that it
has to fetch. cachegrind simulates a first-level cache of 32 KiB, which does not hold what 256
connections own: that is what misses it.

The bound is what was counted when it was set, and a quarter. If a change goes beyond it, see
whether what it touches can stand beside what is touched anyhow (agent/connection.h,
agent/http/response_parser.h); docs/performance.md has the figure too.
"""

import unittest

import under_valgrind

CONNECTIONS = 256
BOUND = 4.7


@unittest.skipIf(under_valgrind.MISSING, under_valgrind.MISSING)
class CacheLinesTest(unittest.TestCase):
    def test_of_a_request(self):
        # Sizes, ways and line, whatever processor this is.
        each = under_valgrind.of_a_request(
            ["--tool=cachegrind", "--cache-sim=yes", "--cachegrind-out-file={directory}/out",
             "--I1=32768,8,64", "--D1=32768,8,64", "--LL=524288,8,64"],
            r"D1  misses: +([\d,]+)", CONNECTIONS)
        print(f"{each:.1f} cache lines a request; the bound is {BOUND}")
        self.assertLessEqual(each, BOUND)
        self.assertGreater(each, 1, "nothing was counted")


if __name__ == "__main__":
    unittest.main()
