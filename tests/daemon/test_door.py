# SPDX-License-Identifier: ISC
"""The listening socket: where it is, who owns it, and what is in its way. Also dropping root."""
import grp
import os
import pwd
import re
import signal
import socket
import stat

import pytest

from conftest import PROGRAM, ROOT, USER, connects

needs_root = pytest.mark.skipif(not ROOT, reason="needs root")


def fails(daemon, status, text):
    """The daemon refuses to start, with this status and text."""
    got, _, err = daemon.run("-e", "-c", daemon.config)
    assert got == status, err
    assert text in err


def test_mode(daemon):
    daemon.write(milter_socket_mode="0606")
    daemon.start()
    assert stat.S_IMODE(os.stat(daemon.socket).st_mode) == 0o606
    assert connects(daemon.socket)


def test_default_mode(daemon):
    daemon.start()
    assert stat.S_IMODE(os.stat(daemon.socket).st_mode) == 0o660


@needs_root
def test_group(daemon):
    group = grp.getgrall()[-1]
    daemon.write(milter_socket_group=group.gr_name)
    daemon.start()
    found = os.stat(daemon.socket)
    assert found.st_gid == group.gr_gid
    assert found.st_uid == pwd.getpwnam(USER).pw_uid


@needs_root
def test_group_of_the_directory(daemon):
    """A set-group-ID directory determines the socket's group, whoever starts the milter."""
    directory, group = os.path.dirname(daemon.socket), grp.getgrall()[-1]
    os.chown(directory, -1, group.gr_gid)
    os.chmod(directory, os.stat(directory).st_mode | stat.S_ISGID)
    daemon.start()
    found = os.stat(daemon.socket)
    assert (found.st_gid, found.st_uid) == (group.gr_gid, pwd.getpwnam(USER).pw_uid)


def test_no_such_group(daemon):
    daemon.write(milter_socket_group="no-such-group")
    fails(daemon, os.EX_NOUSER, "no-such-group")
    assert not os.path.exists(daemon.socket)


@needs_root
def test_drops_root(daemon):
    process = daemon.start()
    user = pwd.getpwnam(USER)
    with open("/proc/%d/status" % process.pid, encoding="ascii") as text:
        fields = dict(line.split(":", 1) for line in text if ":" in line)
    assert set(fields["Uid"].split()) == {str(user.pw_uid)}
    assert set(fields["Gid"].split()) == {str(user.pw_gid)}
    assert {int(gid) for gid in fields["Groups"].split()} == set(os.getgrouplist(USER, user.pw_gid))
    assert int(fields["CapEff"], 16) == 0
    assert fields["NoNewPrivs"].strip() == "1"


KEPT = {
    "ambient ones": "--reuid=%s --regid=%s --init-groups --inh-caps=+net_bind_service --ambient-caps=+net_bind_service" %
                    (USER, pwd.getpwnam(USER).pw_gid),
    "those that outlive a change of user": "--securebits=+no_setuid_fixup",
}


@needs_root
@pytest.mark.parametrize("kept", KEPT)
def test_drops_capabilities(daemon, kept):
    """No capability is left, whoever started it, and however."""
    daemon.write_text("#!/bin/sh\nexec setpriv %s %s \"$@\"\n" % (KEPT[kept], PROGRAM), "start")
    os.chmod(daemon.path("start"), 0o755)
    process = daemon.start(program=daemon.path("start"))
    with open("/proc/%d/status" % process.pid, encoding="ascii") as text:
        fields = dict(line.split(":", 1) for line in text if ":" in line)
    assert set(fields["Uid"].split()) == {str(pwd.getpwnam(USER).pw_uid)}
    assert {name: int(fields[name], 16) for name in ("CapInh", "CapPrm", "CapEff", "CapAmb")} == dict.fromkeys(
        ("CapInh", "CapPrm", "CapEff", "CapAmb"), 0)


@needs_root
def test_other_group(daemon):
    group = grp.getgrall()[-1]
    daemon.write(group=group.gr_name)
    process = daemon.start()
    with open("/proc/%d/status" % process.pid, encoding="ascii") as text:
        fields = dict(line.split(":", 1) for line in text if ":" in line)
    assert set(fields["Gid"].split()) == {str(group.gr_gid)}


@needs_root
def test_no_such_user(daemon):
    daemon.write(user="no-such-user")
    fails(daemon, os.EX_NOUSER, "no-such-user")


@needs_root
def test_secret_is_read_before(daemon):
    """A password file that only root can read works at the start; that a reload will fail is logged then, and the old settings stay."""
    daemon.write_text("secret\n", "password")
    os.chmod(daemon.path("password"), 0o600)
    daemon.write(redis_password_file=daemon.path("password"))
    process = daemon.start()
    assert re.search("warning: a reload will fail, root alone may read this: .*redis_password_file: cannot read %s: Permission denied" %
                     re.escape(daemon.path("password")), daemon.log(process))
    process.send_signal(signal.SIGUSR1)
    log = daemon.said(process, "old settings stay")
    assert "redis_password_file: cannot read %s: Permission denied" % daemon.path("password") in log
    assert process.running()


def test_stale_socket(daemon):
    process = daemon.start()
    process.kill()
    assert os.path.exists(daemon.socket)
    daemon.start()
    assert connects(daemon.socket)


def test_socket_in_use(daemon):
    first = daemon.start()
    fails(daemon, os.EX_UNAVAILABLE, "listens on " + daemon.socket)
    assert first.running()
    assert connects(daemon.socket)


def test_no_socket_in_the_way(daemon):
    """A file that is not a socket is not removed."""
    with open(daemon.socket, "w", encoding="ascii") as file:
        file.write("precious")
    fails(daemon, os.EX_CANTCREAT, daemon.socket)
    with open(daemon.socket, encoding="ascii") as file:
        assert file.read() == "precious"


def test_no_directory(daemon):
    daemon.write(milter_socket="unix:" + daemon.path("missing/milter.sock"))
    fails(daemon, os.EX_CANTCREAT, daemon.path("missing"))


def free_port(family, host):
    with socket.socket(family, socket.SOCK_STREAM) as sock:
        sock.bind((host, 0))
        return sock.getsockname()[1]


@pytest.mark.parametrize("family, host, written", [
    (socket.AF_INET, "127.0.0.1", "127.0.0.1"),
    (socket.AF_INET6, "::1", "[::1]"),
    (socket.AF_INET, "127.0.0.1", "localhost"),
])
def test_inet(daemon, family, host, written):
    try:
        port = free_port(family, host)
    except OSError:
        pytest.skip("no such address family here")
    daemon.write(milter_socket="inet:%d@%s" % (port, written))
    process = daemon.start()
    with socket.create_connection((host, port), 10):
        pass
    assert daemon.stop(process, signal.SIGTERM) == 0


def test_port_in_use(daemon):
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as sock:
        sock.bind(("127.0.0.1", 0))
        sock.listen(1)
        port = sock.getsockname()[1]
        daemon.write(milter_socket="inet:%d@127.0.0.1" % port)
        fails(daemon, os.EX_UNAVAILABLE, "port %d of 127.0.0.1: Address already in use" % port)
