# SPDX-License-Identifier: ISC
"""A machine for stsctl doctor: the lab's Postfix, rspamd, Redis and milter, correctly wired, so that a test can break one thing."""
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile

import pytest

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, os.pardir)]

from lab.certificates import CertificateAuthority		# noqa: E402
from lab.lab import default_program		# noqa: E402
from lab.milter import AUTHSERV_ID, Milter		# noqa: E402
from lab.namespaces import FOR_MOUNTS, can_mount		# noqa: E402
from lab.ports import Ports		# noqa: E402
from lab.postfix import MASTER_CF, RECIPIENT_DOMAIN, Postfix		# noqa: E402
from lab.redis_server import RedisServer		# noqa: E402
from lab.rspamd_server import RspamdServer		# noqa: E402
from policy_server import PolicyServer		# noqa: E402
from remembered import remembering_rspamadm		# noqa: E402

# As much of rspamd's own configuration as the tests need: loading all of its rules would take longer than everything else.
RSPAMD_CONF = """\
options { filters = ""; url_tld = "$LOCAL_CONFDIR/tld"; }
worker "rspamd_proxy" {
	bind_socket = "127.0.0.1:%d";
	milter = yes;
	upstream "local" { default = yes; self_scan = yes; }
}
lua = "$LOCAL_CONFDIR/rspamd.local.lua";
.include(try=true) "$LOCAL_CONFDIR/local.d/groups.conf"
multimap {
	.include(try=true) "$LOCAL_CONFDIR/local.d/multimap.conf"
}
"""

# Runs a command with files mounted over others: pairs of FILE and PLACE, "--", the command.
WITH_MOUNTS = ["unshare", "--mount", "sh", "-c",
               "while test \"$1\" != --; do mount --bind \"$1\" \"$2\" && shift 2 || exit; done; shift; exec \"$@\"", "sh"]

pytest.register_assert_rewrite("faults")

OPTIONS = "connect_timeout=2s, command_timeout=10s, content_timeout=10s, default_action=accept"

# Settings that the lab's main.cf deliberately sets otherwise. When a setting appears twice, the last one counts.
GOOD_MAIN_CF = """\
smtpd_tls_protocols = >=TLSv1.2
smtpd_tls_mandatory_protocols = >=TLSv1.2
smtpd_authorized_xclient_hosts =
header_checks = regexp:{{/^X-MTA-STS[[:space:]]*:/ IGNORE}}
smtp_tls_policy_maps = %s
smtp_tls_CAfile = /etc/ssl/certs/ca-certificates.crt
smtp_dns_support_level = dnssec
smtp_tls_dane_insecure_mx_policy = dane
"""

# The findings on a good machine, besides passes: its Redis has no users.
BASELINE = {"info redis.acl"}

SANITIZERS = ("ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS")


def pytest_configure(config):	# pylint: disable=unused-argument
    # as on Ctrl-C: pytest then stops the servers
    signal.signal(signal.SIGTERM, signal.default_int_handler)


class World:
    """Shared by all tests, which leave it as they found it."""

    def __init__(self):
        self.directory = tempfile.mkdtemp(prefix="mta-sts-doctor-")
        os.chmod(self.directory, 0o755)		# Postfix's user and nobody read files in here
        self.ports = Ports()
        self.rspamd_port = self.ports.take()		# shared: no rspamd runs, and all configurations are the same
        self.authority = CertificateAuthority(self.directory)
        self.redis = RedisServer(self.directory, self.ports.take())
        self.milter = Milter(default_program(), self.directory, {
            "socketmap_listen": "inet:%d@127.0.0.1" % self.ports.take(),
            "redis": "unix:" + self.redis.socket, "ca_file": self.authority.certificate, "dns_servers": "127.0.0.1:1",
            "local_domains": RECIPIENT_DOMAIN, "milter_socket_mode": "0660", "milter_socket_group": "postfix"})
        self.policies = PolicyServer(self.ports.take())
        self._count = 0
        self.offline = self._make_offline()
        for server in (self.redis, self.milter):
            server.start()
        self.stsctl = os.path.join(self.directory, "stsctl")
        shutil.copy(os.environ["STSCTL"], self.stsctl)		# every user can run it there
        subprocess.run([self.stsctl, "redis-setup", "-c", self.milter.config], check=True, stdout=subprocess.DEVNULL)

    def _make_offline(self):
        """The words before a command that must not ask the system's name servers, to which rspamadm always connects: the command
        sees none, and its rspamadm has a cache."""
        resolv_conf = os.path.join(self.directory, "resolv.conf")
        with open(resolv_conf, "w", encoding="ascii") as file:
            file.write("nameserver 127.0.0.1\noptions trust-ad\n")
        words = [*WITH_MOUNTS, resolv_conf, "/etc/resolv.conf", *remembering_rspamadm(self.directory), "--"]
        subprocess.run([*words, "true"], check=True)
        return words

    def new_directory(self):
        self._count += 1
        directory = os.path.join(self.directory, "machine-%d" % self._count)
        os.mkdir(directory)
        return directory

    def end(self):
        for server in (self.milter, self.redis, self.policies):
            server.stop()
        self.ports.release()
        shutil.rmtree(self.directory)


class Machine:
    """A private Postfix and rspamd (not running); Redis and milter are the world's."""

    def __init__(self, world):
        self.world = world
        self.directory = world.new_directory()
        self.files = os.path.join(self.directory, "files")
        os.mkdir(self.files)
        self.options = {}		# stsctl's -o
        self.rspamd = RspamdServer(self.directory, world.ports, 1, world.redis.port)
        self.rspamd.milter = world.rspamd_port
        self.rspamd.settings(authserv_id=AUTHSERV_ID)
        self.rspamd_file("rspamd.conf", RSPAMD_CONF % self.rspamd.milter)
        self.rspamd_file("tld", "test\n")
        self.ours = "{ unix:%s, %s }" % (world.milter.socket, OPTIONS)
        self.theirs = "{ inet:127.0.0.1:%d, default_action=accept }" % self.rspamd.milter
        self.postfix = Postfix(self.directory, world.ports.take(), world.authority, "%s %s" % (self.ours, self.theirs),
                               GOOD_MAIN_CF % world.policies.table)

    def main_cf(self, **settings):
        """Overrides settings in main.cf."""
        with open(os.path.join(self.postfix.directory, "main.cf"), "a", encoding="utf-8") as file:
            for name, value in settings.items():
                file.write("%s = %s\n" % (name, value))
        self.postfix.settle()

    def master_cf(self, *lines, smtpd=None, cleanup=""):
        """Adds services, replaces the entry of smtpd on its port, or adds words to the entry of cleanup."""
        text = MASTER_CF.format(port=self.postfix.port)
        if smtpd:
            text = text.replace("%d inet n - n - - smtpd" % self.postfix.port, "%d %s" % (self.postfix.port, smtpd))
        text = text.replace("0 cleanup\n", "0 cleanup %s\n" % cleanup)
        with open(os.path.join(self.postfix.directory, "master.cf"), "w", encoding="utf-8") as file:
            file.write(text + "".join(line + "\n" for line in lines))

    def certificate(self, certificate, key=None):
        self.main_cf(smtpd_tls_chain_files="%s, %s" % (key or self.world.authority.key, certificate))

    def write(self, name, text):
        """Writes a file in the test's own directory; returns its path."""
        return self._write(self.files, name, text)

    def rspamd_file(self, name, text):
        """Writes a file in rspamd's local directory."""
        return self._write(self.rspamd.local, name, text)

    @staticmethod
    def _write(directory, name, text):
        path = os.path.join(directory, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path

    def words(self, *words):
        words = [self.world.stsctl, "doctor", "-c", self.world.milter.config, "--postfix", self.postfix.directory,
                 "--rspamd", self.rspamd.local, *words]
        for name, value in self.options.items():
            words += ["-o", "%s=%s" % (name, value)]
        return words

    def run(self, *words, user=None):
        """(exit status, standard output, standard error)"""
        environment = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"}
        environment.update((name, os.environ[name]) for name in SANITIZERS if name in os.environ)
        words = self.words(*words)
        if user:
            words = ["setpriv", "--reuid", user, "--regid", "nogroup", "--clear-groups", *words]
        self.postfix.settle()		# a fix may have been pasted
        done = subprocess.run([*self.world.offline, *words], capture_output=True, timeout=120, check=False, env=environment,
                              encoding="utf-8", cwd="/")
        assert done.returncode in (0, 1, 2, 3), done.stderr
        return done.returncode, done.stdout, done.stderr

    def examine(self, *words, user=None):
        """(exit status, findings)"""
        status, text, errors = self.run("--json", *words, user=user)
        assert text.count("\n") == 1, text + errors
        answer = json.loads(text)
        assert sorted(answer) == ["domain", "findings", "verdict"]
        for finding in answer["findings"]:
            assert sorted(finding) == ["fix", "id", "level", "seen", "subject", "why"]
            assert finding["fix"] or finding["level"] != "fail", finding
        return status, answer["findings"]


DOWN = "warn postfix.down"


def all_names(findings):
    """All findings other than passes, such as {"fail postfix.tls-level"}."""
    return {"%(level)s %(id)s" % finding for finding in findings if finding["level"] != "pass"}


def names(findings):
    """The same without "Postfix is down", for a machine whose Postfix was not started; test_offers.py tests that finding."""
    return all_names(findings) - {DOWN}


def the(findings, name):
    """The only finding with this id that is not a pass."""
    found = [finding for finding in findings if finding["id"] == name and finding["level"] != "pass"]
    assert len(found) == 1, found
    return found[0]


@pytest.fixture(scope="session")
def world():
    # rspamadm asks the system's name servers unless they are hidden: without mounts, skip, so that no packet leaves the machine
    if not can_mount():
        pytest.skip("wants " + FOR_MOUNTS)
    made = World()
    yield made
    made.end()


@pytest.fixture
def machine(world):	# pylint: disable=redefined-outer-name
    if os.geteuid() != 0:
        pytest.skip("Postfix and the milter are root's to set up")
    return Machine(world)
