# SPDX-License-Identifier: ISC
"""Who may speak to the milter over TCP: kept away by address, before a byte is read."""
import os
import signal
import time

import pytest

from lab.ports import Ports
from mta import Mta

PATIENCE = 0.7		# a packet that is dropped is sent again after a second


@pytest.fixture(name="port")
def _port():
    ports = Ports()
    yield ports.take()
    ports.release()


def is_served(port, source):
    try:
        with Mta(("127.0.0.1", port), PATIENCE, source) as mta:
            mta.message("")
            return True
    except TimeoutError:
        return False


def test_by_address(daemon, port):
    daemon.write(milter_socket="inet:%d@127.0.0.1" % port, trusted_mtas="127.0.0.2 127.0.3.0/24")
    process = daemon.start()
    assert is_served(port, "127.0.0.2")
    assert is_served(port, "127.0.3.255")
    assert not is_served(port, "127.0.0.1")
    assert not is_served(port, "127.0.0.3")
    start = time.monotonic()
    assert daemon.stop(process, signal.SIGTERM) == 0
    assert time.monotonic() - start < 4		# it can still knock at its own door


def test_everybody(daemon, port):
    daemon.write(milter_socket="inet:%d@127.0.0.1" % port)
    daemon.start()
    assert is_served(port, "127.0.0.1")
    assert is_served(port, "127.0.0.3")


def test_too_many(daemon, port):
    """It does not serve with a list that is cut."""
    daemon.write(milter_socket="inet:%d@127.0.0.1" % port,
                 trusted_mtas=" ".join("10.%d.%d.1" % (i // 256, i % 256) for i in range(1000)))
    status, _, err = daemon.run("-e", "-c", daemon.config)
    assert status == os.EX_OSERR
    assert "trusted_mtas: too many networks" in err
