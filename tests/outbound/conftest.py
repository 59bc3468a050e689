# SPDX-License-Identifier: ISC
"""The servers for tests of outgoing mail, in network and mount namespaces of their own: the lab's unbound resolves names, mail
exchangers listen on port 25, and nothing else exists. Postfix is both the sender and the mail exchanger."""
import ctypes
import os
import shutil
import signal
import subprocess
import sys
import tempfile

import pytest

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir))

from lab.namespaces import FOR_MOUNTS		# noqa: E402
from lab.waiting import wait_until		# noqa: E402
from outbound.world import World		# noqa: E402

CLONE_NEWNS, CLONE_NEWNET = 0x00020000, 0x40000000
MS_REC, MS_PRIVATE, MS_BIND = 16384, 1 << 18, 4096
RESOLVER = "127.0.0.53"


def enter_namespaces():
    """Gives this process and its children an empty network and our own resolv.conf. False: not permitted."""
    libc = ctypes.CDLL(None, use_errno=True)
    if os.geteuid() != 0 or libc.unshare(CLONE_NEWNS | CLONE_NEWNET) != 0:
        return False
    # in a chroot whose root is no mount point this fails, and the mount below might be visible to all, and stay
    if libc.mount(b"none", b"/", None, MS_REC | MS_PRIVATE, None) != 0:
        return False
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    with tempfile.NamedTemporaryFile("w", delete=False) as file:
        file.write("nameserver %s\noptions trust-ad edns0 timeout:2 attempts:2\n" % RESOLVER)
    os.chmod(file.name, 0o644)
    done = libc.mount(file.name.encode(), os.path.realpath("/etc/resolv.conf").encode(), None, MS_BIND, None)
    os.unlink(file.name)
    return done == 0


APART = all(shutil.which(name, path="/usr/sbin:/usr/bin:/sbin:/bin") for name in
            ("unbound", "nsd", "nginx", "postconf", "ldns-signzone", "ip")) and enter_namespaces()


def pytest_configure(config):	# pylint: disable=unused-argument
    signal.signal(signal.SIGTERM, signal.default_int_handler)


@pytest.fixture(scope="session")
def world():
    if not APART:
        pytest.skip("wants unbound, nsd, nginx, Postfix, ldns-signzone, a network namespace, " + FOR_MOUNTS)
    made = World(RESOLVER)
    try:
        try:
            made.start()
        except Exception:
            print(made.logs())
            raise
        yield made
    finally:
        made.stop()


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):	# pylint: disable=unused-argument
    outcome = yield
    report = outcome.get_result()
    made = item.funcargs.get("world")
    if report.failed and made:
        report.sections.append(("logs", made.logs()))


@pytest.fixture
def until():
    return wait_until
