# SPDX-License-Identifier: ISC
"""DNSSEC: the lab's zone, signed, and a validating resolver."""
import os
import subprocess

from .dns_server import TTL, DnsServer
from .process import Process
from .waiting import wait_until

UNSIGNED_ZONE = "unsigned.test"		# delegated, and not signed

ZONE = """
zone:
	name: "%s"
	zonefile: "unsigned.zone"
""" % UNSIGNED_ZONE

UNBOUND = """\
server:
	directory: "{directory}"
	chroot: ""
	username: ""
	pidfile: "{directory}/unbound.pid"
	do-daemonize: no
	use-syslog: no
	logfile: ""
	verbosity: 1
	interface: 127.0.0.1@{port}
	# nothing leaves the machine, whatever is asked for
	outgoing-interface: 127.0.0.1
	do-not-query-localhost: no
	do-ip6: no
	num-threads: 1
	module-config: "validator iterator"
	trust-anchor-file: "{anchor}"
	local-zone: "test." nodefault
	val-clean-additional: no
	cache-max-negative-ttl: 1
	cache-max-ttl: 1
remote-control:
	control-enable: no
stub-zone:
	name: "."
	stub-addr: 127.0.0.1@{authority}
stub-zone:
	name: "test."
	stub-addr: 127.0.0.1@{authority}
stub-zone:
	name: "unsigned.test."
	stub-addr: 127.0.0.1@{authority}
"""


class SignedDnsServer(DnsServer):
    """nsd with a signed zone test., except below UNSIGNED_ZONE."""

    def __init__(self, directory, port):
        super().__init__(directory, port)
        self._keys = [self._run("ldns-keygen", "-a", "ECDSAP256SHA256", *kind, "test.").strip() for kind in (["-k"], [])]
        self.anchor = os.path.join(self.directory, self._keys[0] + ".key")
        self.unsigned = []		# lines of a zone file
        with open(self._config, "a", encoding="ascii") as config:
            config.write(ZONE)

    def _write_zone(self):
        self.set_lines("unsigned", "%s. NS ns.test." % UNSIGNED_ZONE)
        super()._write_zone()
        self._run("ldns-signzone", "-f", "test.signed", "test.zone", *self._keys)
        os.replace(os.path.join(self.directory, "test.signed"), os.path.join(self.directory, "test.zone"))
        with open(os.path.join(self.directory, "unsigned.zone"), "w", encoding="ascii") as zone:
            zone.write("\n".join(["$TTL %d" % TTL, "%s. SOA ns.test. hostmaster.test. 1 60 60 3600 %d" % (UNSIGNED_ZONE, TTL),
                                  "%s. NS ns.test." % UNSIGNED_ZONE, *self.unsigned]) + "\n")

    def _run(self, *words):
        return subprocess.run(words, cwd=self.directory, check=True, capture_output=True, text=True).stdout


class Unbound:
    """A resolver on 127.0.0.1 that validates the authoritative answers."""

    def __init__(self, directory, port, authority):
        self.directory = os.path.join(directory, "unbound")
        self.port = port
        os.mkdir(self.directory)
        config = os.path.join(self.directory, "unbound.conf")
        with open(config, "w", encoding="ascii") as file:
            file.write(UNBOUND.format(directory=self.directory, port=port, anchor=authority.anchor, authority=authority.port))
        self.process = Process("unbound", ["unbound", "-d", "-c", config], self.directory)
        self._authority = authority

    def __str__(self):
        return "127.0.0.1:%d" % self.port

    def start(self):
        self.process.start()
        self.process.wait_ready(lambda: self._authority.ask("ns.test", 1, self.port), "unbound answers")

    def stop(self):
        self.process.stop()
