"""A TCP proxy of the test's own, whose connections can be cut while others go on.

    proxy = Proxy(self, upstream_port)
    proxy.port                       # connect here
    proxy.cut()                      # every connection ends; new ones are made as before
    proxy.lead_to(other_port)        # from the next connection on
    proxy.wait_for_connections(4)    # so many were made, those that were cut included

Or a program of its own, for a host that only programs reach, with what passes it held back for so
many milliseconds each way. It says where it listens:

    python3 proxy.py HOST:PORT 40    # listening on 127.0.0.1:41234
"""

import collections
import selectors
import socket
import sys
import threading
import time

DEADLINE_S = 120


class Relay:
    """Carries what comes to [upstream], and back; each piece [delay_s] later than it came."""

    def __init__(self, upstream, delay_s=0.0):
        self.upstream = upstream
        self._delay_s = delay_s
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._news = threading.Condition()
        self._pairs = []
        self._made = 0
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            try:
                server = socket.create_connection(self.upstream)
            except OSError:
                client.close()
                continue
            for end in (client, server):
                end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with self._news:
                self._pairs.append((client, server))
                self._made += 1
                self._news.notify_all()
            threading.Thread(target=self._carry, args=(client, server), daemon=True).start()

    def _carry(self, client, server):
        held = collections.deque()
        with selectors.DefaultSelector() as selector:
            selector.register(client, selectors.EVENT_READ, server)
            selector.register(server, selectors.EVENT_READ, client)
            try:
                while True:
                    wait_s = max(0, held[0][0] - time.monotonic()) if held else None
                    for key, _ in selector.select(wait_s):
                        chunk = key.fileobj.recv(65536)
                        if not chunk:
                            return
                        held.append((time.monotonic() + self._delay_s, key.data, chunk))
                    while held and held[0][0] <= time.monotonic():
                        _, end, chunk = held.popleft()
                        end.sendall(chunk)
            except OSError:
                return
            finally:
                for end in (client, server):
                    end.close()

    def cut(self):
        with self._news:
            pairs, self._pairs = self._pairs, []
        for pair in pairs:
            for end in pair:
                try:
                    end.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass  # it was over already

    def wait_for_connections(self, count):
        with self._news:
            if not self._news.wait_for(lambda: self._made >= count, DEADLINE_S):
                raise AssertionError(f"{self._made} of {count} connections came")

    def close(self):
        self._listener.close()
        self.cut()


class Proxy(Relay):
    """To a port of this host; gone when the test ends."""

    def __init__(self, test, upstream_port):
        super().__init__(("127.0.0.1", upstream_port))
        test.addCleanup(self.close)

    def lead_to(self, port):
        self.upstream = ("127.0.0.1", port)


def main():
    host, port = sys.argv[1].rsplit(":", 1)
    relay = Relay((host, int(port)), float(sys.argv[2]) / 1000)
    print(f"listening on 127.0.0.1:{relay.port}", flush=True)
    threading.Event().wait()


if __name__ == "__main__":
    main()
