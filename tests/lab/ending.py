# SPDX-License-Identifier: ISC
"""Ends on a signal as on any other failure: by an exception, so that `with` and `finally` clean up."""
import contextlib
import os
import signal
import threading

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def end_by_exception():
    """Makes SIGTERM and SIGHUP raise SystemExit, as SIGINT raises KeyboardInterrupt. For the main thread."""
    def leave(number, _frame):
        raise SystemExit(128 + number)
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, leave)


@contextlib.contextmanager
def undisturbed():
    """Defers signals until the block ends: a second Ctrl-C must not interrupt the clean-up after the first, nor may a signal
    arrive between the start of a child and our recording it. Blocking signals is not enough: another thread would receive
    them, and Python would still run their handlers in the main thread."""
    if threading.current_thread() is not threading.main_thread():
        yield			# handlers run in the main thread only
        return
    came = []
    before = {number: signal.signal(number, lambda number, frame: came.append((number, frame)))
              for number in SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    for number, frame in came:
        if callable(before[number]):
            before[number](number, frame)
        elif before[number] == signal.SIG_DFL:
            os.kill(os.getpid(), number)
