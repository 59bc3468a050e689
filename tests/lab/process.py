# SPDX-License-Identifier: ISC
"""One server process of the lab."""
import os
import signal
import subprocess

from .ending import undisturbed
from .waiting import TimedOut, wait_until


class ProcessFailed(Exception):
    """A process of the lab ended unexpectedly, or with the wrong status."""


def living_members(group):
    """The processes of a group. Zombies do not count: they wait for init, which may take its time in a container."""
    members = []
    for entry in os.listdir("/proc"):
        if not entry.isdigit():
            continue
        try:
            with open("/proc/%s/stat" % entry, "rb") as stat:
                state, _, pgrp = stat.read().rpartition(b") ")[2].split()[:3]
        except OSError:
            continue		# it has just ended
        if int(pgrp) == group and state != b"Z":
            members.append(int(entry))
    return members


class Process:
    """A child in its own session: a Ctrl-C at the terminal reaches only the program that runs the lab, which
    then ends its children in order, by process (group) id, never by name."""

    def __init__(self, name, argv, directory, env=None):
        self.name = name
        self.argv = argv
        self.directory = directory
        self.log = os.path.join(directory, name + ".log")
        self.env = env
        self._child = None

    @property
    def pid(self):
        return self._child.pid if self._child else None

    def running(self):
        return self._child is not None and self._child.poll() is None

    def start(self):
        """Starts it; output is appended to the log."""
        with open(self.log, "ab") as log, undisturbed():
            self._child = subprocess.Popen(
                self.argv, cwd=self.directory, env=self.env, stdin=subprocess.DEVNULL, stdout=log,
                stderr=subprocess.STDOUT, start_new_session=True)

    def wait_ready(self, condition, what, timeout=90.0):
        """Waits until condition() holds; if the process ends meanwhile, raises ProcessFailed with the end of its log."""
        def ready_or_dead():
            return condition() or not self.running()
        try:
            wait_until(ready_or_dead, what, timeout)
        except TimedOut as late:
            raise ProcessFailed("%s: %s\n%s" % (self.name, late, self.tail())) from late
        if not self.running():
            raise ProcessFailed("%s ended with status %s\n%s" % (self.name, self._child.returncode, self.tail()))

    def send_signal(self, number):
        if self.running():
            os.kill(self._child.pid, number)

    def stop(self, number=signal.SIGTERM, timeout=20.0):
        """Ends it and all that it started; returns its exit status, or None when it was not started."""
        if self._child is None:
            return None
        self.resume()
        self.send_signal(number)
        try:
            status = self._child.wait(timeout)
        except subprocess.TimeoutExpired:
            os.kill(self._child.pid, signal.SIGKILL)
            self._child.wait()
            status = "killed: did not end within %.0f s" % timeout
        self._end_group()
        self._child = None
        return status

    def kill(self):
        """Ends it at once, as a crash would."""
        return self.stop(signal.SIGKILL)

    def suspend(self):
        """Stops it without ending it: its sockets still accept connections, but neither it nor its children (nsd's, nginx') answer."""
        self._signal_group(signal.SIGSTOP)

    def resume(self):
        self._signal_group(signal.SIGCONT)

    def _signal_group(self, number):
        if self.running():
            os.killpg(self._child.pid, number)

    def _end_group(self):
        """Waits for the rest of the process group to end, and kills it after five seconds."""
        group = self._child.pid
        try:
            wait_until(lambda: not living_members(group), self.name + ": children end", 5.0)
        except TimedOut:
            for pid in living_members(group):
                os.kill(pid, signal.SIGKILL)

    def tail(self, lines=40):
        """The end of its log."""
        try:
            with open(self.log, encoding="utf-8", errors="replace") as log:
                return "--- %s\n%s" % (self.log, "".join(log.readlines()[-lines:]))
        except OSError:
            return "--- %s: nothing there\n" % self.log
