# SPDX-License-Identifier: ISC
"""strip_forged = postfix: the line of conf/postfix/main.cf removes the client's fields, and the milter's own field stays."""
import os
import re

import pytest

from lab.lab_domains import COMMON, GOOD_ID
from lab.milter import AUTHSERV_ID

SAMPLE = os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, os.pardir, "conf", "postfix", "main.cf")
CLAIM = "v=1; host=%s; result=pass; domain=forged.test" % AUTHSERV_ID


def sample_line():
    with open(SAMPLE, encoding="utf-8") as file:
        return re.search(r"(?m)^header_checks = .*$", file.read()).group()


@pytest.fixture(scope="module")
def stripped(module_lab):
    return module_lab(COMMON, settings={"policy_wait": "15s", "strip_forged": "postfix"}, postfix=sample_line() + "\n")


@pytest.mark.parametrize("line", ["X-MTA-STS: ", "x-mta-sts:", "X-MTA-STS : ", "X-MTA-STS\t:", "X-MTA-STS:\r\n\t"])
def test_forged(stripped, line):
    """However it is written, only our field is left."""
    message = stripped.send("user@good.test", headers=[line + CLAIM, "X-MTA-STS-Near: stays"])
    assert message.sts["domain"] == "good.test"
    assert message.sts["id"] == GOOD_ID
    assert message.values("X-MTA-STS-Near") == ["stays"]
    assert not [name for name, _ in message.headers if name.lower().rstrip() == "x-mta-sts"][1:]


def test_judges_as_ever(stripped):
    """Only the header fields are negotiated away."""
    assert stripped.send("user@good.test", "").sts["result"] == "fail"
    with stripped.client() as client:
        client.ehlo()
        for _ in range(3):
            client.mail("user@good.test")
            client.rcpt()
            assert stripped.mailbox.wait(client.data([])).sts["tls"] == "none"
