"""Mixes, feeds and templates, from the scenario's text to what a server gets and a report says."""

import collections
import http.server
import json
import os
import re
import threading
import unittest

from campaigns import CampaignTest, scenario

# More requests failed than anybody said are borne.
INCONCLUSIVE = 4


class Recorder(http.server.BaseHTTPRequestHandler):
    """Answers anything, and notes what was asked."""

    protocol_version = "HTTP/1.1"

    def answer(self):
        body = self.rfile.read(int(self.headers.get("content-length", 0))).decode()
        with self.server.lock:
            self.server.requests.append((self.command, self.path, dict(self.headers), body))
            number = len(self.server.requests)
        status, answer = self.server.reply(self.command, self.path, number)
        answer = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(answer)))
        self.send_header("x-number", str(number))
        self.end_headers()
        self.wfile.write(answer)

    do_GET = do_POST = do_DELETE = answer

    def log_message(self, *_):
        pass


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128


class MixTest(CampaignTest):

    def serve(self, reply=lambda method, path, number: (200, {"status": "fine"})):
        server = Server(("127.0.0.1", 0), Recorder)
        server.lock, server.requests, server.reply = threading.Lock(), [], reply
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        self.addCleanup(server.server_close)
        self.addCleanup(thread.join)
        self.addCleanup(server.shutdown)
        self.url = f"http://127.0.0.1:{server.server_address[1]}"
        return server

    def write(self, name, text):
        with open(os.path.join(self.directory, name), "w", encoding="utf-8") as file:
            file.write(text)

    def small(self, **changes):
        """400 beats at a rate that a server in Python keeps up with."""
        return scenario(target={"url": self.url + "/base"}, request=None,
                        load={"rate": "400/s", "connections": 8}, **changes)

    def test_weights_are_exact_and_each_name_has_its_books(self):
        server = self.serve(lambda method, path, number: (
            (404 if path == "/gone" else 200), {"status": "fine"}))
        self.run_scenario(
            self.small(
                requests=[
                    {"name": "list", "weight": 70, "timeout": "30s"},
                    {"name": "create", "weight": 20, "method": "POST", "path": "/items",
                     "body": {"inline": "{}"}, "timeout": "20s",
                     "expect": {"statuses": ["2xx"], "json": {"/status": "fine"},
                                "headers": {"content-type": "application/json"}}},
                    {"name": "gone", "weight": 10, "path": "/gone", "timeout": "30s",
                     "expect": {"statuses": [404, "5xx"], "json": {"/status": "bad"}}}],
                slo=["errors of list <= 0%", "errors of gone < 50%"]), 1)
        run = self.the_run()
        sent = {request["name"]: int(request["ledger"]["sent"]) for request in run["requests"]}
        self.assertEqual(sent, {"list": 280, "create": 80, "gone": 40})
        paths = collections.Counter((method, path) for method, path, _, _ in server.requests)
        self.assertEqual(paths, {("GET", "/base"): 280, ("POST", "/items"): 80,
                                 ("GET", "/gone"): 40})
        self.assertEqual(run["requests"][2]["ledger"]["bad_body"], "40")
        for count in ("scheduled", "sent", "ok", "bad_body"):
            self.assertEqual(int(run["ledger"][count]),
                             sum(int(request["ledger"][count]) for request in run["requests"]))
        self.assertEqual([slo["result"] for slo in run["slo"]], ["PASS", "FAIL"])

    def test_each_row_of_a_feed_is_sent_once_by_whatever_agent(self):
        server = self.serve()
        self.write("users.csv", "email,name\n" + "".join(
            f'user{i}@example.com,"Nr. {i}, really"\n' for i in range(400)))
        self.run_scenario(
            self.small(
                feeds={"users": {"file": "users.csv"}},
                requests=[
                    {"name": "create", "method": "POST", "path": "/users?n={{seq}}",
                     "headers": {"x-email": "{{users.email}}"}, "timeout": "30s",
                     "body": {"inline": '{"email":"{{users.email}}","id":"{{uuid}}"}'}},
                    {"name": "read", "path": "/users/{{users.name}}/{{random 7 8}}",
                     "timeout": "30s"}],
                agents={"count": 3, "workers": 2, "max_send_lag": "p99 < 1m"}), 0)
        self.assertEqual(len(server.requests), 400)
        seen = collections.Counter()
        for method, path, headers, body in server.requests:
            if method == "POST":
                row = int(path.removeprefix("/users?n="))
                self.assertEqual(headers["x-email"], f"user{row}@example.com")
                fields = json.loads(body)
                self.assertEqual(fields["email"], headers["x-email"])
                self.assertRegex(fields["id"], r"^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab]")
            else:
                row = int(re.fullmatch(r"/users/Nr\.%20(\d+),%20really/[78]", path)[1])
            seen[row] += 1
        self.assertEqual(seen, collections.Counter(range(400)))

    FLOW = [{"name": "sign-up", "steps": [
        {"name": "create", "method": "POST", "path": "/users", "body": {"inline": '{"n":{{seq}}}'},
         "timeout": "30s", "expect": {"status": 201},
         "take": {"id": {"json": "/user/id"}, "number": {"header": "X-Number"}}},
        {"name": "read", "path": "/users/{{id}}?n={{number}}", "think": "20ms", "timeout": "30s"},
        {"name": "remove", "method": "DELETE", "path": "/users/{{id}}", "timeout": "30s"}]}]

    def check_chains(self, server, flows):
        """Each user was created, read and removed, in this order, by the values that it got."""
        chains = collections.defaultdict(list)
        for number, (method, path, _, _) in enumerate(server.requests, 1):
            if method == "POST":
                chains[f"u{number}"].append("POST")
            else:
                user = re.match(r"/users/(u\d+)", path)[1]
                if method == "GET":
                    self.assertEqual(path, f"/users/{user}?n={user[1:]}")
                chains[user].append(method)
        self.assertEqual(len(chains), flows)
        self.assertEqual(set(map(tuple, chains.values())), {("POST", "GET", "DELETE")})

    @staticmethod
    def users(method, path, number):
        return (201 if method == "POST" else 200), {"user": {"id": f"u{number}"}}

    def test_a_flow_takes_values_from_answers(self):
        server = self.serve(self.users)
        self.run_scenario(
            scenario(target={"url": self.url}, request=None, flows=self.FLOW, measure="2s",
                     load={"stages": [{"burst": "100/s", "for": "1s"},
                                      {"burst": "0/s", "for": "1s"}], "connections": 8}), 0)
        self.check_chains(server, 100)
        run = self.the_run()
        self.assertEqual([(request["flow"], request["name"], request["ledger"]["ok"])
                          for request in run["requests"]],
                         [("sign-up", name, "100") for name in ("create", "read", "remove")])

    def test_flows_of_a_closed_loop_are_users_that_wait(self):
        server = self.serve(self.users)
        self.run_scenario(
            scenario(target={"url": self.url}, request=None, flows=self.FLOW, measure=None,
                     load={"concurrency": 6, "requests": 60}), 0)
        self.check_chains(server, 60)

    def test_a_step_that_fails_is_the_last_of_its_flow(self):
        self.serve(lambda method, path, number: (500 if method == "GET" else 201,
                                                 {"user": {"id": f"u{number}"}}))
        self.run_scenario(
            scenario(target={"url": self.url}, request=None, flows=self.FLOW, measure=None,
                     load={"concurrency": 2, "requests": 20}), INCONCLUSIVE)
        requests = {request["name"]: request for request in self.the_run()["requests"]}
        self.assertEqual(requests["read"]["ledger"]["bad_status"], "20")
        self.assertEqual(requests["remove"]["ledger"]["scheduled"], "0")
        self.assertEqual(requests["remove"]["skipped"], "20")

    def test_faults_are_told_with_their_places(self):
        self.serve()
        self.write("users.csv", "email\na@b.c\n")
        self.write("user.json", '{\n  "email": "{{users.emial}}"\n}\n')
        run = self.run_scenario(
            self.small(
                feeds={"users": {"file": "users.csv"}},
                requests=[{"name": "a", "path": "/{{sec}}"},
                          {"name": "a", "method": "POST", "body": {"template": "user.json"}}],
                slo=["p99 of b < 1s"]), 2)
        for words in ("nothing is named `sec`; did you mean `seq`?",
                      "user.json:2:21: no column is named `emial`; did you mean `email`?",
                      "`a` is the name of `requests[0]` already",
                      "bounds `b`, and no request has that name"):
            self.assertIn(words, run.stderr())
        self.assertEqual(self.bundles(), [])


if __name__ == "__main__":
    unittest.main()
