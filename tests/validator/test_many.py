# SPDX-License-Identifier: ISC
"""Many domains at once: printed in the order of the arguments, and none waits for one that hangs."""
import json
import subprocess
import time

import pytest

from lab.domains import FAULTS
from lab.waiting import wait_until
from tls_lab import publishing
from validator import Validator, notable

COUNT = 106
NAMES = ["many%d.test" % i for i in range(COUNT)]


@pytest.fixture(name="lab", scope="module")
def make_lab():
    domains = [publishing(name, tlsrpt=("v=TLSRPTv1; rua=mailto:reports@%s" % name,)) for name in NAMES]
    domains += [publishing("late.test", address=FAULTS, fault="late_policy"), publishing("hang.test", address=FAULTS, fault="hang")]
    with Validator(domains) as lab:
        yield lab


def test_in_the_order_that_was_asked_for(lab, record_property):
    said = {}
    for jobs in ("1", "16"):
        begin = time.monotonic()
        status, reports = lab.json("--jobs", jobs, *NAMES)
        record_property("seconds with --jobs " + jobs, round(time.monotonic() - begin, 1))
        print("%d domains, --jobs %s: %.1f s" % (COUNT, jobs, time.monotonic() - begin))
        assert status == 0
        said[jobs] = [(report["domain"], report["verdict"], notable(report)) for report in reports]
    assert said["1"] == said["16"] == [(name, "pass", []) for name in NAMES]


def test_one_that_hangs_holds_nobody(lab):
    """The first one's policy host answers only after all the others have been checked."""
    lab.resolver.flags.clear()
    run = subprocess.Popen(lab.words("--state", "none", "--json", "--time", "600", "-o", "fetch_timeout=1m", "late.test", *NAMES[:40]),
                           stdout=subprocess.PIPE, text=True)
    wait_until(lambda: {"_smtp._tls." + name for name in NAMES[:40]} <= set(lab.resolver.flags), "all others are done")
    lab.faults.answer_late()
    output, _ = run.communicate(timeout=120)
    assert [json.loads(line)["domain"] for line in output.splitlines()] == ["late.test", *NAMES[:40]]


def test_time_is_up(lab):
    """What could not be checked in time is not held against the domain."""
    status, reports = lab.json("--time", "1", "hang.test", "many0.test")
    assert status == 3
    assert [report["verdict"] for report in reports] == ["warn", "pass"]
    trouble = [finding for finding in reports[0]["findings"] if finding["id"] == "check.trouble"]
    assert trouble and all("the 1 seconds for the whole domain were up" in finding["seen"] for finding in trouble)
    assert not [finding for finding in reports[0]["findings"] if finding["level"] == "fail"]


@pytest.mark.parametrize("words", [("--jobs", "0"), ("--jobs", "17"), ("--jobs", "x"), ("--jobs", ""), ("--time", "0"),
                                   ("--time", "3601"), ("--time", "1s")])
def test_usage(lab, words):
    assert lab.run(*words, "many0.test") == (2, "")
    assert words[0] + ": expects " in lab.errors
