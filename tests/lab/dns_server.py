# SPDX-License-Identifier: ISC
"""The lab's authoritative DNS server for everything below `test.`, and nothing else."""
import os
import socket
import struct
import subprocess

from .process import Process
from .waiting import wait_until

TTL = 1
# A zone that nsd is configured to serve but has no file for: it answers SERVFAIL for all names in it.
SERVFAIL_ZONE = "servfail.test"
SERIAL_NAME = "serial.lab.test"
ANSWERS = 10

CONFIGURATION = """\
server:
	ip-address: 127.0.0.1@{port}
	do-ip6: no
	server-count: 1
	username: ""
	zonesdir: "{directory}"
	database: ""
	pidfile: "{directory}/nsd.pid"
	xfrdfile: "{directory}/xfrd.state"
	xfrdir: "{directory}"
	zonelistfile: "{directory}/zone.list"
	cookie-secret-file: "{directory}/cookie-secrets"
	# nsd answers at most 200 alike questions a second unless told otherwise
	rrl-ratelimit: 0
	round-robin: no
	hide-version: yes
remote-control:
	control-enable: yes
	control-interface: "{directory}/control"
zone:
	name: "test"
	zonefile: "test.zone"
zone:
	name: "{servfail}"
	zonefile: "not-there.zone"
"""


def quote(text):
    """One character-string of a zone file; special characters are written as \\DDD."""
    data = text if isinstance(text, bytes) else text.encode()
    return '"%s"' % "".join(
        chr(byte) if 32 <= byte < 127 and byte not in b'"\\' else "\\%03d" % byte for byte in data)


class DnsServer:
    """nsd on 127.0.0.1, UDP and TCP. The zone is made from domains.Domain objects, and can be changed at run time."""

    def __init__(self, directory, port):
        self.directory = os.path.join(directory, "nsd")
        self.port = port
        self._serial = 0
        self._domains = {}
        self._lines = {}
        os.mkdir(self.directory)
        self._config = os.path.join(self.directory, "nsd.conf")
        with open(self._config, "w", encoding="ascii") as config:
            config.write(CONFIGURATION.format(directory=self.directory, port=port, servfail=SERVFAIL_ZONE))
        self.process = Process("nsd", ["nsd", "-d", "-c", self._config], self.directory)

    def start(self):
        self._write_zone()
        self.process.start()
        self.process.wait_ready(self._up_to_date, "nsd serves the zone")

    def stop(self):
        self.process.stop()

    def set(self, domain):
        """Adds or replaces a domain; takes effect at start() or reload()."""
        self._domains[domain.name] = domain

    def set_lines(self, key, lines):
        """Adds zone file lines, or replaces those of the same key; names are absolute. Takes effect as set() does."""
        self._lines[key] = lines

    def reload(self):
        """Rewrites the zone, and waits until it is served."""
        self._write_zone()
        subprocess.run(["nsd-control", "-c", self._config, "reload", "test"], check=True, capture_output=True)
        wait_until(self._up_to_date, "nsd serves the new zone")

    def _write_zone(self):
        self._serial += 1
        lines = ["$TTL %d" % TTL,
                 "test. SOA ns.test. hostmaster.test. %d 60 60 3600 %d" % (self._serial, TTL),
                 "test. NS ns.test.",
                 "ns.test. A 127.0.0.1",
                 "%s. TXT %s" % (SERIAL_NAME, quote("serial=%d;" % self._serial))]
        for domain in self._domains.values():
            lines += self._domain_lines(domain)
        lines += self._lines.values()
        path = os.path.join(self.directory, "test.zone")
        with open(path + ".new", "w", encoding="ascii") as zone:
            zone.write("\n".join(lines) + "\n")
        os.replace(path + ".new", path)

    @staticmethod
    def _domain_lines(domain):
        for record in domain.mx:
            yield "%s. MX %s" % (domain.name, record.replace("%s", domain.name))
        for address in domain.mail:
            yield "mail.%s. %s %s" % (domain.name, "AAAA" if ":" in address else "A", address)
        if domain.spf:
            yield "%s. TXT %s" % (domain.name, quote(domain.spf))
        owner = "_mta-sts.%s." % domain.name
        if domain.alias:
            yield "%s CNAME %s." % (owner, domain.alias)
        for name, records in ((owner, domain.txt), ("_smtp._tls.%s." % domain.name, domain.tlsrpt)):
            for record in records:
                strings = [record] if isinstance(record, (str, bytes)) else record
                yield "%s TXT %s" % (name, " ".join(quote(string) for string in strings))
        for line in domain.zone:
            yield line.replace("%s", domain.name)
        for address in filter(None, (domain.address, *domain.more_addresses)):
            yield "mta-sts.%s. %s %s" % (domain.name, "AAAA" if ":" in address else "A", address)

    def _up_to_date(self):
        """Asks several times: while a reload finishes, the old process still answers a query now and then."""
        return all(b"serial=%d;" % self._serial in self.ask(SERIAL_NAME) for _ in range(ANSWERS))

    def ask(self, name, kind=16, port=None):
        """Sends one query over UDP (16: TXT). Returns the answer's bytes, empty when there is no answer."""
        question = struct.pack("!6H", 4711, 0, 1, 0, 0, 0)
        for label in name.split("."):
            question += bytes([len(label)]) + label.encode()
        question += b"\0" + struct.pack("!2H", kind, 1)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            sock.settimeout(1)
            try:
                sock.connect(("127.0.0.1", port or self.port))
                sock.send(question)
                return sock.recv(65535)
            except OSError:
                return b""
