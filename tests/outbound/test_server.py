# SPDX-License-Identifier: ISC
"""The socketmap server alone: many connections, junk, neighbours that die, reload, restart, sockets of the service manager."""
import os
import signal
import socket
import subprocess
import time

import pytest

from .world import ask, can_connect

GOOD = "OK secure match=mail.good.test servername=hostname"


def connect(world):
    sock = socket.socket(socket.AF_UNIX)
    sock.settimeout(30)
    sock.connect(world.socketmap)
    return sock


def test_many_connections(world):
    """Each client keeps its connection, and each is answered, in any order."""
    socks = [connect(world) for _ in range(600)]
    for _ in range(2):
        for sock in socks:
            assert ask(sock, "good.test") == GOOD
        for sock in reversed(socks):
            assert ask(sock, ".good.test") == "NOTFOUND "
    for sock in socks:
        sock.close()


def test_pipelined_and_cut(world):
    """Several questions may arrive at once, or one byte by byte."""
    with connect(world) as sock:
        sock.sendall(b"17:postfix good.test,10:postfix .t," * 3)
        data = b""
        while data.count(b",") < 6:
            data += sock.recv(65536)
        assert data == (b"%d:%s,9:NOTFOUND ," % (len(GOOD), GOOD.encode())) * 3
        for byte in b"17:postfix good.test,":
            sock.sendall(bytes([byte]))
        assert sock.recv(1000).decode() == "%d:%s," % (len(GOOD), GOOD)


def test_long_keys(world):
    """Postfix before 3.12 sends keys of any length."""
    with connect(world) as sock:
        for length in (1000, 1024, 1025, 9000, 200000):
            assert ask(sock, "x" * length) == "NOTFOUND "
        assert ask(sock, "good.test") == GOOD


@pytest.mark.parametrize("data", [
    b"GET / HTTP/1.1\r\n\r\n", b"\x16\x03\x01\x02\x00\x01", b"4294967296:x,", b"00:,", b"5:postfix good.test,", b"\0" * 100,
    b"9999999999999999999999",
])
def test_strangers(world, data):
    """The connection is closed at once, and no other client notices."""
    with connect(world) as other, connect(world) as sock:
        sock.sendall(data)
        assert sock.recv(1000) == b""
        assert ask(other, "good.test") == GOOD


def test_half_a_question_holds_up_nobody(world):
    socks = [connect(world) for _ in range(50)]
    for sock in socks:
        sock.sendall(b"17:postfix g")
    begun = time.monotonic()
    assert world.answer("good.test") == GOOD
    assert time.monotonic() - begun < 2
    for sock in socks:
        sock.close()


def test_reader_that_does_not_read(world):
    """Its answers fill the kernel's buffers, then ours, then its questions are no longer read; others are served."""
    with connect(world) as sock:
        sock.setblocking(False)
        try:
            for _ in range(100000):
                sock.send(b"17:postfix good.test,")
        except BlockingIOError:
            pass
        assert world.answer("good.test") == GOOD


@pytest.mark.parametrize("victim", ["unbound", "redis", "https", "dns"])
@pytest.mark.parametrize("how", ["suspend", "kill"])
def test_neighbours_die(world, victim, how):
    """No message to a known domain waits, whichever neighbour is gone; a new domain is answered in time."""
    assert world.answer("good.test") == GOOD
    piece = getattr(world, victim)
    getattr(piece.process, how)()
    try:
        begun = time.monotonic()
        assert world.answer("good.test") == GOOD
        assert time.monotonic() - begun < 1
        answer = world.answer("%s-%s.new.test" % (victim, how))
        assert answer in ("NOTFOUND ", "OK dane")		# dane: let Postfix find out, DNS did not say
        assert time.monotonic() - begun < 8
    finally:
        if how == "suspend":
            piece.process.resume()
        else:
            piece.start()


def test_question_is_answered_in_time(world):
    world.configure(policy_wait_outbound="1s")
    world.unbound.process.suspend()
    try:
        with connect(world) as slow, connect(world) as quick:
            slow.sendall(b"20:postfix slow.in.test,")
            begun = time.monotonic()
            assert ask(quick, "good.test") == GOOD
            assert time.monotonic() - begun < 0.5
            assert slow.recv(100) in (b"9:NOTFOUND ,", b"7:OK dane,")
            assert 0.9 < time.monotonic() - begun < 3
    finally:
        world.unbound.process.resume()
        world.configure(policy_wait_outbound=None)


def test_connections_survive_a_reload(world):
    with connect(world) as sock:
        assert ask(sock, "good.test") == GOOD
        world.configure()
        assert ask(sock, "good.test") == GOOD


def test_what_was_asked_is_answered_at_the_end(world):
    """SIGTERM while a question waits for DNS: it is answered, and no new client is accepted."""
    world.unbound.process.suspend()
    try:
        with connect(world) as waiting, connect(world) as idle:
            waiting.sendall(b"20:postfix more.in.test,")
            time.sleep(0.3)
            world.daemon.process.send_signal(signal.SIGTERM)
            assert waiting.recv(100) in (b"9:NOTFOUND ,", b"7:OK dane,")
            assert waiting.recv(100) == b"" and idle.recv(100) == b""
    finally:
        world.unbound.process.resume()
        world.daemon.stop()
        world.daemon.start()
    assert world.answer("good.test") == GOOD


def activated(world, listener, *words):
    """The command that starts the daemon as the service manager does, with a socket that the manager keeps open."""
    script = "import os,sys\nos.dup2(%d, 3)\nos.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS='1')\n" \
             "os.execv(sys.argv[1], sys.argv[1:])" % listener.fileno()
    return ["/usr/bin/python3", "-c", script, world.daemon.program, "-e", "-c", world.daemon.config, *words, "-o", "tlsrpt_listen=",
            "-o", "metrics_listen="]


def test_sockets_of_the_service_manager(world):
    """They stay open while the daemon is away: a client that connects then waits, and is answered by the next daemon."""
    path = os.path.join(world.directory, "activated.sock")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path)
        listener.listen(100)
        os.chmod(path, 0o666)
        waiting = socket.socket(socket.AF_UNIX)
        waiting.connect(path)
        waiting.sendall(b"17:postfix good.test,")
        command = activated(world, listener, "-o", "socketmap_listen=unix:" + path)
        for _ in range(2):
            with subprocess.Popen(command, pass_fds=[listener.fileno()], stderr=subprocess.DEVNULL) as daemon:
                waiting.settimeout(30)
                assert waiting.recv(1000).decode() == "%d:%s," % (len(GOOD), GOOD)
                daemon.terminate()
                assert daemon.wait(20) == 0
            assert can_connect(path)
            waiting.close()
            waiting = socket.socket(socket.AF_UNIX)
            waiting.connect(path)
            waiting.sendall(b"17:postfix good.test,")
        waiting.close()


def test_socket_of_the_service_manager_that_no_setting_names(world):
    """Postfix could connect to it, and would wait for an answer in vain."""
    path = os.path.join(world.directory, "elsewhere.sock")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path)
        listener.listen(1)
        command = activated(world, listener, "-o", "socketmap_listen=unix:" + path + "2")
        with subprocess.Popen(command, pass_fds=[listener.fileno()], stderr=subprocess.PIPE, text=True) as daemon:
            try:
                assert "keeps unix:%s open, which is not named here" % path in daemon.stderr.readline()
            finally:
                daemon.terminate()
                daemon.communicate(timeout=20)


def test_purge_reaches_it(world, until):
    """stsctl cache purge: once Redis has notified the daemon, the next question makes it look up the policy again."""
    assert world.answer("good.test") == GOOD
    requests = world.https.requests("good.test")
    done = subprocess.run([os.environ["STSCTL"], "cache", "-c", world.daemon.config, "purge", "good.test"],
                          capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    until(lambda: world.answer("good.test") == GOOD and world.https.requests("good.test") == requests + 1, "it is fetched anew", 10)
