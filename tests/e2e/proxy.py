"""A TCP proxy of the test's own, whose connections can be cut while others go on.

    proxy = Proxy(self, upstream_port)
    proxy.port                       # connect here
    proxy.cut()                      # every connection ends; new ones are made as before
    proxy.wait_for_connections(4)    # so many were made, those that were cut included
"""

import selectors
import socket
import threading

import programs


class Proxy:

    def __init__(self, test, upstream_port):
        self._upstream = ("127.0.0.1", upstream_port)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._news = threading.Condition()
        self._pairs = []
        self._made = 0
        threading.Thread(target=self._accept, daemon=True).start()
        test.addCleanup(self.close)

    def _accept(self):
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            try:
                server = socket.create_connection(self._upstream)
            except OSError:
                client.close()
                continue
            with self._news:
                self._pairs.append((client, server))
                self._made += 1
                self._news.notify_all()
            threading.Thread(target=self._carry, args=(client, server), daemon=True).start()

    def _carry(self, client, server):
        with selectors.DefaultSelector() as selector:
            selector.register(client, selectors.EVENT_READ, server)
            selector.register(server, selectors.EVENT_READ, client)
            try:
                while True:
                    for key, _ in selector.select():
                        chunk = key.fileobj.recv(65536)
                        if not chunk:
                            return
                        key.data.sendall(chunk)
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
            if not self._news.wait_for(lambda: self._made >= count, programs.DEADLINE_S):
                raise AssertionError(f"{self._made} of {count} connections came")

    def close(self):
        self._listener.close()
        self.cut()
