# SPDX-License-Identifier: ISC
"""The servers of the outbound tests, and the domains that they serve."""
import glob
import os
import re
import shutil
import socket
import subprocess
import tempfile
from dataclasses import dataclass, field

from lab.certificates import CertificateAuthority
from lab.domains import REFUSED, Domain, policy, unpublished
from lab.https_server import HttpsServer
from lab.lab import default_program
from lab.metrics_page import MetricsPage
from lab.milter import Milter
from lab.postfix import Postfix
from lab.ports import Ports
from lab.redis_server import RedisServer
from lab.outbound_dns import OutboundDnsServer, Unbound
from lab.smtp_client import SmtpClient
from lab.waiting import wait_until

BLACK_HOLE = "127.0.3.1"

SENDER = """\
myhostname = out.sender.test
mynetworks = 127.0.0.0/8
smtpd_relay_restrictions = permit_mynetworks, reject
default_transport = smtp
relay_transport = smtp
smtp_bind_address = 127.0.0.1
smtp_host_lookup = dns
smtp_dns_support_level = {support}
smtp_tls_security_level = may
smtp_tls_policy_maps = {maps}
smtp_tls_CAfile = {ca}
smtp_tls_loglevel = 1
smtp_connect_timeout = 12s
smtp_address_preference = ipv4
smtp_balance_inet_protocols = no
smtp_randomize_addresses = no
minimal_backoff_time = 300s
queue_run_delay = 300s
smtp_connection_cache_on_demand = no
milter_default_action = accept
sender_dependent_default_transport_maps = inline:{{ {{ tls-reports@sender.test = smtp-report: }} }}
"""
# doc/outbound.md: deliveries of reports are not reported (smtp_tlsrpt_enable; from Postfix 3.10 on), and do not wait for TLS
SERVICES = """\
smtp unix - - n - - smtp
smtp-report unix - - n - - smtp
  -o syslog_name=postfix/smtp-report
  -o smtp_tlsrpt_enable=no
  -o smtp_tls_policy_maps=
  -o smtp_tls_security_level=may
"""

RECEIVER = """\
virtual_mailbox_domains = static:all
smtpd_tls_security_level = may
"""


@dataclass
class Exchanger:
    """A mail exchanger: an smtpd on its own address, with this certificate."""
    address: str
    certificate: str = "good"	# good, wrong-host, expired, self-signed, none
    host: str = ""


@dataclass
class Case:
    """A domain, and the hosts its mail goes to."""
    domain: Domain
    exchangers: list = field(default_factory=list)


def case(name, number, certificate="good", **options):
    """A domain with one MX host, mail.NAME, on its own address."""
    address = "127.0.2.%d" % number
    return Case(Domain(name, mail=(address,), **options), [Exchanger(address, certificate, "mail." + name)])


def cases():
    """The domains without DNSSEC."""
    return [
        case("good.test", 1, tlsrpt=("v=TLSRPTv1; rua=mailto:r@good.test",)),
        case("wronghost.test", 2, "wrong-host", tlsrpt=("v=TLSRPTv1; rua=mailto:r@wronghost.test",)),
        case("expired.test", 3, "expired"),
        case("selfsigned.test", 4, "self-signed"),
        case("outside.test", 5, body=policy(mx=["other.outside.test"])),
        case("notls.test", 6, "none"),
        case("testing.test", 7, "self-signed", body=policy("testing", name="testing.test")),
        case("moves.test", 9, body=policy(mx=["old.moves.test"])),
        case("wild.test", 10, body=policy(mx=["*.wild.test"])),
        case("deadweb.test", 11, "self-signed", address=REFUSED),
        case("cached.test", 12),
        case("rule.test", 13, "self-signed"),
        case("plain.test", 8, "none", txt=[], address=""),
        Case(Domain("twomx.test", mail=(BLACK_HOLE,), mx=("10 mail.%s.", "20 second.%s."),
                    body=policy(mx=["mail.twomx.test", "second.twomx.test"]), zone=("second.%s. A 127.0.2.20",)),
             [Exchanger("127.0.2.20", "good", "second.twomx.test")]),
    ]


class World:
    """All servers. The daemon has no milter; the sending Postfix asks it through the map `postfix`."""

    def __init__(self, resolver):
        self.directory = tempfile.mkdtemp(prefix="mta-sts-outbound-")
        os.chmod(self.directory, 0o755)
        self._ports = Ports()
        self.resolver = resolver
        self.cases = cases()
        domains = [each.domain for each in self.cases]
        self.authority = CertificateAuthority(self.directory)
        self.dns = OutboundDnsServer(self.directory, self._ports.take())
        for domain in domains:
            self.dns.set(domain)
        self._signed_zone()
        self.unbound = Unbound(self.directory, resolver, self.dns)
        self.policy_port = self._ports.take()
        self.https = HttpsServer(self.directory, self.policy_port, self.authority, domains)
        self.redis = RedisServer(self.directory, self._ports.take())
        self._make_daemon()
        self._make_mail()
        self._running = []
        self._hole = None

    # ---- DNSSEC ----

    def _signed_zone(self):
        """One domain for each state of DANE. The right record is for the lab's only key."""
        done = subprocess.run("openssl pkey -in %s -pubout -outform DER | openssl dgst -sha256 -r" % self.authority.key,
                              shell=True, check=True, capture_output=True, text=True)
        right, wrong = done.stdout.split()[0], "ab" * 32
        lines = []
        for name, number, tlsa in (("all", 31, "3 1 1 " + right), ("wrong", 32, "3 1 1 " + wrong),
                                   ("unusable", 33, "0 1 1 " + right), ("none", 34, ""), ("enforced", 36, "3 1 1 " + right)):
            host = "mail.%s.dnssec.test." % name
            lines += ["%s.dnssec.test. MX 10 %s" % (name, host), "%s A 127.0.2.%d" % (host, number)]
            if tlsa:
                lines.append("_25._tcp.%s TLSA %s" % (host, tlsa))
            self.cases.append(Case(unpublished("%s.dnssec.test" % name),
                                   [Exchanger("127.0.2.%d" % number, "self-signed", host.rstrip("."))]))
        # the host with DANE comes first; the other would take mail without any check
        lines += ["one.dnssec.test. MX 10 mail.one.dnssec.test.", "one.dnssec.test. MX 20 second.one.dnssec.test.",
                  "mail.one.dnssec.test. A 127.0.2.35", "second.one.dnssec.test. A 127.0.2.37",
                  "_25._tcp.mail.one.dnssec.test. TLSA 3 1 1 " + right]
        self.cases.append(Case(unpublished("one.dnssec.test"),
                               [Exchanger("127.0.2.35", "self-signed", "mail.one.dnssec.test"),
                                Exchanger("127.0.2.37", "self-signed", "second.one.dnssec.test")]))
        self.dns.set_signed("hosts", "\n".join(lines))
        self.dns.set_lines("half", "half.test. MX 10 mail.all.dnssec.test.")

    # ---- the daemon and mail ----

    def _make_daemon(self):
        self.socketmap = os.path.join(self.directory, "milter", "socketmap.sock")
        self.tlsrpt = os.path.join(self.directory, "milter", "tlsrpt.sock")
        self.page = MetricsPage(self._ports.take())
        self.daemon = Milter(default_program(), self.directory, {
            "metrics_listen": self.page.address,
            "milter_socket": None, "socketmap_listen": "unix:" + self.socketmap,
            "tlsrpt_listen": "unix:" + self.tlsrpt, "dns_servers": self.resolver,
            "redis": "unix:" + self.redis.socket, "policy_port": self.policy_port, "ca_file": self.authority.certificate,
            "allow_private_addresses": "yes", "dns_timeout": "2s", "fetch_timeout": "3s", "flush_interval": "100ms",
            "outbound_recheck_interval": "1s", "recheck_interval": "1h"})
        self.rules = os.path.join(self.daemon.directory, "rules")
        self.write_rules("")
        self.daemon.write_config("milter_socket =\ndomain_rules = %s\n" % self.rules)
        self.daemon._accepts = lambda: can_connect(self.socketmap)	# pylint: disable=protected-access

    def write_rules(self, text):
        with open(self.rules, "w", encoding="ascii") as file:
            file.write(text)

    def configure(self, **changes):
        """Changes settings of the running daemon (None: back to the default), and waits until they are in use."""
        done = self.daemon.process.tail(100000).count("reload: new settings")
        self.daemon.write_config("milter_socket =\ndomain_rules = %s\n" % self.rules, **changes)
        self.daemon.process.send_signal(10)
        wait_until(lambda: self.daemon.process.tail(100000).count("reload: new settings") > done, "the daemon has reloaded")

    def _make_mail(self):
        self.receiver_directory = os.path.join(self.directory, "receiver")
        sender_directory = os.path.join(self.directory, "sender")
        for path in (self.receiver_directory, sender_directory):
            os.mkdir(path)
            os.chmod(path, 0o755)
        services = "".join(self._service(exchanger) for each in self.cases for exchanger in each.exchangers)
        self.receiver = Postfix(self.receiver_directory, self._ports.take(), self.authority, "", RECEIVER, services)
        self.sender = Postfix(sender_directory, self._ports.take(), self.authority, "", SENDER.format(
            maps="socketmap:unix:%s:postfix" % self.socketmap, ca=self.authority.certificate, support="dnssec"),
                              SERVICES)

    def _service(self, exchanger):
        name, issue = "mx-" + exchanger.address, self.authority.issue
        if exchanger.certificate == "none":
            return "%s:25 inet n - n - - smtpd -o smtpd_tls_security_level=none\n" % exchanger.address
        if exchanger.certificate == "good":
            path = issue(name, exchanger.host, [exchanger.host])
        elif exchanger.certificate == "wrong-host":
            path = issue(name, exchanger.host, ["www." + exchanger.host])
        elif exchanger.certificate == "expired":
            path = issue(name, exchanger.host, [exchanger.host], "20200101000000Z", "20200201000000Z")
        else:
            path = self.authority.self_signed(name, exchanger.host)
        return "%s:25 inet n - n - - smtpd\n  -o { smtpd_tls_chain_files = %s, %s }\n" % (exchanger.address,
                                                                                     self.authority.key, path)

    # ---- life ----

    def start(self):
        for piece in (self.redis, self.dns, self.unbound, self.https, self.daemon, self.receiver, self.sender):
            self._running.append(piece)
            piece.start()
        self._open_hole()

    def stop(self):
        while self._running:
            self._running.pop().stop()
        if self._hole:
            for sock in self._hole:
                sock.close()
        self._ports.release()
        shutil.rmtree(self.directory, ignore_errors=True)

    def _open_hole(self):
        """An address where the packets of new connections are dropped: a listener whose backlog is full."""
        listener = socket.socket()
        listener.bind((BLACK_HOLE, 25))
        listener.listen(0)
        self._hole = [listener]
        for _ in range(4):
            sock = socket.socket()
            sock.setblocking(False)
            sock.connect_ex((BLACK_HOLE, 25))
            self._hole.append(sock)

    def logs(self):
        paths = [self.daemon.process.log, self.sender.maillog, self.unbound.process.log]
        text = ""
        for path in paths + glob.glob(os.path.join(self.directory, "*", "postfix", "*log")):
            if os.path.exists(path):
                with open(path, encoding="utf-8", errors="replace") as file:
                    text += "--- %s\n%s\n" % (path, file.read()[-6000:])
        return text

    # ---- what tests do ----

    def take_port(self):
        return self._ports.take()

    def answer(self, key, name="postfix"):
        """What Postfix would be told."""
        with socket.socket(socket.AF_UNIX) as sock:
            sock.connect(self.socketmap)
            return ask(sock, key, name)

    def send(self, domain, sender="a@sender.test"):
        """Sends a message and returns (status, what Postfix says about it): sent, deferred or bounced."""
        with SmtpClient(self.sender.port) as client:
            client.ehlo()
            client.command("MAIL FROM:<%s>" % sender)
            client.command("RCPT TO:<b@%s>" % domain)
            client.data(())
        return self.outcome(domain, 1)

    def outcome(self, domain, at_least, timeout=40.0):
        """Waits for at_least tries since the last call; returns the outcome of the last one."""
        pattern = r"to=<b@%s>.*status=(\w+) \((.*)\)" % re.escape(domain)
        seen = self._seen.get(domain, 0)
        found = wait_until(lambda: len(self._tries(pattern)) >= seen + at_least and self._tries(pattern),
                           "Postfix has tried to send to " + domain, timeout)
        self._seen[domain] = len(found)
        return found[-1]

    _seen = {}

    def _tries(self, pattern):
        return re.findall(pattern, self.sender.log())

    def flush(self):
        """Makes Postfix try the whole queue again."""
        # postqueue wakes the queue manager, and then complains that there is no pickup(8).
        subprocess.run(["postqueue", "-c", self.sender.directory, "-f"], check=False, capture_output=True)


def ask(sock, key, name="postfix"):
    """Asks one question on a connection."""
    request = ("%s %s" % (name, key)).encode()
    sock.settimeout(30)
    sock.sendall(b"%d:%s," % (len(request), request))
    data = b""
    while b":" not in data or len(data) < len(data.split(b":")[0]) + int(data.split(b":")[0]) + 2:
        more = sock.recv(65536)
        if not more:
            raise EOFError("closed after %r" % data)
        data += more
    return data.split(b":", 1)[1][:-1].decode()


def can_connect(path):
    with socket.socket(socket.AF_UNIX) as sock:
        try:
            sock.connect(path)
        except OSError:
            return False
    return True
