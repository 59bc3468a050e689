# SPDX-License-Identifier: ISC
"""Shared by the end-to-end tests: one laboratory for tests that only send mail, a fresh one for tests that break it."""
import os
import signal
import sys

import pytest

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir))

from lab.lab import Lab		# noqa: E402
from lab.lab_domains import COMMON	# noqa: E402

pytest.register_assert_rewrite("enforcing")

SHOWN = 20000			# bytes of each log shown when a test fails


def pytest_configure(config):
    config.addinivalue_line("markers", "core: also run under ThreadSanitizer, where everything is slow")
    config.addinivalue_line("filterwarnings", "ignore:ssl.TLSVersion:DeprecationWarning")	# old TLS, on purpose
    # as on Ctrl-C: pytest then stops the laboratories
    signal.signal(signal.SIGTERM, signal.default_int_handler)


class Labs:
    """The running labs, so that a failing test can show what they logged since it began."""

    def __init__(self):
        self._running = []
        self._marks = {}

    def start(self, domains, **options):
        lab = Lab(domains, **options)
        self._running.append(lab)
        lab.start()
        return lab

    def stop(self, lab):
        self._running.remove(lab)
        lab.stop()

    def stop_after(self, count):
        """Stops those that were started after the first count."""
        while len(self._running) > count:
            self.stop(self._running[-1])

    def __len__(self):
        return len(self._running)

    def mark(self):
        self._marks = {path: os.path.getsize(path) for lab in self._running for path in lab.logs()}

    def news(self):
        """Yields (log, what was added to it since the mark)."""
        for lab in self._running:
            for path in lab.logs():
                with open(path, "rb") as log:
                    log.seek(max(self._marks.get(path, 0), os.path.getsize(path) - SHOWN))
                    text = log.read().decode("utf-8", "replace")
                if text:
                    yield path, text


LABS = Labs()


@pytest.fixture(autouse=True)
def _mark_logs():
    LABS.mark()


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):	# pylint: disable=unused-argument
    report = (yield).get_result()
    if report.failed:
        report.sections += LABS.news()


@pytest.fixture(scope="session")
def lab():
    """The laboratory for tests that change nothing in it."""
    shared = LABS.start(COMMON, settings={"policy_wait": "15s"})
    yield shared
    LABS.stop(shared)


@pytest.fixture(scope="module")
def module_lab():
    """Makes laboratories that all tests of a file share."""
    made = []

    def make(domains, **options):
        made.append(LABS.start(domains, **options))
        return made[-1]
    yield make
    for lab in reversed(made):
        LABS.stop(lab)


@pytest.fixture
def new_lab():
    """Makes laboratories that end with the test."""
    before = len(LABS)

    def make(domains, **options):
        return LABS.start(domains, **options)
    yield make
    LABS.stop_after(before)
