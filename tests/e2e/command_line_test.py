"""What is wrong is refused with its position and exit code, and nothing is started for it."""

import os
import re
import shutil
import subprocess
import unittest

from campaigns import CampaignTest, agents, scenario
from programs import Program

# Where the tests run; the fault list names files of this directory.
MALFORMED = os.path.abspath("tests/malformed")
LEAST_MALFORMED = 45
# Columns and lines.
SCREEN = (80, 24)
COMMANDS = ("run", "validate", "plan", "report", "compare", "aa", "init", "export", "completion")


def expected_positions():
    """{file: [LINE:COLUMN, …]} of tests/malformed/expectations.txt."""
    positions = {}
    with open(os.path.join(MALFORMED, "expectations.txt"), encoding="utf-8") as file:
        for line in file:
            if " | " in line and not line.startswith("#"):
                name, position = line.split(" | ")[:2]
                positions.setdefault(name, []).append(position)
    return positions


class MalformedScenarioTest(CampaignTest):

    def test_each_is_refused_where_it_is_wrong(self):
        expected = expected_positions()
        files = {name for name in os.listdir(MALFORMED) if name.endswith(".yaml")}
        self.assertGreater(len(files), LEAST_MALFORMED)
        self.assertEqual(files, expected.keys())
        for name in sorted(files):
            with self.subTest(name):
                path = os.path.join(MALFORMED, name)
                ended = self.controller(2, path, "--results", self.results)
                found = re.findall(rf"^{re.escape(path)}:(\d+:\d+): ", ended.stderr(), re.MULTILINE)
                self.assertEqual(found, expected[name], ended.stderr())
                self.assertRegex(ended.stderr(),
                                 rf"{len(found)} faults? in .*; nothing was started\n$")
                self.assertEqual(ended.stdout(), "")
                # A bundle comes before the first child: without one, nothing was started.
                self.assertFalse(os.path.exists(self.results))

    def test_validate_and_plan_refuse_the_same(self):
        path = os.path.join(MALFORMED, "many_faults_at_once.yaml")
        run = self.controller(2, path)
        for command in ("validate", "plan"):
            ended = self.controller(2, command, path)
            self.assertEqual(ended.stderr(), run.stderr())


class CommandTest(CampaignTest):

    def controller_here(self, exit_code, *arguments):
        """From the test's own directory, where a bundle would appear."""
        return self.controller(exit_code, *arguments, cwd=self.directory)

    def assert_nothing_started(self):
        self.assertEqual(os.listdir(self.directory), ["scenario.yaml"])

    def test_validate_says_that_there_is_no_fault(self):
        path = self.write_scenario(scenario(repeats=3))
        ended = self.controller_here(0, "validate", path)
        self.assertIn("no faults; 3 runs planned", ended.stdout())
        self.assert_nothing_started()

    def test_the_shipped_scenarios_are_valid(self):
        names = [name for name in os.listdir("configs") if name.endswith(".yaml")]
        self.assertIn("quickstart.yaml", names)
        for name in names:
            self.controller(0, "validate", os.path.join("configs", name))

    def test_plan_names_what_each_agent_sends(self):
        path = self.write_scenario(
            scenario(load={"rate": "900/s", "connections": 9}, measure="2s", warmup="1s",
                     agents=agents(3)))
        ended = self.controller_here(0, "plan", path)
        for agent in (1, 2, 3):
            self.assertRegex(ended.stdout(),
                             rf"agent {agent} +3 connections, 900 requests, up to 300/s")
        self.assertIn("nothing was sent", ended.stdout())
        self.assert_nothing_started()

    def test_help_of_each_command(self):
        overview = self.controller(0, "--help").stdout()
        self.assertEqual(self.controller(0, "help").stdout(), overview)
        for command in COMMANDS:
            self.assertRegex(overview, rf"\n  {command} ")
            text = self.controller(0, command, "--help").stdout()
            self.assertRegex(text, rf"^Usage: controller \[?{command}\]? ")
            self.assertEqual(self.controller(0, "help", command).stdout(), text)
        for code in range(6):
            self.assertIn(f" {code} ", overview.split("Exit codes:")[1])

    def test_wrong_command_lines(self):
        path = self.write_scenario(scenario())
        wrong = {
            (): "no SCENARIO was given",
            ("run",): "no SCENARIO was given",
            ("report",): "no BUNDLE was given",
            ("run", path, path): "was given too",
            ("run", path, "--reslts", "x"): "reslts",
            ("run", path, "--results"): "results",
            ("run", path, "--results", "x", "--results", "y"): "results",
            ("validate", path, "--results", "x"): "belongs to `run`, `plan`, `aa`, ",
            ("frobnicate", path): "was given too",
            ("no/such/scenario.yaml",): "no/such/scenario.yaml",
            ("validate", self.directory): self.directory,
            ("report", "no/such/bundle"): "no/such/bundle",
            ("report", path): path,
            ("help", "frobnicate"): "frobnicate",
        }
        for arguments, message in wrong.items():
            with self.subTest(arguments):
                ended = self.controller_here(2, *arguments)
                self.assertIn(message, ended.stderr())
                self.assertEqual(ended.stdout(), "")
                self.assert_nothing_started()

    def test_a_results_directory_that_cannot_be_written(self):
        path = self.write_scenario(scenario())
        # A file where a directory should be stops even the superuser.
        for results in (path, os.path.join(path, "results"), "/proc/results"):
            with self.subTest(results):
                ended = self.controller_here(5, "run", path, "--results", results)
                self.assertRegex(ended.stderr(), rf"^controller: cannot .*{re.escape(results)}")
                self.assert_nothing_started()


class StartTest(CampaignTest):

    def test_init_writes_a_scenario_that_is_right_and_overwrites_nothing(self):
        self.controller(0, "init", cwd=self.directory)
        path = os.path.join(self.directory, "scenario.yaml")
        self.assertIn("no faults", self.controller(0, "validate", path).stdout())
        with open(path, "a", encoding="utf-8") as file:
            file.write("# mine\n")
        self.assertIn("is there already", self.controller(2, "init", path).stderr())
        with open(path, encoding="utf-8") as file:
            self.assertTrue(file.read().endswith("# mine\n"))

    def offered(self, shell, line):
        """What [shell] offers for the last word of [line], in a directory of its own."""
        if shutil.which(shell) is None:
            self.skipTest(f"needs {shell}")
        os.makedirs(os.path.join(self.directory, "bundles"), exist_ok=True)
        with open(os.path.join(self.directory, "a.yaml"), "w", encoding="utf-8"):
            pass
        script = self.controller(0, "completion", shell).stdout()
        ask = {
            "bash": 'COMP_WORDS=({0}); COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1))\n'
                    '_drumline_controller; printf "%s\\n" "${{COMPREPLY[@]}}"',
            # Outside of a completion its words are offered by nobody: they are printed instead.
            "zsh": 'words=({0}); CURRENT=${{#words}}; _drumline_controller',
            "fish": 'complete -C "{1}"',
        }[shell].format(line.replace("_", "''"), line.replace("_", ""))
        if shell == "zsh":
            script = ('compdef() { : }; compadd() { print -l -- ${@:2} }\n'
                      '_files() { [[ $1 = -/ ]] && ls -d */ || ls }\n' + script)
        ended = subprocess.run([shell, "-c", script + ask], cwd=self.directory, text=True,
                               capture_output=True, check=False)
        self.assertEqual(ended.stderr, "")
        return {line.split("\t")[0].rstrip("/") for line in ended.stdout.splitlines()}

    def assert_completes(self, shell):
        """An underscore stands for an empty word."""
        self.assertIn("report", self.offered(shell, "controller re"))
        self.assertIn("a.yaml", self.offered(shell, "controller validate _"))
        self.assertIn("--results", self.offered(shell, "controller run --"))
        self.assertNotIn("--results", self.offered(shell, "controller validate --"))
        self.assertNotIn("a.yaml", self.offered(shell, "controller run --results _"))
        self.assertIn("bundles", self.offered(shell, "controller run --results _"))
        self.assertIn("fish", self.offered(shell, "controller completion _"))

    def test_completion_of_bash(self):
        self.assert_completes("bash")

    def test_completion_of_zsh(self):
        self.assert_completes("zsh")

    def test_completion_of_fish(self):
        self.assert_completes("fish")


class OtherProgramsTest(CampaignTest):

    def run_program(self, exit_code, *arguments):
        return self.expect_end(Program(self, *arguments), exit_code)

    def test_help_fits_a_screen(self):
        flags = {"agent": "--controller", "api": "--work-time", "echo": "--port",
                 "echo-dom": "--threads", "items": "--host", "oracle": "--delay",
                 "users": "--database-url"}
        for program, flag in flags.items():
            text = self.run_program(0, program, "--help").stdout()
            self.assertIn(flag, text)
            lines = text.split("\n")
            # The text ends in a line feed: the last line is the prompt's.
            self.assertLessEqual(len(lines), SCREEN[1], text)
            self.assertLessEqual(max(map(len, lines)), SCREEN[0], text)

    def test_wrong_flags(self):
        wrong = {
            ("agent",): "--controller",
            ("agent", "--controller", "nonsense"): "nonsense",
            ("agent", "--controller", "127.0.0.1:0"): "127.0.0.1:0",
            ("agent", "--controller", "10.0.0.1:7070"): "not a loopback address",
            ("agent", "--controller", "127.0.0.1:7070", "--allow", "10.0.0.0/40"): "--allow",
            ("agent", "--controller", "127.0.0.1:7070", "extra"): "positional",
            ("agent", "--nosuch"): "nosuch",
            ("echo", "--port", "65536"): "--port",
            ("echo", "--port", "x"): "port",
            ("echo", "--threads", "0"): "--threads",
            ("echo", "--nosuch"): "nosuch",
            ("echo", "extra"): "positional",
        }
        for arguments, message in wrong.items():
            with self.subTest(arguments):
                ended = self.run_program(2, *arguments)
                self.assertIn(message, ended.stderr())
                self.assertEqual(ended.stdout(), "")


if __name__ == "__main__":
    unittest.main()
