# SPDX-License-Identifier: ISC
"""The milter, with mail, a reload and a clean exit, and commands of stsctl, under valgrind: no invalid access, no use of uninitialised
memory, no leaks. Others' faults are in valgrind.supp, with the reason. STS_VALGRIND_COMMANDS: the names of commands, all by default.
"""
import os
import shutil
import signal
import subprocess

import pytest

from commands import COMMANDS
from daemon import DaemonUnderLayer
from lab.metrics_page import MetricsPage
from lab.waiting import wait_until
from mta import Mta
from world import DOMAIN

HERE = os.path.dirname(os.path.abspath(__file__))
COMPLAINED = 99
VALGRIND = ["valgrind", "--quiet", "--vgdb=no", "--leak-check=full", "--show-leak-kinds=definite,indirect,possible",
            "--errors-for-leak-kinds=definite,indirect,possible", "--error-exitcode=%d" % COMPLAINED, "--child-silent-after-fork=yes",
            "--num-callers=20", "--suppressions=" + os.path.join(HERE, "valgrind.supp")]
# Under valgrind everything takes thirty times as long: none of our timeouts may expire.
PATIENT = {"dns_timeout": "60s", "fetch_timeout": "60s", "redis_timeout": "10s"}
CHOSEN = os.environ.get("STS_VALGRIND_COMMANDS", "").split()

pytestmark = pytest.mark.skipif(shutil.which("valgrind") is None, reason="valgrind is not installed")


@pytest.mark.parametrize("command", [c for c in COMMANDS if not CHOSEN or c.name in CHOSEN], ids=lambda command: command.name)
def test_command(world, command):
    world.prepare(command.needs)
    words = command.words(world)
    if words[0] != "help":
        words += [word for item in PATIENT.items() for word in ("-o", "%s=%s" % item)]
    done = subprocess.run([*VALGRIND, os.environ["STSCTL"], *words], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                          errors="replace", timeout=300, check=False, env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"})
    # an answer that itself reports a timeout is good enough
    assert done.returncode == command.status or (command.tells == "both" and done.returncode in command.statuses), done.stderr
    assert "\n==" not in "\n" + done.stderr, done.stderr


def test_milter(world):
    with DaemonUnderLayer(world, under=VALGRIND, policy_wait="20s", **PATIENT) as daemon:
        for sender in (DOMAIN, "nobody.test", DOMAIN, "other.test"):
            with Mta(daemon.socket, timeout=60) as mta:
                mta.message("user@" + sender)
                mta.tell(b"E")
                removed, inserted = mta.changes()
            assert removed == ["X-MTA-STS"] and "domain=" + sender in inserted[0].replace("\n\t", " ")
        wait_until(lambda: daemon.counted() == 4, "all are counted", 60)
        assert "mta_sts_milter_messages_total" in MetricsPage(daemon.metrics_port).text()
        daemon.process.send_signal(signal.SIGUSR1)
        wait_until(lambda: "new settings are in use" in daemon.log(), "it reloads", 60)
        daemon.stop()		# fails unless the exit status is 0
        assert "\n==" not in daemon.log(), daemon.log()
