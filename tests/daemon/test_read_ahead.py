# SPDX-License-Identifier: ISC
"""Packets are understood however the MTA splits them; and many of them take few system calls."""
import struct

import pytest

from conftest import ROOT, USER
from mta import Mta

STEPS = 0x80		# no replies to header fields
FIELDS = 100


def packet(command, data=b""):
    return struct.pack("!I", len(data) + 1) + command + data


def fields(forged):
    """Header fields, each preceded by its macros as Postfix sends them; every other one is forged, up to `forged` of them."""
    text = b""
    for number in range(FIELDS):
        is_forged = number % 2 == 1 and number // 2 < forged
        text += packet(b"D", b"L") + packet(b"L", (b"X-MTA-STS" if is_forged else b"X-%d" % number) + b"\0what it says\0")
    return text


def begin(mta):
    mta.ask(b"C", b"client.test\0" b"4\x12\x67" b"192.0.2.1\0")
    mta.ask(b"H", b"client.test\0")
    mta.ask(b"M", b"<user@[192.0.2.1]>\0")		# needs no lookup
    mta.ask(b"R", b"<user@rcpt.test>\0")


def message(mta, forged, piece):
    """(removed, inserted) fields of a message whose header is sent in pieces of that many bytes."""
    begin(mta)
    text = fields(forged) + packet(b"N")
    for at in range(0, len(text), piece):
        mta.tell_bytes(text[at:at + piece])
    assert mta.hear()[0] == b"c"
    mta.tell(b"E")
    return mta.changes()


def reads(process):
    """How often the process has called read(2) and the like."""
    with open("/proc/%d/io" % process.pid, encoding="ascii") as text:
        return int(dict(line.split(": ") for line in text)["syscr"])


@pytest.mark.parametrize("setting", ["yes", "no"])
@pytest.mark.parametrize("piece", [1, 7, 1000, 1 << 20])
def test_pieces(daemon, setting, piece):
    daemon.write(read_ahead=setting)
    process = daemon.start()
    for forged in (0, 3):
        with Mta(daemon.socket, steps=STEPS) as mta:
            assert mta.agreed == STEPS
            removed, inserted = message(mta, forged, piece)
            assert len(removed) == forged and len(inserted) == 1
            mta.tell(b"Q")
    assert process.running()


def test_calls(daemon):
    counts = {}
    for setting in ("yes", "no"):
        daemon.write(read_ahead=setting, user="root" if ROOT else USER)		# a container's root may not read another user's counts
        process = daemon.start()
        with Mta(daemon.socket, steps=STEPS) as mta:
            before = reads(process)
            message(mta, 0, 1 << 20)
            counts[setting] = reads(process) - before
        process.stop()
    assert counts["no"] >= 4 * FIELDS		# two for each packet
    assert counts["yes"] < FIELDS


def test_half_a_packet_and_the_end(daemon):
    """The remains of a broken connection do not leak into the next one."""
    process = daemon.start()
    for _ in range(3):
        with Mta(daemon.socket, steps=STEPS) as mta:
            begin(mta)
            mta.tell_bytes(fields(5)[:-3])
        with Mta(daemon.socket, steps=STEPS) as mta:
            removed, inserted = message(mta, 0, 1 << 20)
            assert (removed, len(inserted)) == ([], 1)
    assert process.running()
