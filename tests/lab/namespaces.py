# SPDX-License-Identifier: ISC
"""Whether private mounts can be made, which nobody else sees."""
import os
import subprocess

# What a skipped test needs.
FOR_MOUNTS = "root and a mount namespace (CAP_SYS_ADMIN, and a / that is a mount point: tests/in-root makes one of a chroot's)"


def can_mount():
    done = subprocess.run(["unshare", "--mount", "true"], capture_output=True, check=False)
    return os.geteuid() == 0 and done.returncode == 0
