"""The floor's programs against second implementations: Python's own HTTP server and client."""

import http.client
import http.server
import json
import pathlib
import re
import socket
import subprocess
import threading
import unittest

FLOOR = pathlib.Path(__file__).parent / "floor"
RESPONSE_BYTES = 700


class CountingServer:
    """Answers each request with RESPONSE_BYTES of body, and keeps what came."""

    def __init__(self, status=200):
        requests = self.requests = []
        lock = threading.Lock()

        class Answer(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                with lock:
                    requests.append((self.command, self.path, body))
                answer = b"y" * RESPONSE_BYTES
                # All at once: otherwise each request waits for a delayed acknowledgement.
                self.wfile.write(b"HTTP/1.1 %d Text\r\nContent-Length: %d\r\n\r\n" %
                                 (status, len(answer)) + answer)

            do_GET = do_POST

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answer)
        self.server.daemon_threads = True
        self.port = self.server.server_address[1]

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()


def client(*options):
    return subprocess.run([FLOOR / "floor_client", *options], capture_output=True, text=True,
                          check=False, timeout=120)


class ClientTest(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        # Containers often forbid io_uring: then the client says so, and epoll alone is tested.
        with CountingServer() as server:
            ended = client(f"--port={server.port}", "--engine=io_uring", "--mode=rate", "--rate=1",
                           "--seconds=1")
        cls.engines = ("epoll",) if "io_uring needs" in ended.stderr else ("epoll", "io_uring")

    def run_client(self, server, *options):
        ended = client(f"--port={server.port}", "--seconds=1", "--connections=4", *options)
        self.assertEqual(ended.returncode, 0, ended.stderr)
        self.assertEqual(ended.stdout.count("\n"), 1)
        return json.loads(ended.stdout)

    def test_each_beat_is_sent_once_with_each_engine_pacing_and_wait(self):
        ways = [("--engine=epoll", f"--wait={wait}", f"--pacing={pacing}")
                for wait in ("timerfd", "pwait2") for pacing in ("precise", "coalesced", "spin")]
        ways += [(f"--engine={engine}", f"--pacing={pacing}") for engine in self.engines[1:]
                 for pacing in ("precise", "coalesced", "spin")]
        for way in ways:
            with self.subTest(way), CountingServer() as server:
                line = self.run_client(server, "--mode=rate", "--rate=150", "--request-bytes=100",
                                       "--path=/beat", *way)
                self.assertEqual((line["offered"], line["requests"]), (150, 150))
                self.assertEqual(line["in_flight_at_end"], 0)
                # One more than the beats: it told the client how long a response is.
                self.assertEqual(server.requests, [("POST", "/beat", b"x" * 100)] * 151)
                for name in ("send_lag_us", "service_time_us", "response_time_us"):
                    times = line[name]
                    self.assertTrue(0 <= times["p50"] <= times["p99"] <= times["p99_9"] <=
                                    times["max"], times)
                # Response time has both parts in it.
                self.assertGreaterEqual(line["response_time_us"]["max"],
                                        line["service_time_us"]["max"])

    def test_a_closed_loop_counts_what_was_answered(self):
        for engine in self.engines:
            with self.subTest(engine), CountingServer() as server:
                line = self.run_client(server, f"--engine={engine}", "--request-bytes=0")
                self.assertGreater(line["requests"], 0)
                # Those that were in flight at the end may have come or not.
                excess = len(server.requests) - 1 - line["requests"]
                self.assertTrue(0 <= excess <= 4, excess)
                self.assertEqual(set(server.requests), {("GET", "/", b"")})

    def test_a_body_from_a_file(self):
        with CountingServer() as server:
            self.run_client(server, "--mode=rate", "--rate=5", f"--body-file={__file__}")
            self.assertEqual(set(server.requests),
                             {("POST", "/", pathlib.Path(__file__).read_bytes())})

    def test_without_latency_there_are_no_times_of_answers(self):
        with CountingServer() as server:
            line = self.run_client(server, "--mode=rate", "--rate=5", "--no-latency")
            self.assertIn("send_lag_us", line)
            self.assertNotIn("service_time_us", line)

    def test_another_status_ends_it(self):
        with CountingServer(status=503) as server:
            ended = client(f"--port={server.port}", "--seconds=1")
            self.assertEqual(ended.returncode, 5)
            self.assertIn("the target answered HTTP/1.1 503 Text", ended.stderr)

    def test_wrong_command_lines(self):
        for option, expected in (("--engine=poll", "expected epoll|io_uring"),
                                 ("--connections=0", "from 1 to"), ("--rate", "--rate=N"),
                                 ("--rates=1", "is not an option"), ("--no-latency=1", "no value"),
                                 ("--path=x", "begins with /")):
            ended = client(option)
            self.assertEqual(ended.returncode, 2, option)
            self.assertIn(expected, ended.stderr)
        self.assertEqual(client("--help").returncode, 0)


class TargetTest(unittest.TestCase):

    def setUp(self):
        self.program = subprocess.Popen([FLOOR / "floor_target", "--response-bytes=300"],
                                        stdout=subprocess.PIPE, text=True)
        self.addCleanup(self.end)
        line = self.program.stdout.readline()
        self.port = int(re.fullmatch(r"listening on 127\.0\.0\.1:(\d+)\n", line).group(1))

    def end(self):
        self.program.kill()
        self.program.wait()
        self.program.stdout.close()

    def test_answers_a_client_of_another_make_on_one_connection(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        for method, body in (("GET", None), ("POST", b""), ("POST", b"x" * 1024), ("GET", None),
                             ("POST", b"x" * 500_000)):
            connection.request(method, "/any", body)
            answer = connection.getresponse()
            fields = "".join(f"{name}: {value}\r\n" for name, value in answer.getheaders())
            self.assertEqual(answer.status, 200)
            self.assertEqual(len("HTTP/1.1 200 OK\r\n" + fields + "\r\n") + len(answer.read()), 300)
        connection.close()

    def test_pipelined_requests_that_nobody_reads_the_answers_of_are_all_answered(self):
        count = 20_000
        with socket.create_connection(("127.0.0.1", self.port), timeout=60) as connection:
            request = b"POST / HTTP/1.1\r\nHost: x\r\ncontent-LENGTH:3\r\n\r\nabc"
            writer = threading.Thread(target=connection.sendall, args=(request * count,))
            writer.start()
            answers = bytearray()
            while len(answers) < 300 * count:
                part = connection.recv(1 << 16)
                self.assertTrue(part)
                answers += part
            writer.join()
            self.assertEqual(answers, answers[:300] * count)

    def test_a_length_that_is_no_number_ends_the_connection(self):
        with socket.create_connection(("127.0.0.1", self.port), timeout=60) as connection:
            connection.sendall(b"POST / HTTP/1.1\r\nContent-Length: 3x\r\n\r\nabc")
            self.assertEqual(connection.recv(1), b"")


if __name__ == "__main__":
    unittest.main()
