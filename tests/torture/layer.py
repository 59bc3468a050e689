# SPDX-License-Identifier: ISC
"""Drives the layer that fails the n-th call (fail_nth.c): sets what fails, and reads what happened."""
import mmap
import os
import struct
import subprocess

CLASSES = ("memory", "open", "socket", "connect", "read", "write", "epoll", "thread")
EVERYTHING_ELSE = CLASSES[1:]
FOR_EVER = (1 << 64) - 1
TRACE, LEAKS = 8, 128
# The words of struct fail_control, by index.
AT, LENGTH, MASK, OWN, SEEN = range(5)
COUNTED = SEEN + 1
OWN_MEMORY = COUNTED + len(CLASSES)
FAILED = OWN_MEMORY + 1
CLASS = FAILED + 1
TRACED = CLASS + 1
ENDED = TRACED + TRACE
LEAKED = ENDED + 1
LEAK_SITES = LEAKED + 1
WORDS = LEAK_SITES + LEAKS


class Layer:
    """One program under the layer; the control file stays mapped, so failures can start and stop while the program runs."""

    def __init__(self, program, directory, name="control"):
        self.program = os.path.abspath(program)
        self.path = os.path.join(directory, name)
        with open(self.path, "wb") as file:
            file.write(bytes(8 * WORDS))
        os.chmod(self.path, 0o666)		# a restarted daemon maps it as nobody
        with open(self.path, "r+b") as file:
            self._map = mmap.mmap(file.fileno(), 8 * WORDS)
        self.environment = {"LD_PRELOAD": os.environ["STS_FAIL_NTH"], "STS_FAIL_CONTROL": self.path,
                            "STS_FAIL_PROGRAM": os.path.basename(self.program)}

    def word(self, place):
        return struct.unpack_from("=Q", self._map, 8 * place)[0]

    def _set(self, place, value):
        struct.pack_into("=Q", self._map, 8 * place, value)

    def arm(self, at, classes, own=False, length=1):
        """From now on, `length` calls in these classes fail, starting with the at-th; with 0, calls are only counted."""
        self._set(AT, 0)
        for place in range(COUNTED, WORDS):
            self._set(place, 0)
        self._set(LENGTH, length)
        self._set(MASK, sum(1 << CLASSES.index(name) for name in classes))
        self._set(OWN, int(own))
        self._set(SEEN, 0)
        self._set(AT, at)

    def disarm(self):
        self._set(AT, 0)

    @property
    def seen(self):
        return self.word(SEEN)

    def count(self, classes, own):
        """The number of such calls since arm(), whichever classes it was given."""
        if own:
            assert classes == ("memory",)
            return self.word(OWN_MEMORY)
        return sum(self.word(COUNTED + CLASSES.index(name)) for name in classes)

    @property
    def failed(self):
        return self.word(FAILED)

    @property
    def ended(self):
        """Whether it ended by exit or return, so that leaks() is valid."""
        return self.word(ENDED) == 1

    def leaks(self):
        """The addresses of allocations that were never freed."""
        return sorted(filter(None, (self.word(LEAK_SITES + i) for i in range(LEAKS))))

    def place(self):
        """For messages: what failed first, and where in the program."""
        addresses = [self.word(TRACED + i) for i in range(TRACE)]
        return "%s: %s" % (CLASSES[self.word(CLASS)], " < ".join(self.names(filter(None, addresses))))

    def names(self, addresses):
        """Addresses in the program, each as "function (file:line)"."""
        words = ["%#x" % (address - 1) for address in addresses]
        if not words:
            return []
        done = subprocess.run(["addr2line", "-fse", self.program, *words], capture_output=True, text=True, check=True)
        lines = done.stdout.splitlines()
        return ["%s (%s)" % pair for pair in zip(lines[::2], lines[1::2])]
