# SPDX-License-Identifier: ISC
"""An operator's machine: DNS, mail exchangers, a directory for stsctl publish to write into, and web servers to serve it."""
import json
import os
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import tempfile

import pytest

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir))

from lab.certificates import CertificateAuthority	# noqa: E402
from lab.dns_server import DnsServer	# noqa: E402
from lab.ports import Ports		# noqa: E402
from mail_hosts import MailHost		# noqa: E402
from web_servers import WebServer	# noqa: E402

WEB = "127.0.0.20"
STRANGER = "127.0.0.9"
GOOD_MX, PLAIN_MX, EXPIRED_MX = "127.0.0.31", "127.0.0.32", "127.0.0.33"


def pytest_configure(config):	# pylint: disable=unused-argument
    # as on Ctrl-C: pytest then stops the servers
    signal.signal(signal.SIGTERM, signal.default_int_handler)


class World:
    """Shared by all tests: DNS, and three mail exchangers, the second without TLS, the third with an expired
    certificate."""

    def __init__(self):
        self.directory = tempfile.mkdtemp(prefix="mta-sts-publish-")
        os.chmod(self.directory, 0o755)		# the web servers run as nobody, and need access
        self.ports = Ports()
        self.authority = CertificateAuthority(self.directory)
        self.dns = DnsServer(self.directory, self.ports.take())
        self.smtp_port = self.ports.take()
        issue = self.authority.issue
        self._mail_hosts = [
            MailHost(GOOD_MX, self.smtp_port, issue("good-mx", "mail.good.test", ["mail.good.test"]), self.authority.key),
            MailHost(PLAIN_MX, self.smtp_port),
            MailHost(EXPIRED_MX, self.smtp_port, issue("expired-mx", "mail.expired.test", ["mail.expired.test"],
                                                       "20200101000000Z", "20200201000000Z"), self.authority.key)]
        self.dns.set_lines("mail hosts", "mail.good.test. A %s\nmail.plain.test. A %s\nmail.expired.test. A %s\n"
                           "good.test. MX 10 mail.good.test." % (GOOD_MX, PLAIN_MX, EXPIRED_MX))
        self.dns.start()

    def stop(self):
        self.dns.stop()
        for host in self._mail_hosts:
            host.stop()
        self.ports.release()
        shutil.rmtree(self.directory, ignore_errors=True)


class Site:
    """One operator's site. text: the file for stsctl publish, in which {directory}, {http} and {https} are filled in."""

    def __init__(self, world, text):
        self.world = world
        self.directory = tempfile.mkdtemp(dir=world.directory)
        os.chmod(self.directory, 0o755)
        self.ports = world.ports.take(), world.ports.take()
        for name in ("log", "sites", "temp"):
            os.mkdir(os.path.join(self.directory, name))
        self.spec = os.path.join(self.directory, "publish.conf")
        self.errors = ""
        self._servers = []
        self.write(text)

    def path(self, *names):
        return os.path.join(self.directory, *names)

    def read(self, *names):
        with open(self.path(*names), "rb") as file:
            return file.read().decode()

    def write(self, text):
        with open(self.spec, "w", encoding="utf-8") as file:
            file.write(text.format(directory=self.directory, http="%s:%d" % (WEB, self.ports[0]),
                                   https="%s:%d" % (WEB, self.ports[1])))

    def stsctl(self, *words, status=0):
        """Its output; fails unless the exit status is the expected one."""
        settings = {
            "dns_servers": "127.0.0.1:%d" % self.world.dns.port, "dns_port": self.world.dns.port,
            "smtp_port": self.world.smtp_port, "policy_port": self.ports[1], "ca_file": self.world.authority.certificate,
            "allow_private_addresses": "yes", "dns_timeout": "3s", "fetch_timeout": "5s", "redis": "none"}
        words = [os.environ["STSCTL"], *words, "-c", "/dev/null"]
        for name, value in settings.items():
            words += ["-o", "%s=%s" % (name, value)]
        done = subprocess.run(words, capture_output=True, timeout=60, check=False,
                              env=dict(os.environ, LC_ALL="C.UTF-8", COLUMNS="120"))
        self.errors = done.stderr.decode("utf-8", "replace")
        text = done.stdout.decode("utf-8", "replace")
        assert done.returncode == status, "status %d\n%s%s" % (done.returncode, text, self.errors)
        for byte in done.stdout + done.stderr:
            assert byte >= 0x20 or byte == 0x0a, "a control byte on the terminal"
        return text

    def publish(self, verb, *words, status=0):
        return self.stsctl("publish", verb, "--from", self.spec, *words, status=status)

    def publish_json(self, verb, *words, status=0):
        """domain -> the JSON object about it."""
        text = self.publish(verb, "--json", *words, status=status)
        assert text.count("\n") == 1
        return {entry["domain"]: entry for entry in json.loads(text)["domains"]}

    def zone(self, key, text):
        self.world.dns.set_lines((self.directory, key), text)
        self.world.dns.reload()

    def certificate(self, host):
        """Puts a certificate where the file says, as certbot would have."""
        os.makedirs(self.path("tls"), exist_ok=True)
        shutil.copy(self.world.authority.issue(os.path.basename(self.directory) + "." + host, host, [host]),
                    self.path("tls", host + ".pem"))
        shutil.copy(self.world.authority.key, self.path("tls", host + ".key"))

    def serve(self, kind):
        server = WebServer(kind, self.directory, WEB, self.ports, self.path("sites"))
        self._servers.append(server)
        server.start()
        return server

    def get(self, host, path="/.well-known/mta-sts.txt", agent="test", source=STRANGER, tls=True):
        """Makes one request; (status, headers, body)."""
        with socket.create_connection((WEB, self.ports[1 if tls else 0]), 10, (source, 0)) as sock:
            if tls:
                sock = ssl.create_default_context(cafile=self.world.authority.certificate).wrap_socket(sock, server_hostname=host)
            sock.sendall(("GET %s HTTP/1.1\r\nHost: %s\r\nUser-Agent: %s\r\nConnection: close\r\n\r\n" % (
                path, host, agent)).encode())
            answer = b""
            while True:
                data = sock.recv(65536)
                if not data:
                    break
                answer += data
            sock.close()
        head, _, body = answer.partition(b"\r\n\r\n")
        status, *lines = head.decode("latin-1").split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        return int(status.split()[1]), headers, body.decode()

    def stop(self):
        for server in self._servers:
            server.stop()


@pytest.fixture(scope="session", name="world")
def make_world():
    world = World()
    yield world
    world.stop()


@pytest.fixture(name="new_site")
def make_new_site(world):
    sites = []

    def new_site(text):
        sites.append(Site(world, text))
        return sites[-1]
    yield new_site
    for site in sites:
        site.stop()
