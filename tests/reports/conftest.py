# SPDX-License-Identifier: ISC
"""TLS reports from SMTP to Redis: a private Postfix with the pipe of conf/postfix/reports, Redis, and DKIM verifiers."""
import os
import re
import shutil
import signal
import smtplib
import sys
import tempfile

import pytest

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir))

from lab.certificates import CertificateAuthority	# noqa: E402
from lab.ports import Ports		# noqa: E402
from lab.postfix import Postfix		# noqa: E402
from lab.redis_server import RedisServer	# noqa: E402
from lab.waiting import TimedOut, wait_until	# noqa: E402

SOURCE = os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, os.pardir)
DOMAIN = "rcpt.test"
# Postfix retries while the test waits.
RETRIES = """
queue_run_delay = 1s
minimal_backoff_time = 1s
maximal_backoff_time = 1s
transport_retry_time = 1s
"""


def pytest_configure(config):	# pylint: disable=unused-argument
    # as on Ctrl-C: pytest then stops the servers
    signal.signal(signal.SIGTERM, signal.default_int_handler)


def example(begin):
    """The line of conf/postfix/reports that begins so, with its continuation lines."""
    with open(os.path.join(SOURCE, "conf", "postfix", "reports"), encoding="ascii") as file:
        return re.search(r"(?m)^    (%s.*\n(?:        .*\n)*)" % re.escape(begin), file.read())[1]


class MailServer:
    """Postfix with the lines that an administrator pastes, except for paths and the user."""

    def __init__(self, milters="", settings=""):
        self.directory = tempfile.mkdtemp(prefix="mta-sts-reports-")
        os.chmod(self.directory, 0o755)
        self.ports = Ports()
        self.redis = RedisServer(self.directory, self.ports.take())
        self.config = os.path.join(self.directory, "mta-sts-milter.conf")
        with open(self.config, "w", encoding="ascii") as file:
            file.write("redis = unix:%s\nlocal_domains = %s\nauthserv_id = mx.rcpt.test\ndns_servers = 127.0.0.1:1\n"
                       "dns_timeout = 100ms\nredis_timeout = 1s\n%s" % (self.redis.socket, DOMAIN, settings))
        service = example("mta-sts-reports unix").replace("user=_mta-sts", "user=nobody")
        service = service.replace("/usr/bin/stsctl report import", "%s report import -c %s" % (self._program(), self.config))
        more = example("virtual_alias_maps") + example("transport_maps") + example("mta-sts-reports_dest") + RETRIES
        self.postfix = Postfix(self.directory, self.ports.take(), CertificateAuthority(self.directory), milters, more, service)

    def _program(self):
        """A copy that the user nobody can run, wherever the build is."""
        path = os.path.join(self.directory, "stsctl")
        shutil.copy(os.environ["STSCTL"], path)
        return path

    def start(self):
        self.redis.start()
        self.postfix.start()

    def stop(self):
        self.postfix.stop()
        self.redis.stop()
        self.ports.release()
        shutil.rmtree(self.directory, ignore_errors=True)

    def send(self, *mails, to="tls-reports@" + DOMAIN):
        with smtplib.SMTP("127.0.0.1", self.postfix.port, timeout=60) as client:
            for data in mails:
                client.sendmail("a@sender.test", [to], data.replace(b"\n", b"\r\n"))

    def settle(self, timeout=180):
        """Waits until all accepted mail is delivered."""
        try:
            wait_until(lambda: not self.postfix.queue(), "the queue is empty", timeout)
        except TimedOut:
            print(self.postfix.queue(), self.postfix.log()[-6000:], sep="\n")
            raise

    def counters(self, *more):
        return self.redis.hash(":".join(("mta-sts:report:{%s}" % DOMAIN, *more)))


@pytest.fixture
def server():
    mail_server = MailServer()
    try:
        mail_server.start()
        yield mail_server
    finally:
        mail_server.stop()
