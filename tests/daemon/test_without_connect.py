# SPDX-License-Identifier: ISC
"""Sessions in which MAIL identifies the client, once its macros are known to agree with CONNECT."""
import pytest

from mta import Mta

NO_CONNECT = 0x01
CLIENT = b"client.test\0" b"4\x12\x67" b"192.0.2.1\0"
MACROS = b"M{client_addr}\0" b"192.0.2.1\0" b"{client_name}\0mx.sender.test\0" b"{client_port}\0" b"4711\0"


def message(mta, macros=MACROS, client=None):
    if client:
        mta.ask(b"C", client)
    mta.ask(b"H", b"client.test\0")
    if macros:
        mta.tell(b"D", macros)
    mta.ask(b"M", b"<user@[192.0.2.1]>\0")		# needs no lookup
    mta.ask(b"R", b"<user@rcpt.test>\0")
    mta.ask(b"N")
    mta.tell(b"E")
    return mta.changes()


@pytest.fixture(name="process")
def _process(daemon):
    """A daemon that has seen a session with both."""
    process = daemon.start()
    with Mta(daemon.socket, steps=NO_CONNECT) as mta:
        assert mta.agreed == 0
        message(mta, client=CLIENT)
    return process


def test_second_session_on_the_connection(daemon, process):
    """After SMFIC_QUIT_NC, nothing is negotiated again."""
    with Mta(daemon.socket, steps=NO_CONNECT) as mta:
        assert mta.agreed == NO_CONNECT
        for _ in range(2):
            assert len(message(mta)[1]) == 1
            mta.tell(b"K")
        assert len(message(mta, macros=None)[1]) == 1
    log = daemon.said(process, "identity=mailfrom", 4)
    assert log.count("client=192.0.2.0/24") == 3
    assert "client=-" in log
    assert "exempt=" not in log
