# SPDX-License-Identifier: ISC
"""A small DNS with DNSSEC: nsd with a signed root, the lab's unsigned `test.` and a signed `dnssec.test.`, and a validating
unbound in front."""
import glob
import os
import subprocess

from .dns_server import DnsServer
from .process import Process

NSD_MORE = """\
zone:
	name: "."
	zonefile: "root.zone"
zone:
	name: "dnssec.test"
	zonefile: "dnssec.zone"
"""

UNBOUND = """\
server:
	interface: {address}
	port: 53
	do-ip6: no
	access-control: 127.0.0.0/8 allow
	do-not-query-localhost: no
	do-daemonize: no
	username: ""
	chroot: ""
	directory: "{directory}"
	pidfile: "{directory}/unbound.pid"
	use-syslog: no
	module-config: "validator iterator"
	trust-anchor-file: "{root}"
	trust-anchor-file: "{dnssec}"
	cache-max-ttl: 1
	cache-max-negative-ttl: 1
	infra-host-ttl: 1
	qname-minimisation: no
	aggressive-nsec: no
	local-zone: "test." nodefault
remote-control:
	control-enable: no
{stubs}"""
STUB = """\
stub-zone:
	name: "%s"
	stub-addr: 127.0.0.1@%d
"""


class OutboundDnsServer(DnsServer):
    """nsd with three zones. Lines of the signed zone are set with set_signed(), and take effect at start() or reload()."""

    def __init__(self, directory, port):
        super().__init__(directory, port)
        self._signed = {}
        with open(self._config, "a", encoding="ascii") as config:
            config.write(NSD_MORE)
        self.anchors = {zone: self._key(zone) for zone in (".", "dnssec.test")}

    def set_signed(self, key, lines):
        self._signed[key] = lines

    def reload(self):
        super().reload()
        subprocess.run(["nsd-control", "-c", self._config, "reload", "dnssec.test"], check=True, capture_output=True)

    def _key(self, zone):
        done = subprocess.run(["ldns-keygen", "-a", "ECDSAP256SHA256", "-k", zone], cwd=self.directory, check=True,
                              capture_output=True, text=True)
        return os.path.join(self.directory, done.stdout.strip())

    def _write_zone(self):
        super()._write_zone()
        self._sign(".", "root.zone", [". NS ns.test.", "test. NS ns.test.", "ns.test. A 127.0.0.1"])
        self._sign("dnssec.test", "dnssec.zone", ["dnssec.test. NS ns.test.", *self._signed.values()])

    def _sign(self, zone, name, lines):
        plain, soa = os.path.join(self.directory, name + ".plain"), zone.rstrip(".") + "."
        with open(plain, "w", encoding="ascii") as file:
            file.write("$TTL 1\n%s SOA ns.test. hostmaster.test. %d 60 60 3600 1\n" % (soa, self._serial))
            file.write("\n".join(lines) + "\n")
        subprocess.run(["ldns-signzone", "-o", zone, "-f", os.path.join(self.directory, name), plain, self.anchors[zone]],
                       cwd=self.directory, check=True, capture_output=True)


class Unbound:
    """unbound on port 53 of a loopback address, which asks only the lab's nsd."""

    def __init__(self, directory, address, dns):
        self.address = address
        self.directory = os.path.join(directory, "unbound")
        os.mkdir(self.directory)
        stubs = "".join(STUB % (zone, dns.port) for zone in (".", "test", "dnssec.test", "servfail.test"))
        config = os.path.join(self.directory, "unbound.conf")
        with open(config, "w", encoding="ascii") as file:
            file.write(UNBOUND.format(address=address, directory=self.directory, stubs=stubs,
                                      root=dns.anchors["."] + ".key", dnssec=dns.anchors["dnssec.test"] + ".key"))
        self.process = Process("unbound", [find("unbound"), "-d", "-c", config], self.directory)

    def start(self):
        self.process.start()
        self.process.wait_ready(lambda: "start of service" in self.process.tail(), "unbound serves")

    def stop(self):
        self.process.stop()


def find(name):
    """The path of a program that may be in an sbin directory."""
    for path in ("/usr/sbin/", "/usr/local/sbin/", "/usr/bin/"):
        for found in glob.glob(path + name):
            return found
    raise FileNotFoundError(name)
