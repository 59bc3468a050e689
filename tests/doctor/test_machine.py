# SPDX-License-Identifier: ISC
"""What no table of settings can cover: a real chroot, Postfix's real user, a faulty real Redis, and unprivileged users."""
import json
import os
import shutil
import subprocess
import time

import pytest
from conftest import BASELINE, OPTIONS, names, the

from lab.domains import Domain, unpublished
from lab.lab import Lab
from lab.milter import Milter
from lab.redis_server import RedisServer


# ---- the socket, as smtpd sees it ----

class MilterInside:
    """A milter with its socket in the machine's queue directory, as conf/postfix/README says for a chroot."""

    def __init__(self, machine, mode="0660", group="postfix"):
        self.directory = os.path.join(machine.postfix.directory, "queue", "mta-sts-milter")
        self.socket = os.path.join(self.directory, "milter.sock")
        os.mkdir(self.directory)
        shutil.chown(self.directory, "nobody", "postfix")
        os.chmod(self.directory, 0o2750)
        self.milter = Milter(os.environ["STS_MILTER"], machine.directory, {
            "redis": "none", "milter_socket": "unix:" + self.socket, "milter_socket_mode": mode, "milter_socket_group": group})
        self.milter.socket = self.socket
        machine.options["milter_socket"] = "unix:" + self.socket
        machine.master_cf(smtpd="inet n - y - - smtpd")
        machine.main_cf(smtpd_milters="{ unix:/mta-sts-milter/milter.sock, %s }" % OPTIONS)

    def __enter__(self):
        self.milter.start()
        return self

    def __exit__(self, *_):
        self.milter.stop()


def test_socket_in_the_chroot(machine):
    with MilterInside(machine):
        status, findings = machine.examine()
        assert (status, names(findings)) == (0, BASELINE)


def test_socket_of_another_group(machine):
    with MilterInside(machine, group="nogroup"):
        status, findings = machine.examine()
        assert (status, names(findings)) == (1, BASELINE | {"fail milter.socket"})
        found = the(findings, "milter.socket")
        assert "Permission denied; owner nobody, group nogroup, mode 0660" in found["seen"]
        assert "install -d -m 2750 -o nobody -g postfix '%s'" % os.path.dirname(machine.options["milter_socket"][5:]) \
            in found["fix"]


def test_directory_that_smtpd_may_not_enter(machine):
    with MilterInside(machine) as inside:
        os.chmod(inside.directory, 0o700)
        assert names(machine.examine()[1]) == BASELINE | {"fail milter.socket"}


def test_socket_for_everybody(machine):
    with MilterInside(machine, mode="0666"):
        assert names(machine.examine()[1]) == BASELINE | {"info milter.socket-open"}


def test_milter_that_hangs(machine):
    with MilterInside(machine) as inside:
        inside.milter.process.suspend()
        try:
            assert names(machine.examine()[1]) == BASELINE | {"fail milter.silent"}
        finally:
            inside.milter.process.resume()


def test_milter_that_is_gone(machine):
    with MilterInside(machine) as inside:
        inside.milter.kill()
        assert names(machine.examine()[1]) == BASELINE | {"fail milter.down"}


def test_milter_over_tcp(machine):
    port = machine.world.ports.take()
    milter = Milter(os.environ["STS_MILTER"], machine.directory, {"redis": "none", "milter_socket": "inet:%d@127.0.0.1" % port})
    # the usual test connects to the socket, which is not there
    milter._accepts = lambda: " started: " in milter.log()	# pylint: disable=protected-access
    milter.start()
    try:
        machine.options["milter_socket"] = "inet:%d@127.0.0.1" % port
        machine.main_cf(smtpd_milters="{ inet:127.0.0.1:%d, %s }" % (port, OPTIONS))
        machine.master_cf(smtpd="inet n - y - - smtpd")
        assert names(machine.examine()[1]) == BASELINE
    finally:
        milter.stop()


# ---- Redis ----

@pytest.fixture(name="own_redis")
def make_own_redis(machine):
    redis = RedisServer(machine.directory, machine.world.ports.take())
    redis.start()
    machine.options["redis"] = "unix:" + redis.socket
    subprocess.run([machine.world.stsctl, "redis-setup", "-c", machine.world.milter.config, "-o", "redis=unix:" + redis.socket],
                   check=True, stdout=subprocess.DEVNULL)
    yield redis
    redis.stop()


@pytest.mark.parametrize("commands, expected", [
    ([], ""),
    ([["CONFIG", "SET", "maxmemory-policy", "allkeys-lru"]], ""),
    ([["CONFIG", "SET", "maxmemory", "100mb"], ["CONFIG", "SET", "maxmemory-policy", "allkeys-lru"]], "warn redis.eviction"),
    ([["CONFIG", "SET", "maxmemory", "100mb"]], ""),
    ([["CONFIG", "SET", "appendonly", "no"]], "warn redis.persistence"),
    ([["CONFIG", "SET", "appendonly", "no"], ["CONFIG", "SET", "save", "3600 1"]], ""),
    ([["FUNCTION", "FLUSH"]], "info redis.functions"),
    ([["REPLICAOF", "127.0.0.1", "1"]], "fail redis.replica"),
    ([["CONFIG", "SET", "maxmemory", "1mb"]], "warn redis.full"),
], ids=lambda value: "" if isinstance(value, str) else "-".join(word for words in value for word in words[1:]) or "good")
def test_redis(machine, own_redis, commands, expected):
    for words in commands:
        own_redis.command(*words)
    assert names(machine.examine()[1]) == BASELINE | set(filter(None, expected.split(", ")))


@pytest.mark.parametrize("commands, name", [
    ([["CONFIG", "SET", "maxmemory", "100mb"], ["CONFIG", "SET", "maxmemory-policy", "allkeys-lru"]], "redis.eviction"),
    ([["CONFIG", "SET", "appendonly", "no"]], "redis.persistence"),
], ids=["eviction", "persistence"])
def test_redis_is_mended(machine, own_redis, commands, name):
    """By pasting the printed line, which addresses this Redis and no other. (CONFIG REWRITE needs a file; this one has none.)"""
    for words in commands:
        own_redis.command(*words)
    change, rewrite = the(machine.examine()[1], name)["fix"].splitlines()
    assert subprocess.run(["sh", "-c", change], check=True, capture_output=True, encoding="utf-8").stdout == "OK\n"
    assert rewrite.startswith("redis-cli -s ") and rewrite.endswith(" CONFIG REWRITE")
    assert names(machine.examine()[1]) == BASELINE


def test_redis_users(machine, own_redis):
    """With the users that redis-setup prints: the milter's suffices for the milter, but not for everything that doctor asks."""
    lines = subprocess.run([machine.world.stsctl, "redis-setup", "--acl-only", "-c", machine.world.milter.config], check=True,
                           capture_output=True, encoding="utf-8").stdout
    subprocess.run(["redis-cli", "-s", own_redis.socket], input=lines, check=True, capture_output=True, encoding="utf-8")
    password = machine.write("password", "secret\n")
    machine.options.update(redis_password_file=password, redis_username="milter")
    for user in ("milter", "operator", "rspamd"):
        own_redis.command("ACL", "SETUSER", user, ">secret")
    status, findings = machine.examine()
    assert (status, names(findings)) == (0, {"info redis.refused"})
    assert "NOPERM" in the(findings, "redis.refused")["seen"]
    machine.options["redis_username"] = "rspamd"
    status, findings = machine.examine()
    assert (status, names(findings)) == (1, {"fail redis.acl", "info redis.refused"})
    machine.options["redis_password_file"] = machine.write("password", "wrong\n")
    status, findings = machine.examine()
    assert (status, names(findings)) == (1, {"fail redis.unreachable"})
    assert "secret" not in json.dumps(findings) and "wrong\n" not in json.dumps(findings)


def test_trip_wire(machine, own_redis):
    """Reported for every milter whose last heartbeat is less than a minute old."""
    now = int(time.time())
    for node, seen, tripped in (("mx1.test", now, now - 30), ("mx2.test", now, 0), ("gone.test", now - 3600, now - 3600)):
        own_redis.command("HSET", "mta-sts:node:{%s}" % node, "seen", str(seen), "started", "1", "tripped", str(tripped))
        own_redis.command("ZADD", "mta-sts:nodes", str(seen), node)
    status, findings = machine.examine()
    assert (status, names(findings)) == (1, BASELINE | {"fail milter.tripped"})
    assert the(findings, "milter.tripped")["subject"] == "mx1.test"
    # ready to paste: with the settings that doctor was given
    assert the(findings, "milter.tripped")["fix"].endswith("\nstsctl -c %s -o redis=unix:%s enforce reset" %
                                                           (machine.world.milter.config, own_redis.socket))


def test_redis_that_hangs(machine, own_redis):
    own_redis.process.suspend()
    try:
        assert names(machine.examine()[1]) == {"fail redis.unreachable"}
    finally:
        own_redis.process.resume()


# ---- domains, with their policies ----

def test_policies_of_domains(machine):
    domains = [Domain("rcpt.test"), Domain("testing.test"), Domain("badid.test", txt=["v=STSv1; id=a-b;"]),
               unpublished("absent.test")]
    with Lab(domains, milter=False) as lab:
        machine.options.update(
            dns_servers="127.0.0.1:%d" % lab.dns.port, policy_port=lab.policy_port, ca_file=lab.authority.certificate,
            allow_private_addresses="yes", local_domains="rcpt.test testing.test badid.test absent.test nodns.servfail.test")
        machine.main_cf(relay_domains="testing.test badid.test absent.test nodns.servfail.test")
        machine.certificate(lab.authority.issue("mine", "mx.rcpt.test", ["mx.rcpt.test"]), lab.authority.key)
        assert names(machine.examine()[1]) == BASELINE	# asks no server
        status, findings = machine.examine("--domains")
        assert status == 1
        of_policies = {finding["subject"]: finding["level"] for finding in findings if finding["id"] == "domains.policy"}
        assert of_policies == {"rcpt.test": "pass", "testing.test": "pass", "badid.test": "fail", "absent.test": "warn",
                               "nodns.servfail.test": "info"}


# ---- unprivileged users, and the output ----

def test_somebody_else_looks(machine):
    """Findings that need root say so, and the exit status says that not everything is known."""
    status, findings = machine.examine(user="nobody")
    # nobody owns the milter's socket, and may connect, but cannot become smtpd's user
    assert names(findings) == BASELINE | {"info postfix.tls-file", "info milter.unknown"}
    assert status == 3
    for name in ("postfix.tls-file", "milter.unknown"):
        assert the(findings, name)["fix"] == "run stsctl doctor as root"


def test_settings_that_only_root_may_read(machine):
    config = machine.write("secret.conf", "redis = none\n")
    os.chmod(config, 0o600)
    status, findings = machine.examine("-c", config, user="nobody")
    assert the(findings, "milter.settings")["level"] == "info"
    # no findings about a milter and a Redis that are not where the defaults say
    assert status == 3 and not [f["id"] for f in findings if f["level"] == "fail" or f["id"].split(".")[0] in ("redis", "domains")]


def test_no_postfix(machine):
    shutil.rmtree(machine.postfix.directory)
    status, findings = machine.examine()
    assert (status, names(findings)) == (3, BASELINE | {"warn postfix.unreadable"})


def test_text(machine):
    machine.main_cf(smtpd_tls_security_level="none")
    status, text, errors = machine.run()
    assert (status, errors) == (1, "")
    lines = text.splitlines()
    assert lines[0] == "  fail  postfix.tls-level  smtpd_tls_security_level"
    assert lines[-1] == "fail: 1 fail, 0 warn, 1 info"		# without TLS, no service is asked whether it offers it
    assert max(map(len, [line for line in lines if "postconf" not in line])) < 200
    _, text, errors = machine.run("--verbose")
    assert "+postconf -c %s -x  (status 0, " % machine.postfix.directory in errors
    assert text.splitlines() == lines


def test_usage(machine):
    assert machine.run("operand")[0] == 2
    assert machine.run("--postfix")[0] == 2
    assert "  stsctl doctor [" in machine.run("--help")[1]


def test_hostile_configuration(machine):
    """Bytes from a configuration neither reach the terminal raw nor break the JSON."""
    machine.main_cf(**{"smtpd_tls_chain_files": "/nonexistent/\x1b[31m\xff", "smtp_tls_policy_maps": "hash:/\x1b]0;x\x07"})
    for words in ((), ("--verbose",)):
        _, text, errors = machine.run(*words)
        for character in text + errors:
            assert character == "\n" or ord(character) >= 0x20
    status, findings = machine.examine()
    assert status == 1
    assert "fail postfix.tls-file" in names(findings)


def test_changes_nothing(machine):
    def state():
        found = {}
        for top in (machine.postfix.directory, machine.rspamd.local):
            for directory, _, files in os.walk(top):
                for name in files:
                    path = os.path.join(directory, name)
                    with open(path, "rb") as file:
                        found[path] = (file.read(), os.stat(path).st_mtime_ns)
        return found, machine.world.redis.command("DBSIZE")
    machine.main_cf(smtpd_milters="", smtpd_tls_security_level="")
    machine.rspamd_file("unseen", "so that rspamadm itself is run\n")
    before = state()
    assert machine.examine()[0] == 1
    assert state() == before
