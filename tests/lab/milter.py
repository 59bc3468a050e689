# SPDX-License-Identifier: ISC
"""The milter under test."""
import os
import re
import shutil
import signal
import socket

from .process import Process, ProcessFailed
from .waiting import wait_until

AUTHSERV_ID = "mx.lab.test"

# What a sanitizer writes when it has found something.
SANITIZER = re.compile(r"ERROR: \w+Sanitizer|WARNING: \w+Sanitizer|: runtime error: |LeakSanitizer: detected")

# libmilter is not instrumented: this file has the suppressions for it.
SUPPRESSIONS = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "tsan.supp")

# Programs built with -fsanitize=... read these variables; others ignore them.
SANITIZER_OPTIONS = {
    "ASAN_OPTIONS": "detect_leaks=1:strict_string_checks=1",
    "UBSAN_OPTIONS": "print_stacktrace=1",
    "TSAN_OPTIONS": "second_deadlock_stack=1:suppressions=" + SUPPRESSIONS,
}


class Milter:
    """mta-sts-milter in the foreground, with a configuration file of the lab."""

    def __init__(self, program, directory, settings):
        self.program = program
        self.directory = os.path.join(directory, "milter")
        os.mkdir(self.directory)
        shutil.chown(self.directory, "nobody")	# the milter drops to nobody, and creates its socket here
        self.socket = os.path.join(self.directory, "milter.sock")
        self.config = os.path.join(self.directory, "mta-sts-milter.conf")
        self.settings = {
            "milter_socket": "unix:" + self.socket, "milter_socket_mode": "0666",
            "user": "nobody", "authserv_id": AUTHSERV_ID}
        self.settings.update(settings)
        self.write_config()
        self.process = Process("milter", [program, "-c", self.config, "-e"], self.directory,
                               dict(SANITIZER_OPTIONS, **os.environ))

    def write_config(self, more="", **changes):
        """Writes the settings with the changes (None removes a setting) and more lines."""
        self.settings.update(changes)
        with open(self.config, "w", encoding="utf-8") as config:
            for name, value in self.settings.items():
                if value is not None:
                    config.write("%s = %s\n" % (name, value))
            config.write(more)

    def start(self):
        self.process.start()
        self.process.wait_ready(self._accepts, "the milter listens", 60.0)

    def stop(self):
        """Ends it with SIGTERM, and checks that it ended well."""
        status = self.process.stop(signal.SIGTERM, 30.0)
        if status not in (None, 0):
            raise ProcessFailed("milter: exit status %s\n%s" % (status, self.process.tail(100)))
        self.check_log()

    def kill(self):
        self.process.kill()

    def restart(self, more="", **changes):
        """Restarts it with changed settings."""
        self.stop()
        self.write_config(more, **changes)
        self.start()

    def reload(self):
        """Sends SIGUSR1, and waits until the milter has logged the reload."""
        before = len(self.log())
        self.process.send_signal(signal.SIGUSR1)
        wait_until(lambda: "reload" in self.log()[before:], "the milter logs its reload")
        return self.log()[before:]

    def log(self):
        with open(self.process.log, encoding="utf-8", errors="replace") as log:
            return log.read()

    def check_log(self):
        """Fails if a sanitizer has reported something."""
        if os.path.exists(self.process.log) and SANITIZER.search(self.log()):
            raise ProcessFailed("a sanitizer complains\n%s" % self.process.tail(200))

    def _accepts(self):
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as sock:
                sock.connect(self.socket)
                return True
        except OSError:
            return False
