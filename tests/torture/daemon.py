# SPDX-License-Identifier: ISC
"""A milter under the layer or another program, with the world's Redis."""
import os
import shutil
import tempfile

from layer import Layer
from lab.lab import default_program
from lab.metrics_page import MetricsPage
from lab.milter import Milter
from lab.ports import Ports


class DaemonUnderLayer:
    """A context manager."""

    def __init__(self, world, under=None, **settings):
        """under: a program and its options, instead of the layer."""
        self.world = world
        self._ports = Ports()
        self._directory = tempfile.mkdtemp(prefix="mta-sts-torture-")
        os.chmod(self._directory, 0o755)
        self.layer = None if under else Layer(default_program(), self._directory)
        self.metrics_port = self._ports.take()
        self._milter = Milter(default_program(), self._directory, {
            "redis": "unix:" + world.redis.socket, "dns_servers": "127.0.0.1:%d" % world.dns.port, "policy_wait": "1s",
            "dns_timeout": "2s", "flush_interval": "100ms", "allow_private_addresses": "yes", "redis_timeout": "1s",
            "metrics_listen": "127.0.0.1:%d" % self.metrics_port, "policy_port": world.policy_port,
            "ca_file": world.authority.certificate, "trusted_networks": "192.0.2.77", **settings})
        if self.layer:
            self._milter.process.env.update(self.layer.environment)
        else:
            self._milter.process.argv[:0] = under

    def __enter__(self):
        self.world.redis.command("FLUSHALL")
        if self.layer:
            self.layer.arm(0, ())
        self._milter.start()
        return self

    def __exit__(self, *_):
        self._milter.kill()
        self._ports.release()
        shutil.rmtree(self._directory, ignore_errors=True)

    @property
    def process(self):
        return self._milter.process

    @property
    def socket(self):
        return self._milter.socket

    def stop(self):
        """Stops the milter; raises unless it exits cleanly."""
        self._milter.stop()

    def restart(self):
        self._milter.kill()
        self.layer.disarm()
        self._milter.start()

    def log(self):
        return self._milter.log()

    def uncounted(self):
        """The number of messages that the milter reports as uncounted, for want of memory."""
        return int(MetricsPage(self.metrics_port).values()["counters_lost_messages_total"])

    def counted(self):
        """The number of messages in the totals."""
        return self.world.redis.hash("mta-sts:stats").get("messages", 0)
