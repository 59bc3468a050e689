# SPDX-License-Identifier: ISC
"""doctor on DANE: certbot's files beside smtpd's certificate, TLSA records in a signed zone, a validating resolver."""
import os
import subprocess

import pytest
from conftest import BASELINE, names, the

from lab.postfix import HOST
from lab.signed_dns import SignedDnsServer, Unbound

TLSA = "3 1 1 " + "ab" * 32
NAME = "mx.example.net"


class Certbot:
    """The relevant part of certbot's directory, around one of the lab's certificates."""

    def __init__(self, machine, reuse_key=None):
        self.directory = os.path.join(machine.directory, "letsencrypt")
        live, archive, renewal = (os.path.join(self.directory, *parts) for parts in (("live", NAME), ("archive", NAME), ("renewal",)))
        for path in (live, archive, renewal):
            os.makedirs(path)
        authority = machine.world.authority
        certificate = authority.issue("certbot", NAME, [HOST])
        for kind, source in (("fullchain", certificate), ("privkey", authority.key)):
            with open(source, encoding="ascii") as text, open(os.path.join(archive, kind + "1.pem"), "w", encoding="ascii") as copy:
                copy.write(text.read())
            os.chmod(copy.name, 0o600)
            os.symlink("../../archive/%s/%s1.pem" % (NAME, kind), os.path.join(live, kind + ".pem"))
        self.renewal = os.path.join(renewal, NAME + ".conf")
        with open(self.renewal, "w", encoding="ascii") as file:
            file.write("version = 2.1.0\narchive_dir = %s\n\n[renewalparams]\naccount = 0123\nkey_type = ecdsa\n" % archive)
            if reuse_key is not None:
                file.write("reuse_key = %s\n" % reuse_key)
        self.files = [os.path.join(live, kind + ".pem") for kind in ("fullchain", "privkey")]

    def use(self, machine, certificate=None):
        machine.certificate(certificate or self.files[0], self.files[1])


@pytest.fixture
def dns(machine):
    """Publishes lines in a signed zone; the machine asks a resolver that validates."""
    authority = SignedDnsServer(machine.directory, machine.world.ports.take())
    resolver = Unbound(machine.directory, machine.world.ports.take(), authority)
    started = []

    def publish(*lines):
        authority.set_lines("tlsa", "\n".join(["%s. A 127.0.0.1" % HOST, *lines]))
        for server in (authority, resolver):
            started.append(server)
            server.start()
        machine.options["dns_servers"] = str(resolver)
        machine.options["dns_timeout"] = "2s"
    yield publish
    while started:
        started.pop().stop()


def passes(findings):
    return {finding["id"] for finding in findings if finding["level"] == "pass"}


def test_a_new_key_at_each_renewal(machine, dns):
    certbot = Certbot(machine)
    certbot.use(machine)
    dns("_25._tcp.%s. TLSA %s" % (HOST, TLSA))
    _, findings = machine.examine()
    assert names(findings) == BASELINE | {"warn dane.reuse-key"}
    found = the(findings, "dane.reuse-key")
    assert found["subject"] == certbot.renewal
    assert "_25._tcp.%s has TLSA 3 1 1 abab" % HOST in found["seen"]
    assert "dane.resolver" in passes(findings)
    # pasting the fix mends it, and pasting it twice does no harm
    for _ in range(2):
        subprocess.run(["sh", "-c", found["fix"]], check=True)
    with open(certbot.renewal, encoding="ascii") as file:
        assert file.read().count("reuse_key = True\n") == 1
    _, findings = machine.examine()
    assert names(findings) == BASELINE
    assert "dane.reuse-key" in passes(findings)


def test_a_link_to_the_certificate(machine, dns):
    certbot = Certbot(machine, "False")
    link = os.path.join(machine.directory, "smtpd.pem")
    os.symlink(certbot.files[0], link)
    machine.certificate(link, certbot.files[1])
    dns("_25._tcp.%s. TLSA %s" % (HOST, TLSA))
    assert names(machine.examine()[1]) == BASELINE | {"warn dane.reuse-key"}


def test_records_of_the_name_of_the_certificate(machine, dns):
    """myhostname need not be the name in the MX records."""
    certbot = Certbot(machine)
    certbot.use(machine)
    dns("mail.other.test. A 127.0.0.1", "_25._tcp.mail.other.test. TLSA %s" % TLSA)
    renewal = os.path.join(os.path.dirname(certbot.renewal), "mail.other.test-0001.conf")
    os.rename(certbot.renewal, renewal)
    os.rename(os.path.join(certbot.directory, "live", NAME), os.path.join(certbot.directory, "live", "mail.other.test-0001"))
    machine.certificate(*(path.replace(NAME, "mail.other.test-0001") for path in certbot.files))
    found = the(machine.examine()[1], "dane.reuse-key")
    assert (found["level"], found["subject"]) == ("warn", renewal)
    assert "_25._tcp.mail.other.test has TLSA 3 1 1 abab" in found["seen"]


def test_the_same_key_for_all(machine, dns):
    """certbot's global settings apply to everything that it renews."""
    certbot = Certbot(machine)
    certbot.use(machine)
    with open(os.path.join(certbot.directory, "cli.ini"), "w", encoding="ascii") as file:
        file.write("# all\nreuse-key = true\n")
    dns("_25._tcp.%s. TLSA %s" % (HOST, TLSA))
    _, findings = machine.examine()
    assert names(findings) == BASELINE
    assert "dane.reuse-key" in passes(findings)


def test_without_records_the_key_may_change(machine, dns):
    Certbot(machine).use(machine)
    dns()
    _, findings = machine.examine()
    assert names(findings) == BASELINE
    assert "dane.resolver" in passes(findings)


def test_records_of_the_issuer(machine, dns):
    Certbot(machine).use(machine)
    dns("_25._tcp.%s. TLSA 2 1 1 %s" % (HOST, "ab" * 32))
    assert names(machine.examine()[1]) == BASELINE


def test_dns_that_does_not_answer(machine):
    Certbot(machine).use(machine)
    machine.options["dns_servers"] = "127.0.0.1:1"
    status, findings = machine.examine()
    assert (status, names(findings)) == (3, BASELINE | {"info dane.reuse-key", "info dane.resolver"})


def test_who_reuses_keys_needs_no_dns(machine):
    Certbot(machine, "True").use(machine)
    machine.options["dns_servers"] = "127.0.0.1:1"
    status, findings = machine.examine()
    assert (status, names(findings)) == (0, BASELINE)
    assert {"dane.reuse-key"} & passes(findings)


@pytest.mark.parametrize("words", [(), ("--domains",)])
def test_resolver_is_asked(machine, dns, words):
    dns()
    _, findings = machine.examine(*words)
    assert "dane.resolver" in passes(findings)
