# SPDX-License-Identifier: ISC
"""redis = tls:, sentinel+tls:, cluster+tls: the daemon's counters arrive, its log says what is wrong with a certificate, and stsctl
connects the same way. tests/store tests which certificates are refused."""
import os
import shutil
import signal
import subprocess

import pytest

from conftest import ROOT, USER
from lab.certificates import CertificateAuthority, in_days
from lab.ports import Ports
from lab.process import Process
from lab.redis_server import RedisServer
from lab.waiting import TimedOut, wait_until
from mta import Mta

MESSAGES = 20


class Site:
    """A daemon, a CA, and a Redis with TLS whose certificate is in cert.pem. That certificate is for localhost."""

    def __init__(self, daemon, ports):
        self.daemon = daemon
        self.ports = ports
        self.authority = CertificateAuthority(daemon.directory)
        self.tls_port = ports.take()
        self.cert = daemon.path("cert.pem")
        self.show(self.authority.issue("good", "redis", ["localhost"]))
        self.tls = ["--tls-cert-file", self.cert, "--tls-key-file", self.authority.key,
                    "--tls-ca-cert-file", self.authority.certificate, "--tls-auth-clients", "no"]
        self.redis = None
        self.second = None
        self.others = []
        daemon.write(dns_servers="127.0.0.1:%d" % ports.take(), dns_timeout="1s", policy_wait="10ms", redis_timeout="5s",
                     redis_tls_ca_file=self.authority.certificate, redis_tls_server_name="localhost")

    def show(self, certificate):
        shutil.copyfile(certificate, self.cert)

    def start(self, *more):
        self.redis = RedisServer(self.daemon.directory, self.ports.take(), ["--tls-port", str(self.tls_port), *self.tls, *more])
        self.redis.start()

    def start_other(self, name, config):
        path = self.daemon.path(name + ".conf")
        self.daemon.write_text(config, name + ".conf")
        process = Process(name, ["redis-server", path, "--sentinel"], self.daemon.directory)
        process.start()
        self.others.append(process)

    def stop(self):
        for process in self.others:
            process.stop()
        for redis in filter(None, (self.redis, self.second)):
            redis.stop()

    def send(self, count=MESSAGES):
        for _ in range(count):
            with Mta(self.daemon.socket) as mta:
                mta.message("user@sender.test")
                mta.tell(b"E")
                mta.changes()

    def counted(self):
        for redis in filter(None, (self.redis, self.second)):
            try:
                return redis.hash("mta-sts:stats").get("messages", 0)
            except subprocess.CalledProcessError:
                assert self.second	# the other one has the key
        raise AssertionError("nobody has the counters")

    def start_cluster(self):
        """Two masters, each with half of the slots, whose connections to each other use TLS as well."""
        cluster = ["--cluster-enabled", "yes", "--tls-cluster", "yes"]
        bus, port = self.ports.take(), self.ports.take()
        directory = self.daemon.path("second")
        os.mkdir(directory)
        self.start(*cluster, "--cluster-port", str(self.ports.take()))
        self.second = RedisServer(directory, self.ports.take(), ["--tls-port", str(port), *self.tls, *cluster, "--cluster-port", str(bus)])
        self.second.start()
        assert self.redis.command("CLUSTER", "ADDSLOTSRANGE", 0, 8191) == "OK"
        assert self.second.command("CLUSTER", "ADDSLOTSRANGE", 8192, 16383) == "OK"
        assert self.redis.command("CLUSTER", "MEET", "127.0.0.1", port, bus) == "OK"
        wait_until(lambda: self.knows_all(self.redis) and self.knows_all(self.second), "the cluster has all slots", 60)

    @staticmethod
    def knows_all(redis):
        done = subprocess.run(["redis-cli", "-s", redis.socket, "CLUSTER", "INFO"], capture_output=True, text=True, check=False)
        return "cluster_state:ok" in done.stdout and "cluster_size:2" in done.stdout

    def expect(self, count):
        try:
            wait_until(lambda: self.counted() >= count, "the counters are written", 60)
        except TimedOut as late:
            raise AssertionError("%s\n%s" % (late, self.daemon.log(self.daemon.processes[-1]))) from late
        assert self.counted() == count

    def stsctl(self, *words):
        done = subprocess.run([os.environ["STSCTL"], words[0], "-c", self.daemon.config, *words[1:]], capture_output=True,
                              encoding="utf-8", timeout=60, check=False)
        return done.returncode, done.stdout + done.stderr


@pytest.fixture
def site(daemon):
    ports = Ports()
    made = Site(daemon, ports)
    try:
        yield made
    finally:
        made.stop()
        ports.release()


def check_counts(site):
    """All messages are counted, and stsctl reads the counters."""
    process = site.daemon.start()
    site.send()
    site.expect(MESSAGES)
    assert " away " not in site.daemon.log(process)
    status, text = site.stsctl("stats")
    assert status == 0, text
    assert str(MESSAGES) in text
    assert site.daemon.stop(process, signal.SIGTERM) == 0


def test_one_server(site):
    site.start()
    site.daemon.write(redis="tls:127.0.0.1:%d" % site.tls_port)
    check_counts(site)


def test_by_its_name(site):
    """Without redis_tls_server_name, the certificate must match the host of the setting."""
    site.start()
    site.daemon.write(redis="tls:localhost:%d" % site.tls_port, redis_tls_server_name=None)
    check_counts(site)


def test_cluster(site):
    """The nodes' ports are the TLS ports, too."""
    site.start_cluster()
    site.daemon.write(redis="cluster+tls:127.0.0.1:%d" % site.tls_port)
    check_counts(site)


def test_sentinel(site):
    """The sentinel is asked over TLS as well: it has no other port."""
    port = site.ports.take()
    site.start("--tls-replication", "yes")
    config = ["%s %s" % (word[2:], value) for word, value in zip(site.tls[::2], site.tls[1::2])]
    site.start_other("sentinel", "\n".join([*config, "port 0", "tls-port %d" % port, "bind 127.0.0.1", "tls-replication yes",
                                           "dir %s" % site.daemon.directory, "sentinel monitor main 127.0.0.1 %d 1" % site.tls_port, ""]))
    wait_until(lambda: subprocess.run(["redis-cli", "--tls", "--cacert", site.authority.certificate, "-h", "localhost", "-p", str(port),
                                       "PING"], capture_output=True, check=False).stdout == b"PONG\n", "the sentinel answers", 60)
    site.daemon.write(redis="sentinel+tls:main@127.0.0.1:%d" % port)
    check_counts(site)


def test_expired_and_renewed(site):
    """An expired certificate loses no message and no counter; the log and doctor name it, and the renewed one is picked up."""
    site.show(site.authority.issue("expired", "redis", ["localhost"], in_days(-30), in_days(-2)))
    site.start()
    place = "tls:127.0.0.1:%d" % site.tls_port
    site.daemon.write(redis=place)
    process = site.daemon.start()
    site.send()
    site.daemon.said(process, "redis %s is away (TLS: certificate has expired)" % place)
    assert site.counted() == 0
    status, text = site.stsctl("stats")
    assert status != 0
    assert "redis %s: TLS: certificate has expired" % place in text
    text = site.stsctl("doctor")[1]
    assert "redis.tls" in text and "certificate has expired" in text
    site.show(site.authority.issue("renewed", "redis", ["localhost"]))
    site.redis.command("CONFIG", "SET", "tls-cert-file", site.cert)
    site.expect(MESSAGES)
    assert site.daemon.stop(process, signal.SIGTERM) == 0
    assert "BEGIN" not in site.daemon.log(process)


def test_our_certificate(site):
    """Redis requires a client certificate: its key must be readable for the user that the daemon switches to."""
    key = site.authority.make_key("client-key", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256")
    site.start("--tls-auth-clients", "yes")
    site.daemon.write(redis="tls:127.0.0.1:%d" % site.tls_port)
    process = site.daemon.start()
    site.daemon.said(process, "it asks for a certificate of ours, and redis_tls_cert_file is empty)")
    assert site.daemon.stop(process, signal.SIGTERM) == 0
    client = site.authority.issue("client", "milter", ["milter.test"], key=key)
    site.daemon.write(redis_tls_cert_file=client, redis_tls_key_file=key)
    if ROOT:
        process = site.daemon.start()
        assert "redis_tls_key_file: cannot read %s: Permission denied" % key in site.daemon.log(process)
        site.daemon.said(process, "(TLS: redis_tls_key_file: Permission denied: %s)" % key)
        assert site.daemon.stop(process, signal.SIGTERM) == 0
        shutil.chown(key, USER)
    check_counts(site)


def test_settings(site):
    """TLS settings where nothing is encrypted."""
    site.daemon.write(redis="tcp:127.0.0.1:%d" % site.tls_port)
    status, _, errors = site.daemon.run("-c", site.daemon.config, "-t")
    assert status != 0
    assert "redis_tls_ca_file: has no effect without TLS" in errors
