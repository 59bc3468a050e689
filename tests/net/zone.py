# SPDX-License-Identifier: ISC
"""nsd with the names that test_net_loop looks up."""
import os

from lab.dns_server import quote
from lab.process import Process
from net.quirky_dns import ask

NEGATIVE_TTL = 77

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
	rrl-ratelimit: 0
	round-robin: no
remote-control:
	control-enable: no
zone:
	name: "test"
	zonefile: "test.zone"
zone:
	name: "servfail.test"
	zonefile: "not-there.zone"
"""

HEAD = """\
$TTL 300
test. SOA ns.test. hostmaster.test. 1 60 60 3600 %d
test. NS ns.test.
ns.test. A 127.0.0.1
""" % NEGATIVE_TTL

RECORD = "v=STSv1; id=1;"
LONG_LABEL = "a" * 63
LONGEST_NAME = "_mta-sts.%s.%s.%s.%s.test" % (LONG_LABEL, LONG_LABEL, LONG_LABEL, "b" * 47)


def texts():
    """Owner names and their TXT records, each a list of character-strings."""
    yield "_mta-sts.one.test", [RECORD]
    yield "_mta-sts.strings.test", ["v=STSv1; ", "id=", "1;"]
    yield "_mta-sts.two.test", [RECORD]
    yield "_mta-sts.two.test", ["unrelated"]
    yield "_mta-sts.bytes.test", [b"a\0b\xff\"\\"]
    yield "_mta-sts.empty.test", [""]
    yield LONGEST_NAME, [RECORD]
    for number in range(40):			# about 4 KB: over TCP
        yield "_mta-sts.large.test", ["%03d %s" % (number, "x" * 90)]
    for number in range(65):
        yield "_mta-sts.crowd.test", ["%03d" % number]


ALIASES = (
    ("_mta-sts.alias.test", "_mta-sts.alias2.test"),
    ("_mta-sts.alias2.test", "_mta-sts.one.test"),
    ("_mta-sts.dangling.test", "_mta-sts.nowhere.test"),
    ("_mta-sts.circle.test", "_mta-sts.circle2.test"),
    ("_mta-sts.circle2.test", "_mta-sts.circle.test"),
    ("_mta-sts.astray.test", "_mta-sts.x.servfail.test"),
    ("mta-sts.alias.test", "mta-sts.ok.test"),
)
OTHERS = (
    "mail.test. MX 10 mx1.test.",
    "mail.test. MX 20 mx2.test.",
    "null-mx.test. MX 0 .",
    "_25._tcp.mx1.test. TLSA 3 1 1 " + "ab" * 32,
    "_25._tcp.mx1.test. TLSA 2 0 0 0123456789",
    "_25._tcp.mx2.test. CNAME _25._tcp.mx1.test.",
)


class Zone:
    """nsd on 127.0.0.1; addresses: a list of (name, address)."""

    def __init__(self, directory, port, addresses):
        self.port = port
        directory = os.path.join(directory, "nsd")
        os.mkdir(directory)
        config = os.path.join(directory, "nsd.conf")
        with open(config, "w", encoding="ascii") as file:
            file.write(CONFIGURATION.format(port=port, directory=directory))
        with open(os.path.join(directory, "test.zone"), "w", encoding="ascii") as file:
            file.write(HEAD)
            for name, strings in texts():
                file.write("%s. TXT %s\n" % (name, " ".join(quote(string) for string in strings)))
            for name, target in ALIASES:
                file.write("%s. CNAME %s.\n" % (name, target))
            file.writelines(line + "\n" for line in OTHERS)
            for name, address in addresses:
                file.write("%s. %s %s\n" % (name, "AAAA" if ":" in address else "A", address))
        environment = dict(os.environ, PATH=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")
        self._process = Process("nsd", ["nsd", "-d", "-c", config], directory, environment)

    def start(self):
        self._process.start()
        self._process.wait_ready(lambda: RECORD.encode() in ask(self.port, "_mta-sts.one.test"), "nsd serves the zone")

    def stop(self):
        self._process.stop()
