# SPDX-License-Identifier: ISC
"""Waiting for something to become true, with a deadline."""
import time


class TimedOut(Exception):
    """The awaited condition did not come true."""


def wait_until(condition, what, timeout=20.0, pause=0.02):
    """Polls condition() until it returns a true value, and returns that; raises TimedOut after timeout seconds."""
    deadline = time.monotonic() + timeout
    while True:
        answer = condition()
        if answer:
            return answer
        if time.monotonic() >= deadline:
            raise TimedOut("after %.0f s: %s" % (timeout, what))
        time.sleep(pause)
