#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""The servers that test_net_loop asks, all on loopback.

Prints a line `NAME VALUE` for each value the test needs, and then `ready`. Answers `count` on standard input with the
number of connections that the policy hosts have accepted so far. Ends, with all its servers, at end of file on standard
input, so that it never outlives the test. Exit 77 if a program that it needs is not installed.
"""
import os
import shutil
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
sys.dont_write_bytecode = True

# pylint: disable=wrong-import-position
from lab.black_hole import BlackHole		# noqa: E402
from lab.ending import end_by_exception		# noqa: E402
from lab.ports import Ports			# noqa: E402
from net.policy_hosts import PolicyHosts	# noqa: E402
from net.quirky_dns import QuirkyDns		# noqa: E402
from net.zone import Zone			# noqa: E402


def main():
    for program in ("nsd", "openssl"):
        if not shutil.which(program, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin"):
            print("test_net_loop: %s is not installed" % program, file=sys.stderr)
            return 77
    end_by_exception()
    ports = Ports()
    servers = []
    with tempfile.TemporaryDirectory(prefix="mta-sts-net.") as directory:
        try:
            hosts = PolicyHosts(directory, ports.take())
            zone = Zone(directory, ports.take(), hosts.addresses())
            hole = BlackHole(ports.take())
            quirks = QuirkyDns(ports.take())
            for server in (hosts, zone, hole, quirks):
                servers.append(server)
                server.start()
            print("https %d\nca %s\ndns %d\nhole %d\nquirks %d\nready" %
                  (hosts.port, hosts.authority.certificate, zone.port, hole.port, quirks.port), flush=True)
            for line in sys.stdin:
                if line.strip() == "count":
                    print(hosts.accepted(), flush=True)
        finally:
            while servers:
                servers.pop().stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
