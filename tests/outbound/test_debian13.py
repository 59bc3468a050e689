# SPDX-License-Identifier: ISC
"""Debian 13's Postfix 3.10 as the sender: this machine's, or one in a bare Debian 13 that STS_DEBIAN13 names (`make
check-debian13' makes one). It understands the map `tlsrpt', matches MX names against its patterns, and reports the results of
its handshakes by libtlsrpt."""
import ctypes
import os
import re
import subprocess

import pytest

from lab.postfix import Postfix
from lab.smtp_client import SmtpClient
from lab.waiting import wait_until

from outbound.test_collector import outbound
from outbound.world import SENDER, SERVICES

MS_BIND = 4096
REPORTS = """\
smtp_tlsrpt_enable = yes
smtp_tlsrpt_socket_name = %s
"""


POSTCONF = "/usr/sbin/postconf"


def postfix_version(*chroot):
    done = subprocess.run([*chroot, POSTCONF, "-dh", "mail_version"], capture_output=True, text=True, check=True)
    return tuple(map(int, re.findall(r"\d+", done.stdout)[:2]))


def is_here():
    return os.path.exists(POSTCONF) and postfix_version() >= (3, 10)


ROOT = os.environ.get("STS_DEBIAN13") or ("/" if is_here() else "")


def number(path, name):
    """A uid or gid in the root."""
    with open(ROOT + path, encoding="ascii") as file:
        return int(next(line.split(":")[2] for line in file if line.startswith(name + ":")))


class Debian13Postfix(Postfix):
    """Runs in the root, where the laboratory's directory is mounted at the same path."""

    def _master(self):
        return ["chroot", ROOT, "/usr/lib/postfix/sbin/master"]

    def _ids(self):
        return number("/etc/passwd", "postfix"), number("/etc/group", "postdrop")

    def send(self, domain, sender="a@sender.test"):
        """Returns (status, what Postfix says about it)."""
        pattern = r"to=<b@%s>.*status=(\w+) \((.*)\)" % re.escape(domain)
        before = len(re.findall(pattern, self.log()))
        with SmtpClient(self.port) as client:
            client.ehlo()
            client.command("MAIL FROM:<%s>" % sender)
            client.command("RCPT TO:<b@%s>" % domain)
            client.data(())
        return wait_until(lambda: re.findall(pattern, self.log())[before:], "Postfix has tried " + domain, 60)[0]


@pytest.fixture(scope="module", name="senders")
def fixture_senders(world):
    """One for each map; otherwise they are alike."""
    if not ROOT or not os.path.exists(ROOT + "/usr/lib/postfix/sbin/master"):
        pytest.skip("no Postfix 3.10 as Debian has it, here or in a root that STS_DEBIAN13 names: make check-debian13")
    libc = ctypes.CDLL(None)
    os.makedirs(ROOT + world.directory, exist_ok=True)
    assert libc.mount(world.directory.encode(), (ROOT + world.directory).encode(), None, MS_BIND, None) == 0
    with open(ROOT + "/etc/resolv.conf", "w", encoding="ascii") as file:
        file.write("nameserver %s\noptions trust-ad edns0 timeout:2 attempts:2\n" % world.resolver)
    made = {}
    try:
        for name in ("postfix", "tlsrpt"):
            directory = os.path.join(world.directory, "debian13-" + name)
            os.mkdir(directory)
            os.chmod(directory, 0o755)
            more = SENDER.format(maps="socketmap:unix:%s:%s" % (world.socketmap, name), ca=world.authority.certificate, support="dnssec")
            made[name] = Debian13Postfix(directory, world.take_port(), world.authority, "", more + REPORTS % world.tlsrpt,
                                         SERVICES)
            made[name].start()
        yield made
    finally:
        for sender in made.values():
            sender.stop()
        libc.umount2((ROOT + world.directory).encode(), 2)


def test_version(senders):
    assert senders
    assert postfix_version("chroot", ROOT) >= (3, 10)


@pytest.mark.parametrize("name", ["postfix", "tlsrpt"])
@pytest.mark.parametrize("domain, status, words", [
    ("good.test", "sent", ""),
    ("wild.test", "sent", ""),
    ("wronghost.test", "deferred", "not verified"),
    ("expired.test", "deferred", "not verified"),
    ("selfsigned.test", "deferred", "not verified"),
    ("outside.test", "deferred", ""),
    ("notls.test", "deferred", "TLS is required"),
    ("testing.test", "sent", ""),
    ("plain.test", "sent", ""),
    ("all.dnssec.test", "sent", ""),
    ("wrong.dnssec.test", "deferred", "not verified"),
    ("twomx.test", "sent", ""),
])
def test_what_becomes_of_mail(senders, name, domain, status, words):
    outcome, text = senders[name].send(domain)
    assert outcome == status, text
    assert words in text
    assert not re.search(r"killed by signal|panic|invalid attribute|syntax error|unexpected disconnect", senders[name].log())


def test_what_is_reported(world, senders, until):
    """Each handshake with a domain that has a TLSRPT record is counted, by the policy that we served."""
    before = outbound(world)
    senders["tlsrpt"].send("good.test")
    senders["tlsrpt"].send("wronghost.test")

    def grown(domain, field):
        return outbound(world).get(domain, {}).get(field, 0) - before.get(domain, {}).get(field, 0)
    until(lambda: grown("good.test", "sts:success") == 1 and grown("wronghost.test", "sts:failure") == 1, "both are counted", 20)
    assert grown("wronghost.test", "failure:certificate-host-mismatch") == 1
    assert outbound(world)["wronghost.test"]["last_mx"] == "mail.wronghost.test"


def test_reports_are_not_reported(world, senders, until):
    """A report uses its own transport, which sends the collector nothing: two sites that exchange reports do not go on
    for ever. Other mail, sent before and after it, is counted as always."""
    def counted():
        return outbound(world).get("good.test", {}).get("sts:success", 0)
    before = counted()
    senders["tlsrpt"].send("good.test")
    until(lambda: counted() == before + 1, "the first is counted", 20)
    assert senders["tlsrpt"].send("good.test", "tls-reports@sender.test")[0] == "sent"
    assert re.search(r"smtp-report/smtp\[\d+\]: .*to=<b@good.test>.*status=sent", senders["tlsrpt"].log())
    senders["tlsrpt"].send("good.test")
    until(lambda: counted() == before + 2, "the third is counted", 20)
