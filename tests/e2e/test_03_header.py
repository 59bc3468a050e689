# SPDX-License-Identifier: ISC
"""Which header fields are removed, what is inserted, and where."""
import pytest

from lab.lab_domains import GOOD_ID, LONG_NAME
from lab.milter import AUTHSERV_ID
from lab.waiting import wait_until

pytestmark = pytest.mark.core

NEAR = ["X-MTA-STS-Extra: 1", "X-MTA-STSX: 2", "XX-MTA-STS: 3", "X-MTA_STS: 4", "X-MTASTS: 5"]
FORGED = "v=1; host=%s; result=pass; domain=forged.test; identity=mailfrom; policy=enforce; tls=TLSv1.3; aligned=yes"


@pytest.mark.parametrize("count", range(1, 9))
def test_forged_between_near_names(lab, count):
    """Each forged field is removed, whatever stands between; fields with similar names stay, in order."""
    names = ["X-MTA-STS", "x-mta-sts", "X-Mta-Sts", "X-MTA-STS"]
    headers = []
    for number in range(count):
        headers += [names[number % len(names)] + ": " + FORGED % AUTHSERV_ID, NEAR[number % len(NEAR)]]
    message = lab.send("user@good.test", "", headers)
    assert message.sts["result"] == "fail"
    kept = ["%s: %s" % pair for pair in message.headers if "%s: %s" % pair in NEAR]
    assert kept == [NEAR[number % len(NEAR)] for number in range(count)]


@pytest.mark.parametrize("line", [
    b"X-MTA-STS : blank before the colon", b"X-MTA-STS\t: tab", b"X-MTA-STS:nothing between",
    b"X-MTA-STS: folded;\r\n\tpolicy=enforce", b"X-MTA-STS:", b"X-MTA-STS: \xff\xfe 8 bit",
    b"X-MTA-STS: " + b"long " * 2000])
def test_odd_forgeries(lab, line):
    assert lab.send("user@good.test", headers=[line]).sts["result"] == "pass"


def test_many_forgeries(lab):
    message = lab.send("user@good.test", headers=["X-MTA-STS: %d" % n for n in range(300)])
    assert message.sts["result"] == "pass"


@pytest.mark.parametrize("count, answer", [(4000, "250"), (4001, "550")])
def test_no_end_of_forgeries(lab, count, answer):
    """Postfix reads the whole header again for each removed field: there is a limit, and mail beyond it is refused."""
    with lab.client() as client:
        client.ehlo()
        client.mail("user@good.test")
        client.rcpt()
        if answer == "250":
            assert lab.mailbox.wait(client.data(["X-MTA-STS: x"] * count)).sts["result"] == "fail"
        else:
            client.data(["X-MTA-STS: x"] * count, expect="550")
            assert client.last == "550 5.7.1 More than 4000 X-MTA-STS fields"
            wait_until(lambda: "cause=forged-fields" in lab.milter.log(), "the log line", 10)
        # and the next message of the session is handled as usual
        client.mail("user@good.test")
        client.rcpt()
        assert lab.mailbox.wait(client.data(["X-MTA-STS: x"])).sts["result"] == "fail"


def test_position(lab):
    """Just below our own Received field, above everything the client sent, including older Received fields."""
    message = lab.send("user@good.test", headers=["Received: from older.test by client.test; 1 Jan 2026", "X-First: 1"])
    names = [name for name, _ in message.headers]
    ours = names.index("X-MTA-STS")
    assert names[ours - 1] == "Received"
    assert "mx.rcpt.test" in message.headers[ours - 1][1]
    assert names[ours + 1] == "Received"
    assert "older.test" in message.headers[ours + 1][1]
    assert names[ours + 2] == "X-First"


def test_text(lab):
    """The complete field, once, to the letter."""
    tags = lab.send("user@good.test", "TLSv1.3").sts
    assert tags == {
        "v": "1", "host": AUTHSERV_ID, "result": "pass", "domain": "good.test", "identity": "mailfrom",
        "policy": "enforce", "id": GOOD_ID, "tls": "TLSv1.3", "cipher": "TLS_AES_256_GCM_SHA384", "bits": "256",
        "aligned": "unknown"}


def test_long_domain_is_folded(lab):
    """No line is longer than 78 columns unless it is a single tag: header.parse insists."""
    assert lab.send("user@" + LONG_NAME).sts["domain"] == LONG_NAME


@pytest.mark.parametrize("client, domain, aligned", [
    ("mail.good.test", "good.test", "yes"),
    ("out.other.test", "good.test", "no"),
    ("smtp7.mailhost.test", "hosted.test", "yes"),	# the organisation of one of the policy's mx
    ("[UNAVAILABLE]", "good.test", "unknown")])
def test_aligned(lab, client, domain, aligned):
    with lab.client() as session:
        session.ehlo()
        session.xclient(ADDR="192.0.2.25", NAME=client)
        session.ehlo()
        session.mail("user@" + domain)
        session.rcpt()
        lab_id = session.data()
    assert lab.mailbox.wait(lab_id).sts["aligned"] == aligned
