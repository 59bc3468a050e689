# SPDX-License-Identifier: ISC
"""A terminal for a program to print on."""
import pty

import pytest


def open_terminal():
    """Two descriptors: ours, and the program's. The test is skipped on a machine without terminals, such as a bare chroot."""
    try:
        return pty.openpty()
    except OSError as error:
        pytest.skip("no terminals: %s" % error)
