"""Many connections: an agent holds ten thousand of them in 64 MiB, and opens fifteen thousand
before the load begins, a bounded number at a time."""

import re
import resource
import signal
import unittest

from campaigns import CampaignTest, agents, free_port, request, scenario
from programs import Program

MIB = 1024 * 1024
SPARE_DESCRIPTORS = 1_000


def peak_rss(pid):
    with open(f"/proc/{pid}/status", encoding="utf-8") as status:
        return int(re.search(r"VmHWM:\s+(\d+) kB", status.read()).group(1)) * 1024


class ManyConnectionsTest(CampaignTest):

    def setUp(self):
        super().setUp()
        target = Program(self, "floor_target", "--port=0")
        self.target_port = target.wait_for_line(r"(\d+)\s*$").group(1)

    def need_descriptors(self, connections):
        limit = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        if limit != resource.RLIM_INFINITY and limit < connections + SPARE_DESCRIPTORS:
            self.skipTest(f"{connections} connections do not fit into {limit} open files")

    def run_with(self, connections, engine):
        """The run, and the peak memory of the agent."""
        self.need_descriptors(connections)
        port = free_port()
        agent = Program(self, "agent", "--controller", f"127.0.0.1:{port}", "--id", "many")
        self.run_scenario(
            scenario(target={"url": f"http://127.0.0.1:{self.target_port}/"},
                     request=request(),
                     load={"rate": "5k/s", "connections": connections},
                     measure="3s",
                     agents=agents(1, engine=engine),
                     cluster={"listen": f"127.0.0.1:{port}", "wait": "1m"}), 0)
        rss = peak_rss(agent.pid)
        agent.signal(signal.SIGTERM)
        self.expect_end(agent, 0)
        run = self.the_run()
        self.assert_run_balanced(run)
        self.assertEqual(run["ledger"]["ok"], "15000")
        return rss

    def test_ten_thousand_in_64_mib_with_epoll(self):
        self.assertLessEqual(self.run_with(10_000, "epoll"), 64 * MIB)

    def test_ten_thousand_in_64_mib_with_what_the_machine_has(self):
        self.assertLessEqual(self.run_with(10_000, "auto"), 64 * MIB)

    def test_fifteen_thousand(self):
        self.run_with(15_000, "auto")


if __name__ == "__main__":
    unittest.main()
