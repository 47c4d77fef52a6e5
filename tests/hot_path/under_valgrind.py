"""Runs hot_path under a tool of valgrind, and says what a request adds to the tool's count.

    each = of_a_request(["--tool=callgrind"], r"Collected : (\d+)")

The cost of a request is the difference between a long run and a short one, divided by the requests
between them, so that what happens once drops out.
"""

import os
import re
import shutil
import subprocess
import tempfile

FEW, MANY = 5_000, 25_000
MISSING = None if shutil.which("valgrind") else "valgrind is not installed (see setup.sh)"


def _count(tool, pattern, requests, connections):
    binary = os.path.join(os.environ["TEST_SRCDIR"], "drumline/tests/hot_path/hot_path")
    with tempfile.TemporaryDirectory() as directory:
        ran = subprocess.run(
            ["valgrind", *(word.format(directory=directory) for word in tool), binary,
             str(requests), str(connections)],
            capture_output=True, text=True, check=True)
    assert f"{requests} answered" in ran.stdout, ran.stdout
    return int(re.search(pattern, ran.stderr).group(1).replace(",", ""))


def of_a_request(tool, pattern, connections):
    """[tool] is valgrind's arguments, in which {directory} is one that is soon gone; [pattern]
    finds the count in what it prints."""
    few, many = (_count(tool, pattern, requests, connections) for requests in (FEW, MANY))
    return (many - few) / (MANY - FEW)
