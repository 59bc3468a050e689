# SPDX-License-Identifier: ISC
"""Two private Redis servers, a master and its replica, and a sentinel that promotes the replica when the master dies."""
import os
import subprocess

from .process import Process
from .redis_server import RedisServer
from .waiting import wait_until

NAME = "main"
CONFIGURATION = """\
port {port}
bind 127.0.0.1
dir {directory}
sentinel monitor {name} 127.0.0.1 {master} 1
sentinel down-after-milliseconds {name} 500
sentinel failover-timeout {name} 5000
"""


class RedisSentinel:
    """Use it like a RedisServer: command() and hash() ask the current master. setting() returns the value for the setting `redis`."""

    def __init__(self, directory, ports):
        self.port = ports.take()
        self._servers = []
        for name in ("first", "second"):
            home = os.path.join(directory, name)
            os.mkdir(home)
            os.chmod(home, 0o755)
            self._servers.append(RedisServer(home, ports.take()))
        home = os.path.join(directory, "sentinel")
        os.mkdir(home)
        path = os.path.join(home, "sentinel.conf")
        with open(path, "w", encoding="ascii") as config:
            config.write(CONFIGURATION.format(port=self.port, directory=home, name=NAME, master=self._servers[0].port))
        self.process = Process("sentinel", ["redis-server", path, "--sentinel"], home)
        self.socket = self._servers[0].socket	# useless after a failover

    def setting(self):
        return "sentinel:%s@127.0.0.1:%d" % (NAME, self.port)

    def start(self):
        first, second = self._servers
        first.start()
        second.start()
        second.command("REPLICAOF", "127.0.0.1", first.port)
        self.process.start()
        self.process.wait_ready(lambda: self._ask("PING") == "PONG", "the sentinel answers")
        self.wait_replicated()

    def stop(self):
        self.process.stop()
        for server in self._servers:
            server.stop()

    def _ask(self, *words):
        done = subprocess.run(["redis-cli", "-p", str(self.port), *words], capture_output=True, text=True, timeout=10, check=False)
        return done.stdout.strip()

    def master(self):
        """The server that the sentinel names as master."""
        port = int(self._ask("SENTINEL", "GET-MASTER-ADDR-BY-NAME", NAME).split()[1])
        return next(server for server in self._servers if server.port == port)

    def replica(self):
        master = self.master()
        return next(server for server in self._servers if server is not master)

    def wait_replicated(self):
        """Waits until the sentinel knows a replica that is in sync with its master, and could take over."""
        wait_until(lambda: "master-link-status\nok" in self._ask("SENTINEL", "REPLICAS", NAME), "there is a replica", 90)

    def command(self, *words, timeout=10):
        return self.master().command(*words, timeout=timeout)

    def hash(self, key):
        return self.master().hash(key)

    def crash(self, key, field):
        """Kills the master, whatever it is doing, and waits until the replica has taken over. Returns how much of this hash field the dead
        master had counted and not replicated."""
        self.wait_replicated()
        dead, heir = self.master(), self.replica()
        self.process.suspend()		# until what the replica received is known
        dead.process.kill()
        wait_until(lambda: heir.command("ROLE")[3] != "connected", "the replica has read what there is")
        passed_on = heir.hash(key).get(field, 0)
        self.process.resume()
        wait_until(lambda: self.master() is heir and heir.command("ROLE")[0] == "master", "the replica takes over", 90)
        dead.start()		# the sentinel makes it a replica, some seconds later
        return dead.hash(key).get(field, 0) - passed_on
