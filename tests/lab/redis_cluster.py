# SPDX-License-Identifier: ISC
"""A private Redis Cluster: three masters, each with a replica, on loopback."""
import os
import subprocess

from .process import Process
from .waiting import wait_until

NODE_TIMEOUT_MS = 2000


class RedisCluster:
    """Six redis-server processes, identified by their ports. setting() returns the value for the setting `redis`."""

    def __init__(self, directory, ports):
        self.directory = os.path.join(directory, "cluster")
        os.mkdir(self.directory)
        self.ports = [ports.take() for _ in range(6)]
        self.processes = {}
        for port in self.ports:
            home = os.path.join(self.directory, str(port))
            os.mkdir(home)
            self.processes[port] = Process("redis-%d" % port, [
                "redis-server", "--bind", "127.0.0.1", "--port", str(port), "--cluster-enabled", "yes",
                "--cluster-port", str(ports.take()), "--cluster-node-timeout", str(NODE_TIMEOUT_MS), "--dir", home,
                "--save", "", "--appendonly", "yes", "--daemonize", "no"], home)

    def start(self):
        for process in self.processes.values():
            process.start()
        for port, process in self.processes.items():
            process.wait_ready(lambda port=port: self.answers(port), "a node answers")
        subprocess.run(["redis-cli", "--cluster", "create", *("127.0.0.1:%d" % port for port in self.ports),
                        "--cluster-replicas", "1", "--cluster-yes"], check=True, stdout=subprocess.DEVNULL, timeout=60)
        wait_until(self.is_whole, "the cluster is whole", 60)

    def stop(self):
        for process in self.processes.values():
            process.stop()

    def setting(self):
        """Names the first two nodes: enough to find all."""
        return "cluster:" + ",".join("127.0.0.1:%d" % port for port in self.ports[:2])

    def ask(self, port, *words):
        """A node's answer, in redis-cli's raw format."""
        done = subprocess.run(["redis-cli", "-p", str(port), *map(str, words)], capture_output=True, text=True, timeout=20, check=False)
        return done.stdout.strip()

    def follow(self, *words):
        """The same, from the node that has the key."""
        port = next(port for port, process in self.processes.items() if process.running())
        done = subprocess.run(["redis-cli", "-c", "-p", str(port), *map(str, words)], capture_output=True, text=True, timeout=20,
                              check=True)
        return done.stdout.strip()

    def answers(self, port):
        return self.ask(port, "PING") == "PONG"

    def living(self):
        return [port for port, process in self.processes.items() if process.running()]

    def is_whole(self):
        return all("cluster_state:ok" in self.ask(port, "CLUSTER", "INFO") for port in self.living())

    def masters(self):
        return [port for port in self.living() if self.ask(port, "ROLE").startswith("master")]

    def owner(self, key):
        """The port of the master that has the key."""
        slot = int(self.ask(self.living()[0], "CLUSTER", "KEYSLOT", key))
        for line in self.ask(self.living()[0], "CLUSTER", "NODES").splitlines():
            words = line.split()
            for part in words[8:]:
                first, _, last = part.strip("[]").partition("-")
                if first.isdigit() and int(first) <= slot <= int(last or first):
                    return int(words[1].split("@")[0].rpartition(":")[2])
        raise AssertionError("nobody has slot %d" % slot)

    def hash(self, key):
        words = self.follow("HGETALL", key).split("\n")
        return dict(zip(words[::2], words[1::2]))

    def fail_over(self, key):
        """Kills the master that has the key, as a crash would, once its replica is up to date; waits for the replica to take over."""
        port = self.owner(key)
        assert self.ask(port, "WAIT", 1, 5000) >= "1"
        self.processes[port].kill()
        wait_until(lambda: self.is_whole() and self.owner(key) != port, "the replica takes over", 60)
        return port

    def move_slots(self, count):
        """Moves slots, with their keys, from the first master to the second."""
        masters = self.masters()
        ids = [self.ask(port, "CLUSTER", "MYID") for port in masters]
        subprocess.run(["redis-cli", "--cluster", "reshard", "127.0.0.1:%d" % masters[0], "--cluster-from", ids[0],
                        "--cluster-to", ids[1], "--cluster-slots", str(count), "--cluster-yes"], check=True,
                       stdout=subprocess.DEVNULL, timeout=120)
