"""The live screen in a real terminal: tmux draws it, resizes it and sends Ctrl-C. Skipped where
tmux is not installed."""

import json
import os
import re
import shlex
import shutil
import subprocess
import tempfile
import unittest

from campaigns import CampaignTest, scenario
from programs import PATHS, ROOT, wait_until

COLUMNS, ROWS = 80, 24


@unittest.skipIf(shutil.which("tmux") is None, "needs tmux")
class TerminalTest(CampaignTest):

    def setUp(self):
        super().setUp()
        # A socket's path is short, and Bazel's directories are not.
        place = tempfile.mkdtemp(dir="/tmp")
        self.addCleanup(shutil.rmtree, place, ignore_errors=True)
        self.socket = os.path.join(place, "tmux")
        self.addCleanup(self.tmux, "kill-server", check=False)

    def tmux(self, *arguments, check=True):
        environment = {**os.environ, "LC_ALL": "C.UTF-8", "TERM": "xterm-256color"}
        ended = subprocess.run(["tmux", "-f", "/dev/null", "-S", self.socket, *arguments],
                               capture_output=True, text=True, check=False, env=environment)
        if check:
            self.assertEqual(ended.returncode, 0, ended.stderr)
        return ended.stdout

    def start_on_a_terminal(self, environment="", **changes):
        """The controller in a window. The shell behind it, which Ctrl-C does not end, tells its
        exit code and stays."""
        path = os.path.join(self.directory, "scenario.yaml")
        with open(path, "w", encoding="utf-8") as file:
            json.dump(scenario(name="screen-test", measure="1h", **changes), file)
        controller = os.path.join(ROOT, PATHS["controller"])
        command = (f"trap : INT; cd {shlex.quote(os.getcwd())}; "
                   f"{environment} {shlex.quote(controller)} {shlex.quote(path)} "
                   f"--results {shlex.quote(self.results)}; "
                   "echo exit code $?; exec cat")
        self.tmux("new-session", "-d", "-x", str(COLUMNS), "-y", str(ROWS), "sh", "-c", command)

    def screen(self, *flags):
        return self.tmux("capture-pane", "-p", *flags)

    def wait_for(self, pattern):
        def seen():
            return re.search(pattern, self.screen())
        try:
            wait_until(seen, pattern)
        except AssertionError:
            self.fail(f"`{pattern}` never came:\n{self.screen()}")
        return self.screen()

    def alternate(self):
        return self.tmux("display-message", "-p", "#{alternate_on} #{cursor_flag}").split()

    def test_the_screen_is_drawn_resized_and_left(self):
        self.start_on_a_terminal()
        screen = self.wait_for(r"p99\.9 +[0-9.]+ [nµm]?s +.*[▁▂▃▄▅▆▇█]")
        self.assertEqual(self.alternate(), ["1", "0"], "alternate screen, no cursor")
        for text in (r"^ screen-test", r"^ measure +[━─]+ +[\d:]+ left$",
                     r"offered [\d,]+/s", r"sent \S+/s", r"achieved \S+/s", r"outcomes +ok [\d,]+",
                     r"^ target CPU +[\d.]+ cores", r"^ target RSS +[\d.]+ MiB",
                     r"^ agent-1 +\S+/s +[\d.]+ +\d+ % +\S+ \S+ +\d+$", r"^ agent-2 ", r"Ctrl-C"):
            self.assertRegex(screen, re.compile(text, re.MULTILINE))
        # Wider: lines reach further. Lower: it still fits, with its first and last lines.
        self.tmux("resize-window", "-x", "110", "-y", str(ROWS))
        self.wait_for(r"measure +[━─]{80,}")
        self.tmux("resize-window", "-x", "60", "-y", "12")
        self.wait_for(r"measure +[━─]{20,40} ")
        screen = self.wait_for(r"(?s)^ screen-test.*offered.*Ctrl-C")
        self.assertLessEqual(len(screen.rstrip("\n").split("\n")), 12)
        self.tmux("resize-window", "-x", str(COLUMNS), "-y", str(ROWS))
        self.wait_for(r"measure +[━─]{50,}")
        self.tmux("send-keys", "C-c")
        self.wait_for(r"exit code 4")
        self.assertEqual(self.alternate(), ["0", "1"], "the terminal is as it was")
        history = self.screen("-S", "-200")
        self.assertIn("stopped by the user: ending the load", history)
        self.assertIn("bundle: ", history)
        self.assertIn("INCONCLUSIVE", history)
        self.assertEqual(self.the_run()["verdict"]["validity"], "INCONCLUSIVE")

    def test_it_has_colours(self):
        self.start_on_a_terminal()
        self.wait_for(r"outcomes +ok")
        self.assertIn("\x1b[", self.screen("-e"))

    def test_no_colours_where_they_are_not_wanted(self):
        self.start_on_a_terminal(environment="NO_COLOR=1")
        self.wait_for(r"outcomes +ok")
        self.assertNotIn("\x1b[", self.screen("-e"))

    def test_a_terminal_that_can_do_little_gets_one_line(self):
        self.start_on_a_terminal(environment="TERM=dumb")
        self.wait_for(r"measure .*[1-9]\S* of \S+/s")
        self.assertEqual(self.alternate()[0], "0")

    def test_a_second_ctrl_c_leaves_the_terminal_as_it_was(self):
        self.start_on_a_terminal()
        self.wait_for(r"outcomes +ok")
        self.tmux("send-keys", "C-c", "C-c")
        self.wait_for(r"exit code 4")
        self.assertEqual(self.alternate(), ["0", "1"])


if __name__ == "__main__":
    unittest.main()
