# SPDX-License-Identifier: ISC
"""Ending on a signal as on any other failure: by an exception, so that `with` and `finally` clean up."""
import signal


def end_by_exception():
    """SIGTERM and SIGHUP raise SystemExit, as SIGINT raises KeyboardInterrupt. For the main thread."""
    def leave(number, _frame):
        raise SystemExit(128 + number)
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, leave)
