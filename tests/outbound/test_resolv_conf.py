# SPDX-License-Identifier: ISC
"""The daemon starts before the network is up, or networks change: resolv.conf changes, and the daemon asks the new servers."""
import os
import socket
import threading
import time

from lab.outbound_dns import Unbound

from .conftest import RESOLVER
from .test_postfix import SECURE

PATH = "/etc/resolv.conf"
NOBODY = "127.0.0.99"
OTHER = "127.0.0.55"
LOOK = 2.0		# STS_RESOLV_CONF_LOOK_MS


def restart(world, **changes):
    world.daemon.restart("milter_socket =\ndomain_rules = %s\n" % world.rules, **changes)


def write(address):
    """In place, because the tests have mounted it."""
    with open(PATH, "w", encoding="ascii") as file:
        file.write("nameserver %s\noptions trust-ad edns0 timeout:2 attempts:2\n" % address)


def ask_in_passing(world):
    """A question makes the daemon check the file. Its answer is not awaited."""
    with socket.socket(socket.AF_UNIX) as sock:
        sock.connect(world.socketmap)
        sock.sendall(b"26:postfix passing%03d.in.test," % (time.monotonic() * 10 % 1000))
        time.sleep(0.1)


def test_network_comes_after_the_daemon(world):
    before = world.daemon.settings["dns_servers"]
    assert os.path.exists(PATH)
    world.redis.command("FLUSHALL")
    write(NOBODY)
    try:
        restart(world, dns_servers=None)
        assert world.answer("cached.test") != SECURE % "mail.cached.test"
        write(RESOLVER)
        time.sleep(LOOK)
        assert world.answer("good.test") == SECURE % "mail.good.test"
        assert "dns: resolv.conf has changed" in world.daemon.log()
        # without a change, nothing is logged or done
        said = world.daemon.log().count("dns: resolv.conf has changed")
        time.sleep(LOOK)
        assert world.answer("wild.test") == SECURE % ".wild.test"
        assert world.daemon.log().count("dns: resolv.conf has changed") == said
    finally:
        write(RESOLVER)
        restart(world, dns_servers=before)


def test_what_was_asked_goes_to_the_new_servers(world):
    """A query that the old servers received but did not answer is answered by the new ones."""
    before = world.daemon.settings["dns_servers"]
    directory = os.path.join(world.directory, "other")
    os.mkdir(directory)
    other = Unbound(directory, OTHER, world.dns)
    other.start()
    world.redis.command("FLUSHALL")
    restart(world, dns_servers=None, dns_timeout="30s", policy_wait_outbound="30s")
    world.unbound.process.suspend()
    try:
        answers = []
        waiting = threading.Thread(target=lambda: answers.append(world.answer("good.test")))
        waiting.start()
        time.sleep(0.5)
        write(OTHER)
        while waiting.is_alive():
            ask_in_passing(world)
            time.sleep(0.5)
        assert answers == [SECURE % "mail.good.test"]
    finally:
        world.unbound.process.resume()
        write(RESOLVER)
        restart(world, dns_servers=before, dns_timeout="2s", policy_wait_outbound=None)
        other.stop()
