# SPDX-License-Identifier: ISC
"""trusted_mtas: which clients may connect to the milter over TCP; others are kept out by address, before a byte is read."""
import os
import signal
import time

import pytest

from conftest import ROOT
from lab.ports import Ports
from mta import Mta

needs_root = pytest.mark.skipif(not ROOT, reason="some kernels let root alone set a socket filter")
PATIENCE = 0.7		# a dropped packet is sent again after a second


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


@needs_root
def test_by_address(daemon, port):
    daemon.write(milter_socket="inet:%d@127.0.0.1" % port, trusted_mtas="127.0.0.2 127.0.3.0/24")
    process = daemon.start()
    assert is_served(port, "127.0.0.2")
    assert is_served(port, "127.0.3.255")
    assert not is_served(port, "127.0.0.1")
    assert not is_served(port, "127.0.0.3")
    assert daemon.stop(process, signal.SIGTERM) == 0


def seconds_to_end(daemon):
    process = daemon.start()
    start = time.monotonic()
    assert daemon.stop(process, signal.SIGTERM) == 0
    return time.monotonic() - start


@needs_root
def test_end(daemon, port):
    """Although it cannot connect to itself, in less than the five seconds that libmilter would take, in one of three tries."""
    daemon.write(milter_socket="inet:%d@127.0.0.1" % port, trusted_mtas="192.0.2.1")
    assert any(seconds_to_end(daemon) < 4 for _ in range(3))


def test_everybody(daemon, port):
    daemon.write(milter_socket="inet:%d@127.0.0.1" % port)
    daemon.start()
    assert is_served(port, "127.0.0.1")
    assert is_served(port, "127.0.0.3")


def test_too_many(daemon, port):
    """It does not start with a truncated list."""
    daemon.write(milter_socket="inet:%d@127.0.0.1" % port,
                 trusted_mtas=" ".join("10.%d.%d.1" % (i // 256, i % 256) for i in range(1000)))
    status, _, err = daemon.run("-e", "-c", daemon.config)
    assert status == os.EX_OSERR
    assert "trusted_mtas: too many networks" in err
