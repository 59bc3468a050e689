# SPDX-License-Identifier: ISC
"""The daemon's neighbours die, hang or slow down, and the daemon itself restarts, while Postfix sends: no message to a healthy
domain waits. Postfix' log is the witness: nothing deferred, no warning about the map."""
import contextlib
import os
import re
import signal
import socket
import subprocess
import threading

import pytest

from lab.outbound_dns import Unbound
from lab.smtp_client import SmtpClient
from lab.waiting import wait_until

from .test_postfix import SECURE

OWN_RESOLVER = "127.0.0.54"
FRESH = "*.fresh.test. MX 10 mail.good.test."
COMPLAINT = re.compile(r"status=(?:deferred|bounced)|warning: .*(?:socketmap|table lookup|policy lookup)|unexpected disconnect|TLS policy")


@pytest.fixture(scope="module", name="site")
def fixture_site(world):
    """The daemon uses its own resolver, so that Postfix' queries do not suffer with it; Postfix uses the usual one. Mail for
    any domain below fresh.test goes to a healthy mail exchanger."""
    directory = os.path.join(world.directory, "own")
    os.mkdir(directory)
    resolver = Unbound(directory, OWN_RESOLVER, world.dns)
    resolver.start()
    world.dns.set_lines("fresh", FRESH)
    world.dns.reload()
    before = world.daemon.settings["dns_servers"]
    restart(world, dns_servers=OWN_RESOLVER)
    world.own_resolver = resolver
    try:
        yield world
    finally:
        restart(world, dns_servers=before)
        resolver.stop()


def restart(world, **changes):
    world.daemon.restart("milter_socket =\ndomain_rules = %s\n" % world.rules, **changes)


@contextlib.contextmanager
def dead(piece):
    piece.process.kill()
    yield
    piece.start()


@contextlib.contextmanager
def hung(piece):
    piece.process.suspend()
    yield
    piece.process.resume()


@contextlib.contextmanager
def slow(piece):
    """Lets the process run for a twentieth of the time."""
    over = threading.Event()

    def stutter():
        while not over.is_set():
            piece.process.suspend()
            over.wait(0.95)
            piece.process.resume()
            over.wait(0.05)
    thread = threading.Thread(target=stutter)
    thread.start()
    yield
    over.set()
    thread.join()


class Mail:
    """Messages sent concurrently, and the final status that Postfix logs for each."""

    def __init__(self, world):
        self._world, self._begin, self._sent = world, len(world.sender.log()), []

    def hand_over(self, domain):
        with SmtpClient(self._world.sender.port) as client:
            client.ehlo()
            client.command("MAIL FROM:<a@sender.test>")
            client.command("RCPT TO:<chaos%d@%s>" % (len(self._sent), domain))
            client.data(())
        self._sent.append("chaos%d@%s" % (len(self._sent), domain))

    def log(self):
        return self._world.sender.log()[self._begin:]

    def outcomes(self):
        """Returns {recipient: status of its first try}, once all have one."""
        def tried():
            found = {}
            for recipient, status in re.findall(r"to=<([^>]+)>.*?status=(\w+)", self.log()):
                found.setdefault(recipient, status)
            return len(found) == len(self._sent) and found
        return wait_until(tried, "Postfix has tried all", 90)

    def check(self):
        """All were sent at the first try."""
        assert set(self.outcomes().values()) == {"sent"}, self.log()
        assert COMPLAINT.findall(self.log()) == []
        assert self._world.sender.queue() == []


def empty_queue(world):
    """Messages left by other tests would be tried again meanwhile."""
    subprocess.run(["postsuper", "-c", world.sender.directory, "-d", "ALL"], check=True, capture_output=True)


@pytest.mark.parametrize("victim", ["own_resolver", "redis", "https"])
@pytest.mark.parametrize("how", [dead, hung, slow])
def test_mail_goes(site, victim, how):
    """To a domain whose policy is known, and to domains never asked about before."""
    assert site.answer("good.test") == SECURE % "mail.good.test"
    empty_queue(site)
    mail = Mail(site)
    with how(getattr(site, victim)):
        for turn in range(3):
            mail.hand_over("good.test")
            mail.hand_over("%s-%s-%d.fresh.test" % (victim.replace("_", "-"), how.__name__, turn))
        mail.check()
    # and the policy is still known afterwards
    wait_until(lambda: site.answer("good.test") == SECURE % "mail.good.test", "policies are known", 30)


@pytest.mark.parametrize("how", [dead, hung])
def test_all_of_them_at_once(site, how):
    assert site.answer("good.test") == SECURE % "mail.good.test"
    empty_queue(site)
    mail = Mail(site)
    with how(site.own_resolver), how(site.redis), how(site.https):
        mail.hand_over("good.test")
        mail.hand_over("all-%s.fresh.test" % how.__name__)
        mail.check()


def test_reloads_during_questions(site):
    """Questions are in progress, each of which takes policy_wait_outbound, because the resolver is silent."""
    empty_queue(site)
    mail = Mail(site)
    with hung(site.own_resolver):
        for turn in range(4):
            mail.hand_over("reload-%d.fresh.test" % turn)
            site.configure(policy_wait_outbound="%ds" % (2 + turn % 2))
        mail.check()
    site.configure(policy_wait_outbound=None)


LAUNCHER = "import os,sys\nos.dup2(%d, 3)\nos.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS='1')\nos.execv(sys.argv[1], sys.argv[1:])"


@contextlib.contextmanager
def service_manager(world):
    """Holds the socket, and starts the daemon with it; yields a function that restarts the daemon."""
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(world.socketmap)
        listener.listen(100)
        os.chmod(world.socketmap, 0o666)
        command = ["/usr/bin/python3", "-c", LAUNCHER % listener.fileno(), world.daemon.program, "-e", "-c", world.daemon.config]
        running = []

        def start():
            running.append(subprocess.Popen(command, pass_fds=[listener.fileno()], stderr=subprocess.DEVNULL))

        def end(number):
            daemon = running.pop()
            daemon.send_signal(number)
            return daemon.wait(30)

        def again():
            assert world.answer(".test") == "NOTFOUND "	# it serves, and has not just been started
            status = end(signal.SIGTERM)
            start()
            return status
        start()
        try:
            yield again
        finally:
            end(signal.SIGTERM)


def test_restarts_while_mail_goes(site):
    """Behind a socket of the service manager: questions asked while no daemon runs wait for the next one, and those asked before the
    end are answered."""
    empty_queue(site)
    site.daemon.stop()
    try:
        with service_manager(site) as again:
            mail = Mail(site)
            for turn in range(5):
                mail.hand_over("good.test")
                mail.hand_over("restart-%d.fresh.test" % turn)
                assert again() == 0
            mail.check()
    finally:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(site.socketmap)
        site.daemon.start()
    assert site.answer("good.test") == SECURE % "mail.good.test"


def test_the_daemon_itself_is_dead(site):
    """Without the daemon, Postfix keeps mail until it is back, as doc/failure-modes.md says; so the tests above would notice."""
    empty_queue(site)
    mail = Mail(site)
    site.daemon.kill()
    try:
        mail.hand_over("good.test")
        assert set(mail.outcomes().values()) == {"deferred"}
        assert COMPLAINT.findall(mail.log())
    finally:
        site.daemon.start()
    site.flush()
    wait_until(lambda: site.sender.queue() == [], "what waited has gone", 90)
