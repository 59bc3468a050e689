# SPDX-License-Identifier: ISC
"""A private Redis."""
import json
import os
import subprocess

from .process import Process


class RedisServer:
    """redis-server on a unix socket and a TCP port. It writes an append-only file, so that acknowledged writes survive a
    restart or a crash: a wrong counter is then not Redis' data loss. (With appendfsync=everysec, a slow disk may delay
    writing by a second.) more: further command line arguments."""

    def __init__(self, directory, port, more=()):
        self.directory = os.path.join(directory, "redis")
        self.port = port
        self.socket = os.path.join(self.directory, "redis.sock")
        os.mkdir(self.directory)
        self.process = Process("redis", [
            "redis-server", "--bind", "127.0.0.1", "--port", str(port), "--unixsocket", self.socket,
            "--unixsocketperm", "777", "--dir", self.directory, "--save", "", "--appendonly", "yes",
            "--appendfsync", "no", "--auto-aof-rewrite-percentage", "0", "--daemonize", "no", *more], self.directory)

    def start(self):
        self._mend()
        self.process.start()
        self.process.wait_ready(self.answers, "redis answers a ping")

    def _mend(self):
        """Redis killed during a write leaves half a transaction at the end of its file. Redis 7.0 cuts that off when it
        starts, but leaves the MULTI, and loses the transaction after it at the next start. Its own tool cuts at the right place."""
        files = os.path.join(self.directory, "appendonlydir")
        if os.path.exists(os.path.join(files, "appendonly.aof.manifest")):
            subprocess.run(["redis-check-aof", "--fix", "appendonly.aof.manifest"], cwd=files, input="y\n", text=True, check=True,
                           stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def stop(self):
        self.process.stop()

    def answers(self):
        try:
            return self.command("PING", timeout=2) == "PONG"
        except (subprocess.SubprocessError, ValueError):
            return False

    def command(self, *words, timeout=10):
        """The reply to one command, parsed from redis-cli's JSON: str, int, list or dict."""
        done = subprocess.run(["redis-cli", "-s", self.socket, "-e", "--json", *map(str, words)],
                              capture_output=True, check=True, timeout=timeout)
        return json.loads(done.stdout)

    def hash(self, key):
        """A hash of counters, with numbers converted."""
        return {field: int(value) if value.lstrip("-").isdigit() else value
                for field, value in self.command("HGETALL", key).items()}
