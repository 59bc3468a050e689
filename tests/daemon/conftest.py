# SPDX-License-Identifier: ISC
"""A daemon for each test, with its own settings, in a temporary directory. The program is $STS_MILTER."""
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile

import pytest

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir))

from lab.milter import SANITIZER, SANITIZER_OPTIONS		# noqa: E402
from lab.process import Process		# noqa: E402
from lab.waiting import wait_until		# noqa: E402

ROOT = os.geteuid() == 0
USER = "nobody"
PROGRAM = os.path.abspath(os.environ.get("STS_MILTER", "milter/mta-sts-milter"))
ENVIRONMENT = dict(SANITIZER_OPTIONS, **os.environ)
# Reports are found in the log, by complaint() below.
ENVIRONMENT["TSAN_OPTIONS"] = ENVIRONMENT.get("TSAN_OPTIONS", "") + ":exitcode=0"


# Frames of foreign code, and of ours that only calls it.
FOREIGN = re.compile(r"libtsan\.so|libmilter\.so| libmilter_main | stopper_main | mlfi_(?:run|stop) ")


def complaint(log):
    """What a sanitizer reports in the log about our code, or "". When it ends, libmilter destroys the locks of its thread pool
    while threads still use them, and does not join a thread; reports of that have stacks of libmilter alone."""
    for report in log.split("==================\n"):
        stacks = re.split(r"\n\n *(?:Location is|Mutex M\d|Thread T\d)", report)[0]
        frames = re.findall(r"(?m)^ +#\d+ .*$", stacks)
        foreign = frames and all(FOREIGN.search(frame) for frame in frames)
        if SANITIZER.search(report) and not foreign:
            return report
    return ""


class Daemon:
    """A directory, a configuration file in it, and the program."""

    def __init__(self):
        self.directory = tempfile.mkdtemp(prefix="mta-sts-daemon-")
        os.chmod(self.directory, 0o755)
        if ROOT:
            shutil.chown(self.directory, USER)		# as USER, it creates and removes its socket here
        self.config = self.path("test.conf")
        self.socket = self.path("milter.sock")
        self.settings = {"milter_socket": "unix:" + self.socket, "redis": "none", "user": USER,
                         "authserv_id": "mx.test"}
        self.processes = []
        self.write()

    def path(self, name):
        return os.path.join(self.directory, name)

    def write(self, more="", **changes):
        """Writes the settings with the changes (None removes a setting) and more lines."""
        self.settings.update(changes)
        lines = ["%s = %s\n" % item for item in self.settings.items() if item[1] is not None]
        self.write_text("".join(lines) + more)

    def write_text(self, text, name="test.conf"):
        with open(self.path(name), "w", encoding="utf-8") as config:
            config.write(text)

    def run(self, *options):
        """Runs the program as a command, to its end. Returns (exit status, stdout, stderr)."""
        done = subprocess.run([PROGRAM, *options], stdin=subprocess.DEVNULL, capture_output=True, encoding="utf-8",
                              env=ENVIRONMENT, timeout=60, check=False)
        assert complaint(done.stderr) == ""
        return done.returncode, done.stdout, done.stderr

    @staticmethod
    def run_to(path, *options):
        """Runs the program with its output redirected to path. Returns its exit status."""
        with open(path, "wb") as out:
            return subprocess.run([PROGRAM, *options], stdin=subprocess.DEVNULL, stdout=out, env=ENVIRONMENT,
                                  timeout=60, check=False).returncode

    def start(self, *options, env=None, program=PROGRAM):
        """Starts it, and waits until it logs that it has started."""
        process = Process("daemon%d" % len(self.processes), [program, "-e", "-c", self.config, *options],
                          self.directory, dict(ENVIRONMENT, **(env or {})))
        process.start()
        self.processes.append(process)
        process.wait_ready(lambda: " started: " in self.log(process), "the daemon has started", 60.0)
        return process

    def stop(self, process, number):
        """Stops it and returns its exit status."""
        status = process.stop(number, 30.0)
        assert complaint(self.log(process)) == ""
        return status

    def cleanup(self):
        for process in self.processes:
            process.kill()
        shutil.rmtree(self.directory, ignore_errors=True)

    @staticmethod
    def log(process):
        with open(process.log, encoding="utf-8", errors="replace") as log:
            return log.read()

    def said(self, process, text, times=1):
        """Waits until the log contains the text that many times; returns the log."""
        wait_until(lambda: self.log(process).count(text) >= times, "the log says " + text, 30.0)
        return self.log(process)


def connects(path):
    """Whether a process listens there."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as sock:
        try:
            sock.connect(path)
        except OSError:
            return False
        return True


def is_sanitized():
    """A sanitized program takes more address space than there is memory, and its sanitizer must be the first library loaded."""
    with open(PROGRAM, "rb") as program:
        return re.search(rb"__[at]san_init", program.read())


@pytest.fixture
def daemon():
    made = Daemon()
    yield made
    made.cleanup()
