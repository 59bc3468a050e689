# SPDX-License-Identifier: ISC
"""A terminal for a program to print to."""
import pty

import pytest


def open_terminal():
    """Two descriptors: ours, and the program's. Skips the test on a machine without terminals, such as a bare chroot."""
    try:
        return pty.openpty()
    except OSError as error:
        pytest.skip("no terminals: %s" % error)
