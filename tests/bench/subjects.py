# SPDX-License-Identifier: ISC
"""The milters that are measured, the load on them, and the servers they need."""
import os
import shutil
import socket
import subprocess
import tempfile
import time

from lab.black_hole import BlackHole
from lab.milter import Milter
from lab.ports import Ports
from lab.process import Process
from lab.redis_server import RedisServer

POLICY = "version: STSv1\r\nmode: enforce\r\nmx: mx1.bench.test\r\nmx: mx2.bench.test\r\nmax_age: 604800\r\n"

# What the milter would have stored itself, for the domains that milterload sends from.
FILL = """
local now = tonumber(redis.call('TIME')[1])
for i = 0, ARGV[2] - 1 do
	local key = string.format('%spolicy:{d%06d.bench.test}', ARGV[1], i)
	redis.call('HSET', key, 'schema', '1', 'state', 'policy', 'id', '20250809T1', 'mode', 'enforce',
	    'mx', 'mx1.bench.test mx2.bench.test', 'max_age', '604800', 'fetched', now, 'checked', now,
	    'expires', now + 604800, 'text', ARGV[3], 'reason', '', 'retry', '0')
	redis.call('EXPIRE', key, 604800)
end
return 'OK'
"""

# As in the package's redis.conf: snapshots, and no append-only file. The lab's own Redis has one, so that nothing is lost when it is
# killed, which costs a third of all that Redis does.
AS_DEBIAN_HAS_IT = ["--appendonly", "no", "--save", "3600 1 300 100 60 10000"]

OURS = ["-H", "X-MTA-STS", "-e", "v=1", "-e", "domain=%d", "-e", "policy=enforce", "-e", "id=20250809T1", "-e", "aligned=yes"]
NULLS = ["-H", "X-Null", "-e", "v=1"]


class Failed(Exception):
    """The run cannot go on."""


class Subject:
    """A milter under load: what was sent to it, and what came back."""

    def __init__(self, load_program, address, pid, expected):
        self.load_program = load_program
        self.address = address
        self.pid = pid
        self.expected = expected
        self.messages = 0
        self.errors = 0
        self.offset = 0

    def run(self, *options):
        """One measurement: the output of milterload, as a dict of numbers."""
        argv = [self.load_program, "-p", str(self.pid), "-o", str(self.offset), *self.expected, *options, self.address]
        done = subprocess.run(argv, stdout=subprocess.PIPE, text=True, timeout=600, check=False)
        if done.returncode not in (0, 1) or "=" not in done.stdout:
            raise Failed("%s: status %d" % (" ".join(argv), done.returncode))
        figures = {name: int(value, 16) if value.startswith("0x") else float(value)
                   for name, value in (pair.split("=", 1) for pair in done.stdout.split())}
        self.errors += int(figures["errors"])
        self.offset += int(figures["messages"]) + 1
        if "-S0" not in options:
            self.messages += int(figures["messages"] + figures["errors"])
        return figures


class NullMilter:
    """The floor."""

    def __init__(self, program, directory, name, arguments):
        self.socket = os.path.join(directory, name + ".sock")
        self.process = Process(name, [program, *arguments, "unix:" + self.socket], directory)

    def start(self):
        self.process.start()
        self.process.wait_ready(lambda: os.path.exists(self.socket), "nullmilter listens")

    def stop(self):
        self.process.kill()	# it has nothing to save, and libmilter would take 5 s to end


class Site:
    """All that was started, ended in reverse order."""

    def __init__(self, options):
        self.options = options
        self.directory = tempfile.mkdtemp(prefix="mta-sts-bench-")
        os.chmod(self.directory, 0o755)		# the milter drops its privileges
        self.ports = Ports()
        self._started = []
        self._servers = {}

    def __enter__(self):
        return self

    def __exit__(self, *_):
        while self._started:
            self._started.pop().stop()
        self.ports.release()
        shutil.rmtree(self.directory)

    def start(self, server):
        server.start()
        self._started.append(server)
        return server

    def end(self, server):
        self._started.remove(server)
        server.stop()

    def redis(self, name="redis"):
        """The Redis of this name, started when first needed."""
        if name not in self._servers:
            directory = os.path.join(self.directory, name)
            os.mkdir(directory)
            os.chmod(directory, 0o755)
            more = [] if name == "stopped" else AS_DEBIAN_HAS_IT
            self._servers[name] = self.start(RedisServer(directory, self.ports.take(), more))
        return self._servers[name]

    def silent_dns(self):
        if "dns" not in self._servers:
            self._servers["dns"] = self.start(BlackHole(self.ports.take()))
        return self._servers["dns"]

    def null(self, name, *arguments):
        floor = self.start(NullMilter(self.options.null, self.directory, name.replace(" ", "-"), arguments))
        return Subject(self.options.load, "unix:" + floor.socket, floor.process.pid, NULLS)


def is_open(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


class Ours:
    """mta-sts-milter with some settings, and policies in its Redis (under its own prefix)."""

    def __init__(self, site, name, settings, redis="redis", program=None, wrapper=()):
        self.site = site
        self.name = name
        self.redis = site.redis(redis) if redis else None
        self.prefix = name.replace(" ", "-") + ":"
        directory = os.path.join(site.directory, "m-" + name.replace(" ", "-"))
        os.mkdir(directory)
        os.chmod(directory, 0o755)
        base = {"dns_servers": "127.0.0.1:%d" % site.silent_dns().port, "redis_prefix": self.prefix,
                "redis": "unix:" + self.redis.socket if self.redis else "none"}
        self.port = site.ports.take() if settings.get("milter_socket") == "inet" else None
        if self.port:
            settings = dict(settings, milter_socket="inet:%d@127.0.0.1" % self.port)
        self.milter = Milter(program or site.options.milter, directory, dict(base, **settings))
        if wrapper:
            self.milter.process.argv = [*wrapper, *self.milter.process.argv]
        if self.port:
            self.milter._accepts = lambda: is_open(self.port)
        self.subject = None

    def fill(self, domains):
        if self.redis and self.redis.command("EVAL", FILL, 0, self.prefix, domains, POLICY, timeout=120) != "OK":
            raise Failed("Redis did not take the policies")

    def start(self):
        self.site.start(self.milter)
        address = "inet:%d@127.0.0.1" % self.port if self.port else "unix:" + self.milter.socket
        self.subject = Subject(self.site.options.load, address, self.milter.process.pid,
                               OURS if self.redis else ["-H", "X-MTA-STS", "-e", "v=1"])
        return self.subject

    def warm(self, domains):
        """Loads every domain into the milter's memory; returns how many seconds that took."""
        before = time.monotonic()
        self.subject.run("--sweep", "-d", str(domains), "-m", str(domains), "-S", "50", "-n", "1", "-c", "16")
        return time.monotonic() - before

    def stop(self):
        self.site.end(self.milter)

    def counted(self):
        """Messages that Redis has counted."""
        return int(self.redis.hash(self.prefix + "stats").get("messages", 0))
