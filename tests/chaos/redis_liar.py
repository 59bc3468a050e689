# SPDX-License-Identifier: ISC
"""A lying Redis: forwards everything to and from the real one, until it is told to lie."""
import contextlib
import os
import random
import select
import socket
import struct
import threading

from lab.waiting import wait_until

MEGABYTE = b"x" * (1 << 20)


class RedisLiar:
    """mode: "" forwards everything; the others are in LIES, or "full" (accepts nobody), or an error to answer every command with."""

    LIES = ("cut", "garbage", "huge", "nested", "reset")

    def __init__(self, path, real):
        self.path, self._real = path, real
        self.mode = ""
        self.told = 0			# lies told
        self._random = random.Random(path)
        self._over = threading.Event()
        self._threads, self._clients = [], set()
        self._listener = socket.socket(socket.AF_UNIX)

    def start(self):
        self._listener.bind(self.path)
        os.chmod(self.path, 0o666)
        self._listener.listen(128)
        self._spawn(self._accept)

    def stop(self):
        self._over.set()
        self.disconnect()
        for thread in self._threads:
            thread.join(10)
        self._listener.close()

    def disconnect(self):
        for client in list(self._clients):
            with contextlib.suppress(OSError):
                client.shutdown(socket.SHUT_RDWR)

    @contextlib.contextmanager
    def lies(self, mode):
        """Lies in this mode during the block. Some client must have received a lie."""
        told = self.told
        self.mode = mode
        if mode == "full":
            self._listener.listen(0)
            self.disconnect()
        try:
            yield
            wait_until(lambda: self.told > told or mode == "full", "somebody has heard %s" % mode, 60)
        finally:
            self.mode = ""
            self._listener.listen(128)

    def _spawn(self, function, *arguments):
        thread = threading.Thread(target=function, args=arguments, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self):
        while not self._over.is_set():
            ready, _, _ = select.select([self._listener], [], [], 0.1)
            if self.mode == "full" or not ready:
                self._over.wait(0.1)
                continue
            client, _ = self._listener.accept()
            self._spawn(self._serve, client)

    def _serve(self, client):
        self._clients.add(client)
        try:
            with client, socket.socket(socket.AF_UNIX) as server:
                server.connect(self._real)
                self._pass_on(client, server)
        except OSError:
            pass			# one side closed the connection
        finally:
            self._clients.discard(client)

    def _pass_on(self, client, server):
        while not self._over.is_set():
            ready, _, _ = select.select([client, server], [], [], 1)
            for source in ready:
                data = source.recv(65536)
                if not data:
                    return
                mode = self.mode
                if source is client and mode and mode not in self.LIES:
                    self.told += 1
                    client.sendall(b"-%s\r\n" % mode.encode() * commands(data))
                elif source is server and mode in self.LIES:
                    self.told += 1
                    return getattr(self, "_" + mode)(client, data)
                else:
                    (server if source is client else client).sendall(data)

    @staticmethod
    def _cut(client, data):
        client.sendall(data[:len(data) // 2])

    def _garbage(self, client, data):
        client.sendall(self._random.randbytes(len(data)))

    def _huge(self, client, _data):
        client.sendall(b"$%d\r\n" % (100 * len(MEGABYTE)))
        for _ in range(100):
            client.sendall(MEGABYTE)
        client.sendall(b"\r\n")

    @staticmethod
    def _nested(client, _data):
        client.sendall(b"*1\r\n" * 100000 + b":1\r\n")

    @staticmethod
    def _reset(client, _data):
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def commands(data):
    """How many commands begin in this data; no argument has a line that looks like the beginning of one."""
    return sum(line[:1] == b"*" and line[1:].isdigit() for line in data.split(b"\r\n"))
