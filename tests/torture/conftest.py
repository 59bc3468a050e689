# SPDX-License-Identifier: ISC
"""Runs our programs with their calls failing one after the other."""
import os
import signal
import sys

import pytest

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, os.pardir), os.path.join(HERE, os.pardir, "daemon")]

from world import World		# noqa: E402


def pytest_configure(config):	# pylint: disable=unused-argument
    # as on Ctrl-C: pytest then stops the servers
    signal.signal(signal.SIGTERM, signal.default_int_handler)


@pytest.fixture(name="world", scope="session")
def _world():
    with World() as world:
        yield world
