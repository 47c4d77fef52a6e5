"""Services of the project as targets of a local fleet. (users, which needs PostgreSQL, is tested
with one in tests/integration/users.)"""

import os
import unittest

from campaigns import CampaignTest, request, scenario


class StartedServiceTest(CampaignTest):

    def assert_all_answered(self, service, sent, **changes):
        self.run_scenario(
            scenario(target={"service": service}, request=sent, slo=["errors < 1%"], **changes),
            0)
        run = self.the_run()
        self.assertEqual(run["target"], service)
        self.assertEqual(run["ledger"]["ok"], "1000")
        self.assertGreater(run["target_resources"]["rss_bytes_max"], 0)

    def test_api(self):
        self.assert_all_answered(
            "api", {"expect": {"status": 200, "body_contains": '"source":"drumline-api"'}})

    def test_echo_dom(self):
        self.assert_all_answered(
            "echo-dom", request(expect={"body_contains": "drumline-echo-dom/1.0"}))

    def test_items(self):
        body = '{"name":"Pen","price":42.5}'
        self.assert_all_answered(
            "items", request(body={"inline": body}, expect={"body_contains": '"tax":8.08'}))

    def test_users_says_that_it_needs_a_database(self):
        os.environ.pop("DATABASE_URL", None)
        run = self.run_scenario(scenario(target={"service": "users"}, request={"method": "GET"}), 5)
        self.assertIn("DATABASE_URL", run.stderr())


if __name__ == "__main__":
    unittest.main()
