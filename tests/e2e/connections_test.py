"""How connections are made: kept, used up, opened over time, with TLS. What the report says of them
is held against what the server counted."""

import http.server
import os
import re
import shutil
import ssl
import subprocess
import threading
import unittest
import urllib.request

from campaigns import CampaignTest, agents, scenario
from programs import DEADLINE_S, Echo


class Accepted:
    """Connections that an echo service has taken in since the last look, by its own count."""

    def __init__(self, echo):
        self.echo = echo
        self.before = self._total()

    def _total(self):
        with urllib.request.urlopen(self.echo.metrics_url, timeout=DEADLINE_S) as answer:
            text = answer.read().decode()
        return int(re.search(r"^http_connections_accepted_total (\d+)", text, re.M).group(1))

    def count(self):
        return self._total() - self.before


class ConnectionsTest(CampaignTest):

    def opened(self, run, part):
        return int(run["connections"][part]["connect_time"]["count"])

    def test_a_new_connection_for_each_request(self):
        echo = Echo(self)
        accepted = Accepted(echo)
        self.run_scenario(
            scenario(target={"url": echo.url}, load={"concurrency": 4, "requests": 400,
                                                     "requests_per_connection": 1},
                     measure=None), 0)
        run = self.the_run()
        self.assertEqual(run["ledger"]["ok"], "400")
        ours = self.opened(run, "before") + self.opened(run, "window")
        # Those that were opened for requests that never came, and the two looks at the metrics.
        self.assertGreaterEqual(accepted.count(), 400)
        self.assertGreaterEqual(ours, 400)
        self.assertLessEqual(ours, 400 + 4)
        self.assertGreater(run["connections"]["window"]["connect_time"]["p50_us"], 0)

    def test_ten_requests_a_connection(self):
        echo = Echo(self)
        self.run_scenario(
            scenario(target={"url": echo.url}, load={"concurrency": 2, "requests": 400,
                                                     "requests_per_connection": 10},
                     measure=None), 0)
        run = self.the_run()
        ours = self.opened(run, "before") + self.opened(run, "window")
        self.assertGreaterEqual(ours, 40)
        self.assertLessEqual(ours, 40 + 2)

    def test_kept_connections_are_opened_once(self):
        self.run_scenario(scenario(load={"rate": "500/s", "connections": 8}), 0)
        run = self.the_run()
        self.assertEqual(self.opened(run, "before"), 8)
        self.assertEqual(self.opened(run, "window"), 0)

    def test_opened_over_time(self):
        for engine in ("epoll", "io_uring"):
            with self.subTest(engine):
                self.results = os.path.join(self.directory, engine)
                program = self.start(
                    scenario(load={"rate": "200/s", "connections": 20, "connect_over": "1s"},
                             agents=agents(1, engine=engine), warmup="500ms", measure="3s"))
                if program.exit_code() == 5:
                    self.skipTest(f"no {engine} here")
                run = self.the_run()
                # Connection i is opened after i / 20 of a second; those of the warm-up are the
                # first ten or, on a late machine, fewer.
                self.assertEqual(self.opened(run, "before") + self.opened(run, "window"), 20)
                self.assertLessEqual(self.opened(run, "before"), 11)
                self.assertGreaterEqual(self.opened(run, "window"), 9)


class TlsServer:
    """An HTTPS server of Python's own TLS, which counts handshakes."""

    def __init__(self, test, directory, client_ca=None):
        self.names = []
        self.scrapes = []
        self.resumed = 0
        self.handshakes = 0
        server = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def setup(self):
                # In the connection's own thread: a handshake must not keep the others waiting.
                self.request.do_handshake()
                server.handshakes += 1
                server.resumed += 1 if self.request.session_reused else 0
                super().setup()

            def do_GET(self):
                server.scrapes.append(self.headers["host"])
                self.answer(b"process_cpu_seconds_total 1.5\nprocess_resident_memory_bytes 4096\n")

            def do_POST(self):
                self.rfile.read(int(self.headers["content-length"]))
                self.answer(b'{"secured":true}' * 2000)

            def answer(self, body):
                self.send_response(200)
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *arguments):
                pass

        class Server(http.server.ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 128

            def handle_error(self, *arguments):
                pass

        self.http = Server(("127.0.0.1", 0), Handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(f"{directory}/server.pem", f"{directory}/server.key")
        if client_ca:
            context.load_verify_locations(client_ca)
            context.verify_mode = ssl.CERT_REQUIRED
        context.sni_callback = lambda sock, name, ctx: self.names.append(name)
        self.http.socket = context.wrap_socket(self.http.socket, server_side=True,
                                               do_handshake_on_connect=False)
        self.port = self.http.server_address[1]
        threading.Thread(target=self.http.serve_forever, daemon=True).start()
        test.addCleanup(self.http.server_close)
        test.addCleanup(self.http.shutdown)


@unittest.skipUnless(shutil.which("openssl"), "needs the openssl command, which is not installed")
class TlsTest(CampaignTest):

    def setUp(self):
        super().setUp()
        self.authority("ca")
        self.certificate("ca", "server", "DNS:shop.test,IP:127.0.0.1")
        self.certificate("ca", "client", "DNS:client.test")
        self.authority("other")

    def openssl(self, *arguments):
        subprocess.run(["openssl", *arguments], check=True, cwd=self.directory,
                       capture_output=True, timeout=DEADLINE_S)

    def authority(self, name):
        self.openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
                     "-nodes", "-subj", f"/CN={name}", "-days", "2", "-keyout", f"{name}.key",
                     "-out", f"{name}.pem")

    def certificate(self, issuer, name, names):
        self.openssl("req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
                     "-nodes", "-subj", f"/CN={name}", "-keyout", f"{name}.key", "-out",
                     f"{name}.csr")
        with open(f"{self.directory}/{name}.ext", "w", encoding="utf-8") as file:
            file.write(f"subjectAltName={names}\n")
        self.openssl("x509", "-req", "-in", f"{name}.csr", "-CA", f"{issuer}.pem", "-CAkey",
                     f"{issuer}.key", "-CAcreateserial", "-days", "2", "-extfile", f"{name}.ext",
                     "-out", f"{name}.pem")

    def secured(self, server, tls, load=None, **changes):
        return scenario(target={"url": f"https://127.0.0.1:{server.port}/", "tls": tls},
                        load=load or {"concurrency": 2, "requests": 40}, measure=None,
                        agents=agents(1, **changes))

    def test_both_engines_verify_and_send(self):
        for engine in ("epoll", "io_uring"):
            with self.subTest(engine):
                self.results = os.path.join(self.directory, engine)
                server = TlsServer(self, self.directory)
                program = self.start(self.secured(
                    server, {"ca": "ca.pem", "server_name": "shop.test"}, engine=engine))
                if program.exit_code() == 5 and "io_uring" in program.stderr():
                    self.skipTest(f"no {engine} here")
                run = self.the_run()
                self.assertEqual(run["ledger"]["ok"], "40", program.stdout())
                self.assertEqual(set(server.names), {"shop.test"})
                before = run["connections"]["before"]
                self.assertEqual(before["tls_time"]["count"], "2")
                self.assertGreater(before["tls_time"]["p50_us"], 0)

    def test_an_address_is_verified_as_one(self):
        server = TlsServer(self, self.directory)
        self.run_scenario(self.secured(server, {"ca": "ca.pem"}), 0)
        self.assertEqual(set(server.names), {None})

    def test_what_is_not_vouched_for_is_not_used(self):
        server = TlsServer(self, self.directory)
        program = self.run_scenario(self.secured(server, {}), 5)
        self.assertIn("its certificate", program.stderr())
        self.results = os.path.join(self.directory, "unverified")
        self.run_scenario(self.secured(server, {"verify": False}), 0)

    @unittest.skipUnless(shutil.which("curl"), "needs curl, which is not installed")
    def test_curl_agrees_about_who_is_vouched_for(self):
        server = TlsServer(self, self.directory)
        for ca, name, vouched in (("ca", "shop.test", True), ("ca", "127.0.0.1", True),
                                  ("other", "shop.test", False), ("ca", "bank.test", False)):
            with self.subTest(f"{name} by {ca}"):
                curl = subprocess.run(
                    ["curl", "-sS", "--cacert", f"{ca}.pem", "-d", "x", "--resolve",
                     f"{name}:{server.port}:127.0.0.1", f"https://{name}:{server.port}/"],
                    cwd=self.directory, capture_output=True, timeout=DEADLINE_S, check=False)
                self.assertEqual(curl.returncode == 0, vouched, curl.stderr)
                self.results = os.path.join(self.directory, f"{name}-{ca}")
                tls = {"ca": f"{ca}.pem", "server_name": name}
                self.run_scenario(self.secured(server, tls), 0 if vouched else 5)

    def scraped(self, server, tls):
        """A run against a plain echo service, with the metrics of the server."""
        self.run_scenario(
            scenario(target={"url": Echo(self).url, "tls": tls,
                             "metrics": f"https://127.0.0.1:{server.port}/metrics"},
                     load={"rate": "100/s", "connections": 2}, measure="2s"), 0)
        return self.the_run()["target_resources"]

    def test_metrics_are_read_over_https(self):
        server = TlsServer(self, self.directory, client_ca=f"{self.directory}/ca.pem")
        read = self.scraped(server, {"ca": "ca.pem", "server_name": "shop.test",
                                     "cert": "client.pem", "key": "client.key"})
        self.assertGreaterEqual(read["scrapes"], 1)
        self.assertEqual(read.get("scrape_gaps", 0), 0)
        self.assertEqual(read["rss_bytes_max"], 4096)
        self.assertEqual(set(server.names), {"shop.test"})
        # One connection for the reading before the run, and one for all of the run.
        self.assertEqual(server.handshakes, 2)
        self.assertGreaterEqual(len(server.scrapes), read["scrapes"])

    def test_metrics_of_a_stranger_are_not_read(self):
        server = TlsServer(self, self.directory)
        for tls, why in (({"ca": "other.pem"}, "its certificate: "),
                         ({"ca": "ca.pem", "server_name": "bank.test"},
                          "its certificate: hostname mismatch"),
                         ({"ca": "ca.pem", "server_name": "127.0.0.1"}, None)):
            with self.subTest(tls):
                self.results = os.path.join(self.directory, "with-" + "-".join(tls.values()))
                read = self.scraped(server, tls)
                if why is None:
                    self.assertEqual(read.get("scrape_gaps", 0), 0)
                    continue
                self.assertEqual(read.get("scrapes", 0), 0)
                self.assertGreaterEqual(read["scrape_gaps"], 1)
                self.assertIn(why, " ".join(self.the_run()["verdict"]["reasons"]))
        self.results = os.path.join(self.directory, "unverified")
        self.assertGreaterEqual(self.scraped(server, {"verify": False})["scrapes"], 1)

    def test_a_client_shows_its_certificate(self):
        server = TlsServer(self, self.directory, client_ca=f"{self.directory}/ca.pem")
        mine = {"cert": "client.pem", "key": "client.key"}
        self.run_scenario(self.secured(server, {"ca": "ca.pem", **mine}), 0)
        self.assertEqual(self.the_run()["ledger"]["ok"], "40")

    def test_sessions_are_resumed_or_not(self):
        for resumption in (True, False):
            with self.subTest(resumption):
                self.results = os.path.join(self.directory, str(resumption))
                server = TlsServer(self, self.directory)
                self.run_scenario(
                    self.secured(server, {"ca": "ca.pem", "resumption": resumption},
                                 {"concurrency": 1, "requests": 20,
                                  "requests_per_connection": 1}), 0)
                run = self.the_run()
                parts = run["connections"]
                resumed = int(parts["window"]["resumed"]) + int(parts["before"]["resumed"])
                # The last of its connections may have ended in its handshake.
                self.assertLessEqual(abs(resumed - server.resumed), 1)
                if resumption:
                    self.assertGreaterEqual(resumed, 18)
                else:
                    self.assertEqual(resumed, 0)

    def test_a_plain_server_is_no_tls_server(self):
        echo = Echo(self)
        url = echo.url.replace("http://", "https://")
        program = self.run_scenario(
            scenario(target={"url": url}, load={"concurrency": 1, "requests": 4}, measure=None,
                     agents=agents(1)), 5)
        self.assertIn("TLS", program.stderr())


if __name__ == "__main__":
    unittest.main()
