# SPDX-License-Identifier: ISC
"""The daemon's load during a soak: an MTA with many sessions, a Postfix that asks by socketmap, and one that reports by TLSRPT."""
import os
import random
import re
import socket
import subprocess
import threading

from mta import Mta

SEGMENT = 20		# seconds of one kind of load
PARALLEL = 200
# Kinds of sessions, in turn: one message, several, in plaintext, with forged fields, and without a message.
KINDS = [["-f", "1", "-n", "4"], ["-S", "4", "-n", "4"], ["-S", "4", "-n", "3", "--plain"], ["-S", "4", "-f", "10", "-n", "3"],
         ["-S", "2", "-R", "10", "-n", "3"], ["-S", "0"], ["-S", "4", "-n", "3", "--sweep", "-f", "2"]]
ANSWER = re.compile(rb"\d+:(NOTFOUND |OK )[^,]*,\Z")
REPORTS = [b"{}", b'{"dpv":1,"d":"good.test","pr":"v=TLSRPTv1; rua=mailto:r@good.test","p":[]}', b"", b"x" * 20000, b'{"d":"' + b"\xff" * 300]


class Worker:
    """A thread that calls turn() over and over until the block ends."""

    pause = 0.1

    def __init__(self):
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._stop.set()
        self._thread.join()

    def _run(self):
        while not self._stop.wait(self.pause):
            self.turn()

    def turn(self):
        raise NotImplementedError


class Load(Worker):
    """milterload at a fixed rate, one kind of session after the other. It checks that each message gets one field of ours
    and no other."""

    pause = 0

    def __init__(self, programs, address, rate, senders, host):
        super().__init__()
        self._address = address
        self._command = [os.path.join(programs, "milterload"), "unix:" + address, "-c", str(PARALLEL), "-d", str(senders)]
        self._checks = ["-H", "X-MTA-STS", "-e", "host=" + host, "-e", "domain=%d"]
        self._rate, self._turn, self._senders = rate, 0, senders
        self.done = self.errors = 0
        self.first_error = ""

    def everybody(self):
        """Sends two messages from each sender, so that all that is kept in memory about senders is there."""
        for _ in range(2):
            self.done += self._play(["-r", "250", "-S", "4", "--sweep", "-m", str(self._senders), *self._checks])

    def strangers(self, count):
        """Sends one message from each of that many one-time domains, by a foreign client: a domain's first such message is held back."""
        for number in range(count):
            with Mta(self._address) as mta:
                mta.message("user@stranger%d.test" % number, forged=0)
                mta.tell(b"E")
                mta.changes()
            self.done += 1

    def turn(self):
        kind = KINDS[self._turn % len(KINDS)]
        a_session = int(kind[1]) if kind[0] == "-S" else 1
        empty = a_session == 0
        rate = self._rate / max(a_session, 4 if empty else 1)
        messages = self._play(["-r", str(rate), "-o", str(self._turn * 20000 % 10 ** 9), "-s", str(SEGMENT), *kind,
                               *([] if empty else self._checks)])
        self._turn += 1
        self.done += 0 if empty else messages

    def _play(self, options):
        """Returns how many messages milterload has sent, by its own account."""
        done = subprocess.run([*self._command, *options], capture_output=True, text=True, check=False)
        said = re.match(r"messages=(\d+) errors=(\d+)", done.stdout)
        self.errors += int(said[2]) if said else 1
        self.first_error = self.first_error or (done.stderr.strip() and "%s: %s" % (" ".join(options), done.stderr.strip()))
        return int(said[1]) if said else 0


class Socketmap(Worker):
    """Asks about known and previously unknown domains, on one connection."""

    def __init__(self, path):
        super().__init__()
        self._path, self._sock, self._rng = path, None, random.Random(path)
        self.answers = self.failures = 0

    def everybody(self, count):
        """Asks about that many unknown domains, so that the table of recipient domains is full: at one or two new ones a second,
        filling it would take most of an hour."""
        for _ in range(count):
            self.ask("m%d.absent.test" % self.answers)

    def turn(self):
        self.ask(self._rng.choice(["good.test", "testing.test", "absent.test", ".test", "[192.0.2.1]", "m%d.absent.test" % self.answers]))

    def ask(self, name):
        question = b"postfix " + name.encode()
        try:
            if self._sock is None:
                self._sock = socket.socket(socket.AF_UNIX)
                self._sock.settimeout(30)
                self._sock.connect(self._path)
            self._sock.sendall(b"%d:%s," % (len(question), question))
            if not ANSWER.match(self._sock.recv(65536)):
                raise OSError("not an answer")
            self.answers += 1
        except OSError:
            self.failures += 1
            self._sock.close()
            self._sock = None


class Collector(Worker):
    """Sends datagrams, most of them wrong."""

    pause = 0.5

    def __init__(self, path):
        super().__init__()
        self._path, self._rng = path, random.Random(path)

    def turn(self):
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
            try:
                sock.connect(self._path)
                sock.send(self._rng.choice(REPORTS))
            except OSError:
                pass		# a full queue is the sender's loss, as with Postfix
