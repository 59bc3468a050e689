# SPDX-License-Identifier: ISC
"""The maildir where all mail of the lab is delivered."""
import os

from .header import parse
from .waiting import wait_until


class Delivered:
    """One delivered message."""

    def __init__(self, data):
        self.raw = data
        head, _, self.body = data.partition(b"\n\n")
        self.headers = []		# (name, value as it stands), from the top
        for line in head.decode("utf-8", "surrogateescape").split("\n"):
            if line[:1] in (" ", "\t") and self.headers:
                name, value = self.headers.pop()
                self.headers.append((name, value + "\n" + line))
            else:
                name, _, value = line.partition(":")
                self.headers.append((name, value[1:] if value.startswith(" ") else value))

    def values(self, name):
        """All values of a header, topmost first; the name is case-insensitive."""
        return [value for other, value in self.headers if other.lower() == name.lower()]

    @property
    def sts_raw(self):
        """The X-MTA-STS fields as they stand."""
        return self.values("X-MTA-STS")

    @property
    def sts(self):
        """The tags of the only X-MTA-STS field; {} when there is none."""
        fields = self.sts_raw
        if len(fields) > 1:
            raise AssertionError("%d X-MTA-STS fields: %r" % (len(fields), fields))
        return parse(fields[0]) if fields else {}


class Mailbox:
    """Finds messages by the X-Lab-Id that SmtpClient adds to each."""

    def __init__(self, directory):
        self._new = os.path.join(directory, "mailbox", "new")
        self._seen = set()
        self._messages = {}

    def wait(self, lab_id, timeout=30.0):
        """Waits for a message, and returns it."""
        return wait_until(lambda: self._get(lab_id), "message %s is delivered" % lab_id, timeout)

    def _get(self, lab_id):
        self._read_new()
        return self._messages.get(lab_id)

    def _read_new(self):
        try:
            names = set(os.listdir(self._new))
        except FileNotFoundError:
            return			# virtual(8) creates it with the first message
        for name in names - self._seen:
            with open(os.path.join(self._new, name), "rb") as file:
                message = Delivered(file.read())
            for lab_id in message.values("X-Lab-Id"):
                self._messages[lab_id] = message
            self._seen.add(name)
