# SPDX-License-Identifier: ISC
"""stsctl check against its own laboratories."""
import os
import signal
import sys

import pytest

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, os.pardir)]

import dns_cases		# noqa: E402
from validator import Validator		# noqa: E402


def pytest_configure(config):
    config.addinivalue_line("filterwarnings", "ignore:ssl.TLSVersion:DeprecationWarning")	# old TLS, on purpose
    # as on Ctrl-C: pytest then stops the servers
    signal.signal(signal.SIGTERM, signal.default_int_handler)


@pytest.fixture(scope="session")
def validator():
    """Shared: a test that changes something restores it."""
    lab = Validator([case.domain for case in dns_cases.CASES])
    dns_cases.prepare(lab)
    with lab:
        yield lab
