# SPDX-License-Identifier: ISC
"""Priority when processors are scarce: the thread that answers Postfix has it, and no other."""
import os
import resource
import subprocess
import sys

import pytest

from conftest import ROOT, USER

HURRIED = -10


def nice_values(pid):
    """Returns {thread's name: its nice value}."""
    values = {}
    for thread in os.listdir("/proc/%d/task" % pid):
        with open("/proc/%d/task/%s/stat" % (pid, thread), encoding="ascii") as stat:
            name, _, rest = stat.read().partition("(")[2].rpartition(")")
        values[name] = int(rest.split()[16])
    return values


def can(code):
    """Whether this machine permits it: many containers withhold such rights from root."""
    return subprocess.run([sys.executable, "-c", "import os, resource; " + code], capture_output=True, check=False).returncode == 0


@pytest.mark.parametrize("user, right", [
    (USER, "resource.setrlimit(resource.RLIMIT_NICE, (30, 30))"),		# stays in force when root is dropped
    pytest.param("root", "os.setpriority(os.PRIO_PROCESS, 0, -10)", marks=pytest.mark.skipif(not ROOT, reason="needs root")),
])
def test_only_who_answers_postfix_hurries(daemon, user, right):
    ours = os.getpriority(os.PRIO_PROCESS, 0)
    allowed = can(right) or resource.getrlimit(resource.RLIMIT_NICE)[0] >= 20 - HURRIED
    daemon.write(socketmap_listen="unix:" + daemon.path("socketmap.sock"), user=user)
    values = nice_values(daemon.start().pid)
    assert values.pop("socketmap") == (HURRIED if allowed else ours)
    assert values, "the daemon has other threads"
    assert set(values.values()) == {ours}


def test_the_unit_lets_it():
    """The unit's restrictions must not apply to this thread."""
    unit = os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, os.pardir, "conf", "mta-sts-milter.service.in")
    with open(unit, encoding="utf-8") as text:
        lines = [line.strip() for line in text]
    assert "LimitNICE=%d" % HURRIED in lines
    filters = [line.split("=", 1)[1].split() for line in lines if line.startswith("SystemCallFilter=")]
    assert "setpriority" in filters[-1]
