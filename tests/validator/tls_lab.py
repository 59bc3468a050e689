# SPDX-License-Identifier: ISC
"""The laboratory for check on policy hosts and mail exchangers: DNS, nginx, Postfix and servers that misbehave."""
import json
import os
import shutil
import subprocess
import tempfile

from lab.certificates import CertificateAuthority
from lab.dns_server import DnsServer
from lab.domains import Domain, policy
from lab.fault_server import FaultServer
from lab.https_server import HttpsServer
from lab.milter import SANITIZER_OPTIONS
from lab.ports import Ports

import mail_exchangers
import rude_smtp

GOOD_MAIL = (mail_exchangers.ADDRESSES["good"],)
# The prefixes of the findings that this laboratory tests.
FAMILIES = ("host.", "tls.", "fetch.", "policy.", "smtp.", "check.")


def publishing(name, mode="enforce", **fields):
    """A domain whose policy is faultless, unless fields say otherwise."""
    fields.setdefault("body", policy(mode, max_age=604800, name=name))
    fields.setdefault("mail", GOOD_MAIL)
    return Domain(name, **fields)


class TlsLab:
    """All servers run for the duration of a `with` statement."""
    DNS = DnsServer
    EXCHANGERS = mail_exchangers.MailExchangers

    def __init__(self, domains):
        self.directory = tempfile.mkdtemp(prefix="mta-sts-check-")
        os.chmod(self.directory, 0o755)		# nobody, postfix and root all use it
        self._ports = Ports()
        self._running = []
        authority = self.authority = CertificateAuthority(self.directory)
        policy_port, smtp_port = self.policy_port, _ = self._ports.take(), self._ports.take()
        dns = self.dns = self.DNS(self.directory, self._ports.take())
        for domain in domains:
            dns.set(domain)
        self.https = HttpsServer(self.directory, policy_port, authority, domains)
        self.faults = FaultServer(policy_port, self.https.good_certificate, authority.key, domains)
        self.rude = rude_smtp.RudeSmtp(smtp_port)
        self.exchangers = self.EXCHANGERS(
            self.directory, smtp_port, authority, ["mail." + domain.name for domain in domains])
        self._pieces = (dns, self.https, self.faults, self.rude, self.exchangers)
        self._config = os.path.join(self.directory, "check.conf")
        settings = {"dns_servers": "127.0.0.1:%d" % dns.port, "dns_port": dns.port, "policy_port": policy_port,
                    "smtp_port": smtp_port, "ca_file": authority.certificate, "allow_private_addresses": "yes",
                    "redis": "none", "authserv_id": "check.test", "fetch_timeout": "20s"}
        with open(self._config, "w", encoding="ascii") as config:
            config.writelines("%s = %s\n" % setting for setting in settings.items())

    def __enter__(self):
        try:
            for piece in self._pieces:
                self._running.append(piece)
                piece.start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        while self._running:
            self._running.pop().stop()
        self._ports.release()
        shutil.rmtree(self.directory, ignore_errors=True)

    @property
    def config(self):
        """The settings that point stsctl at the servers."""
        return self._config

    def stsctl(self, *words):
        """Runs check; returns (exit status, standard output, standard error)."""
        done = subprocess.run([os.environ["STSCTL"], "check", "-c", self._config, *words], capture_output=True,
                              timeout=120, check=False, env=dict(SANITIZER_OPTIONS, **os.environ))
        for byte in done.stdout + done.stderr:
            assert 0x20 <= byte < 0x7f or byte == 0x0a, "a byte that does not belong on a terminal"
        return done.returncode, done.stdout.decode("ascii"), done.stderr.decode("ascii")

    def findings(self, domain, *words):
        """(exit status, findings in FAMILIES)"""
        status, output, errors = self.stsctl("--state", "none", "--json", *words, domain)
        assert errors == ""
        answer = json.loads(output)
        assert answer["domain"] == domain
        return status, [found for found in answer["findings"] if found["id"].startswith(FAMILIES)]
