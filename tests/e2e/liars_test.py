"""Whoever reaches the controller's port may say anything: what is no agent changes nothing, and an
agent that lies is refused and named, whatever the scenario would forgive."""

import socket
import unittest

from campaigns import CampaignTest, agents, free_port, scenario
from programs import Echo, Program

# By lie: what the report says of it.
WORDS = {
    "number": "interval 2 is missing",
    "overlap": "it begins 500000000 ns after the start, but the one before ended 1000000000 ns",
    "counts": "do not balance",
    "run": "it belongs to run 001-of-another-campaign, not to 001-target-r1",
}

# What no agent says.
GARBAGE = (
    b"",
    b"\x00" * 4096,
    bytes(range(256)) * 64,
    b"GET / HTTP/1.1\r\nHost: controller\r\n\r\n",
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\xab" * 500,
    # HTTP/2, and then a frame that is longer than any may be, and one of no known kind.
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\xff\xff\xff\x00\x00\x00\x00\x00\x01" + b"\x00" * 1000,
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\x00\x00\x04\x77\xff\xff\xff\xff\xff????",
)


class LiarsTest(CampaignTest):

    def setUp(self):
        super().setUp()
        self.address = f"127.0.0.1:{free_port()}"
        self.echo = Echo(self)

    # Once a second, as the liar has it.
    def start_controller(self, **changes):
        fields = {"load": {"rate": "1/s", "connections": 1}, "measure": "3s", **changes}
        run = self.start(scenario(target={"url": self.echo.url},
                                  cluster={"listen": self.address, "wait": "2m"}, **fields))
        run.wait_for_line("waiting for")
        return run

    def lie(self, lie, exit_code, on_loss="truncate"):
        run = self.start_controller(agents=agents(1, workers=1, on_loss=on_loss))
        Program(self, "made_up_agent", self.address, "pinocchio", lie)
        self.expect_end(run, exit_code)
        return run

    def reasons(self):
        return "\n".join(self.report(self.bundles()[-1])["verdict"]["reasons"])

    def test_one_that_tells_the_truth_is_believed(self):
        self.lie("none", 0)
        self.assertEqual(self.the_run()["ledger"]["ok"], "3")

    def test_a_lie_is_named_whatever_the_policy(self):
        for lie, words in WORDS.items():
            for on_loss in ("invalidate", "truncate", "redistribute"):
                with self.subTest(lie=lie, on_loss=on_loss):
                    self.lie(lie, 3, on_loss)
                    self.assertRegex(self.reasons(), f"agent pinocchio was lost at .*{words}")

    # Nothing is wrong with any interval, but the beats of its lane do not come to it.
    def test_beats_that_are_kept_quiet_about_are_noticed(self):
        self.lie("fewer", 3)
        self.assertIn("the plan has 3 requests, but 2 came due", self.reasons())

    def test_a_message_that_is_too_large_is_named(self):
        self.lie("size", 3, "invalidate")
        self.assertRegex(self.reasons(), r"agent pinocchio was lost at [\d.]+ s: it sent a message "
                         r"of 838\d{5} bytes; at most 67108864")

    def test_a_liar_does_not_harm_what_the_others_measured(self):
        run = self.start_controller(agents=agents(2, workers=1), measure="1h",
                                    load={"rate": "100/s", "connections": 2})
        Program(self, "agent", "--controller", self.address, "--id", "honest")
        Program(self, "made_up_agent", self.address, "pinocchio", "counts")
        self.expect_end(run, 3)
        self.assertIn("agent pinocchio was lost at", self.reasons())
        of_honest = self.the_run()["agents"][0]
        self.assertEqual(of_honest["id"], "honest")
        self.assertEqual(self.echo.requests_total(), int(of_honest["sent"]))

    def test_garbage_changes_nothing(self):
        run = self.start_controller(agents=agents(1), measure="2s",
                                    load={"rate": "100/s", "connections": 2})
        host, port = self.address.split(":")
        talkers = []
        for garbage in GARBAGE:
            talkers.append(socket.create_connection((host, int(port))))
            self.addCleanup(talkers[-1].close)
            talkers[-1].sendall(garbage)
        Program(self, "agent", "--controller", self.address, "--id", "honest")
        run.wait_for_line("measure")
        for garbage, talker in zip(GARBAGE, talkers):
            try:
                talker.sendall(garbage)
            except OSError:
                pass  # it was hung up on
        self.expect_end(run, 0)
        self.assertEqual(self.the_run()["ledger"]["ok"], "200")


if __name__ == "__main__":
    unittest.main()
