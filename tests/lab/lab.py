# SPDX-License-Identifier: ISC
"""The whole laboratory."""
import atexit
import os
import shutil
import tempfile

from .black_hole import BlackHole
from .certificates import CertificateAuthority
from .dns_server import DnsServer
from .ending import undisturbed
from .fault_server import FaultServer
from .https_server import HttpsServer
from .mailbox import Mailbox
from .milter import AUTHSERV_ID, Milter
from .ports import Ports
from .postfix import Postfix
from .redis_server import RedisServer
from .rspamd_server import RspamdServer
from .smtp_client import SmtpClient

# The milter's settings in the lab, besides addresses. The client on 127.0.0.1 must be judged, so loopback is not a
# trusted network here; the trusted one is an address that only some tests connect from.
SETTINGS = {
    "trusted_networks": "127.0.0.77",
    "allow_private_addresses": "yes",
    "dns_timeout": "2s",
    "fetch_timeout": "3s",
    "flush_interval": "100ms",
}

# For Postfix: the per-milter parameters that the documentation recommends.
MILTERS = "{ unix:%s, connect_timeout=5s, command_timeout=30s, content_timeout=40s, default_action=%s }"
# A failure of rspamd must not go unseen either.
RSPAMD = " { inet:127.0.0.1:%d, connect_timeout=5s, command_timeout=30s, content_timeout=40s, default_action=tempfail }"


def default_program():
    """The milter under test: $STS_MILTER."""
    program = os.environ.get("STS_MILTER")
    if not program:
        raise RuntimeError("STS_MILTER does not name the milter to be tested")
    return os.path.abspath(program)


class Lab:
    """Redis, DNS, HTTPS, Postfix and the milter in one temporary directory.

    domains:        what the DNS and web servers know (domains.Domain)
    settings:       the milter's, on top of SETTINGS
    default_action: what Postfix does when the milter fails. Tests use tempfail, so that no failure of the
                    milter goes unseen; a production Postfix should use accept.
    neighbour:      a running lab whose Redis, DNS and web servers serve this one, too, so that both milters
                    are nodes of one fleet (domains are then the neighbour's)
    rspamd:         settings of its rule (a dict, may be empty), to run it as the second milter
    postfix:        more lines for main.cf
    services:       more lines for master.cf
    before, after:  other milters (other_milter.OtherMilter), which Postfix asks before or after ours
    Use it in a `with` statement: however that ends, all processes are ended and the directory is removed.
    """

    def __init__(self, domains, program=None, settings=None, default_action="tempfail", milter=True,
                 rspamd=None, postfix="", neighbour=None, services="", before=None, after=None):
        self.directory = tempfile.mkdtemp(prefix="mta-sts-lab-")
        self._running = []
        self._kept = False
        self._ports = Ports()
        # for a signal that arrives before a `with` has entered the lab
        atexit.register(self.stop)
        try:
            self._build_world(domains, neighbour)
            self._others = [other for other in (before, after) if other]
            self._build_mail(program, settings or {}, default_action if milter else None, rspamd)
            self.milters = " ".join(text for text in (before and before.address, self.milters, after and after.address) if text)
            self.postfix = Postfix(self.directory, self._ports.take(), self.authority, self.milters, postfix, services)
            self.mailbox = Mailbox(self.postfix.mailboxes)
        except BaseException:
            self.stop()
            raise

    def _build_world(self, domains, neighbour):
        """The servers that the milter asks: our own, or the neighbour's."""
        os.chmod(self.directory, 0o755)		# nobody, postfix and root all work in here
        if neighbour:
            for name in ("authority", "redis", "dns", "policy_port", "https", "faults", "black_hole"):
                setattr(self, name, getattr(neighbour, name))
            self._world = []
            return
        ports, directory = self._ports, self.directory
        self.authority = CertificateAuthority(directory)
        self.redis = RedisServer(directory, ports.take())
        self.dns = DnsServer(directory, ports.take())
        for domain in domains:
            self.dns.set(domain)
        self.policy_port = ports.take()
        self.https = HttpsServer(directory, self.policy_port, self.authority, domains)
        self.faults = FaultServer(self.policy_port, self.https.good_certificate, self.authority.key, domains)
        self.black_hole = BlackHole(ports.take())
        self._world = [self.redis, self.dns, self.https, self.faults, self.black_hole]

    def _build_mail(self, program, settings, default_action, rspamd):
        """Without a default_action there is no milter; without settings for rspamd (None), no rspamd."""
        directory, milters = self.directory, ""
        self.milter = self.rspamd = None
        if default_action:
            self.milter = Milter(program or default_program(), directory, {
                **SETTINGS, "redis": "unix:" + self.redis.socket, "dns_servers": "127.0.0.1:%d" % self.dns.port,
                "policy_port": self.policy_port, "ca_file": self.authority.certificate, **settings})
            milters = MILTERS % (self.milter.socket, default_action)
        if rspamd is not None:
            self.rspamd = RspamdServer(directory, self._ports, self.dns.port, self.redis.port)
            self.rspamd.settings(**{"authserv_id": AUTHSERV_ID, **rspamd})
            milters += RSPAMD % self.rspamd.milter
        self.milters = milters

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.stop()

    def pieces(self):
        """The pieces in the order in which they start."""
        return [piece for piece in (*self._world, self.milter, self.rspamd, *self._others, self.postfix) if piece]

    def start(self):
        try:
            for piece in self.pieces():
                self._running.append(piece)
                piece.start()
        except BaseException:
            self.stop()
            raise

    def stop(self):
        """Stops everything, in reverse order; the first failure is raised when all is stopped."""
        with undisturbed():
            failures = list(filter(None, (self._stop_piece() for _ in range(len(self._running)))))
            self._ports.release()
            if not self._kept:
                shutil.rmtree(self.directory, ignore_errors=True)
        atexit.unregister(self.stop)
        if failures:
            raise failures[0]

    def _stop_piece(self):
        """Stops the piece that was started last; returns what went wrong."""
        try:
            self._running.pop().stop()
        except Exception as failure:	# pylint: disable=broad-except
            return failure
        return None

    def let_go(self):
        """Makes stop() leave processes and directory alone from now on. Returns the processes, in start order.
        What runs inside this program (faults, black hole) ends with it."""
        self._kept = True
        kept = [piece for piece in self._running if hasattr(piece, "process")]
        self._running = [piece for piece in self._running if piece not in kept]
        return [piece.process for piece in kept]

    def logs(self):
        """The names of all log files."""
        return [path for path in (
            *(piece.process.log for piece in self.pieces() if hasattr(piece, "process")),
            os.path.join(self.https.directory, "error.log"), os.path.join(self.https.directory, "access.log"),
            self.postfix.maillog) if os.path.exists(path)]

    def client(self, source="127.0.0.1", port=None, **options):
        """A new SMTP session; port: that of another service."""
        return SmtpClient(port or self.postfix.port, source, **options)

    def send(self, sender, tls="TLSv1.3", headers=(), parameters="", ciphers=None):
        """Sends one message in its own session, as a good client does; tls "" is plaintext. Returns the message as
        delivered."""
        with self.client() as client:
            client.ehlo()
            if tls:
                client.starttls(tls, ciphers)
                client.ehlo()
            client.mail(sender, parameters)
            client.rcpt()
            lab_id = client.data(headers)
        return self.mailbox.wait(lab_id)
