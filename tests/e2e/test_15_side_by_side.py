# SPDX-License-Identifier: ISC
"""Several milters side by side: the main.cf lines of doc/performance.md, verbatim, in a real Postfix."""
import os
import re

import pytest

from lab.domains import Domain

PAGE = os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, os.pardir, "doc", "performance.md")


def documented_lines():
    with open(PAGE, encoding="utf-8") as page:
        found = re.search(r"(?m)^    smtpd_milter_maps = (?:.*\n)(?:     .*\n)+", page.read())
    return re.sub(r"(?m)^    ", "", found.group())


@pytest.fixture(name="lab", scope="module")
def _lab(module_lab):
    """The second of the two milters is the lab's; the first does not run, nor does rspamd."""
    lab = module_lab([Domain("good.test")], settings={"policy_wait": "10s"}, postfix="inet_protocols = all\n")
    lines = documented_lines()
    assert lines.count("/run/mta-sts-milter/2/milter.sock") == 1
    with open(os.path.join(lab.postfix.directory, "main.cf"), "a", encoding="utf-8") as main_cf:
        main_cf.write(lines.replace("/run/mta-sts-milter/2/milter.sock", lab.milter.socket).replace(
            "/run/mta-sts-milter/1/milter.sock", os.path.join(lab.directory, "first.sock")))
    lab.postfix.settle()
    lab.postfix.stop()
    lab.postfix.start()
    return lab


@pytest.mark.parametrize("client, judged", [
    ("127.0.0.1", True), ("127.0.0.2", False), ("127.0.0.13", True), ("127.0.0.20", False),
    ("IPV6:2001:db8::7", True), ("IPV6:2001:db8::8", False), ("IPV6:2001:db8::b", True), ("IPV6:2001:db8::e", False)])
def test_by_the_last_digit(lab, client, judged):
    with lab.client() as session:
        session.ehlo()
        session.xclient(ADDR=client)
        session.ehlo()
        session.mail("user@good.test")
        session.rcpt()
        lab_id = session.data()
    assert len(lab.mailbox.wait(lab_id).values("X-MTA-STS")) == judged
