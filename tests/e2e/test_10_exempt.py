# SPDX-License-Identifier: ISC
"""Mail that is not judged: it gets no header, but forged ones are removed."""
import pytest

from lab.smtp_client import Refused
from lab.waiting import wait_until

pytestmark = pytest.mark.core

FORGED = ["X-MTA-STS: v=1; forged", "X-MTA-STS-Near: stays", "x-mta-sts: also forged"]


def deliver(lab, client):
    client.ehlo()
    client.mail("user@good.test")
    client.rcpt()
    return lab.mailbox.wait(client.data(FORGED))


def check(message):
    assert message.sts_raw == []
    assert message.values("X-MTA-STS-Near") == ["stays"]


def test_trusted_network(lab):
    with lab.client("127.0.0.77") as client:
        check(deliver(lab, client))


def test_trusted_address_by_xclient(lab):
    with lab.client() as client:
        client.ehlo()
        client.xclient(ADDR="127.0.0.77")
        check(deliver(lab, client))


def test_authenticated(lab):
    with lab.client() as client:
        client.ehlo()
        client.xclient(ADDR="192.0.2.7", LOGIN="joe")
        check(deliver(lab, client))


def test_stranger_by_xclient_is_judged(lab):
    """The counterpart of the three above."""
    with lab.client("127.0.0.77") as client:
        client.ehlo()
        client.xclient(ADDR="192.0.2.7")
        assert deliver(lab, client).sts["result"] == "fail"


def test_address_that_xclient_does_not_tell(new_lab):
    """Postfix passes `unknown' for it, which libmilter rejects in CONNECT: there the milter is never asked, and milter_default_action
    decides. Once the macros are known to carry the address, CONNECT is left out, and such mail is judged like any other."""
    lab = new_lab([])

    def unavailable():
        with lab.client("127.0.0.77") as client:
            client.ehlo()
            client.xclient(ADDR="[UNAVAILABLE]", NAME="[UNAVAILABLE]")
            try:
                return deliver(lab, client)
            except Refused:
                assert client.last.startswith("451")
                return None
    assert unavailable() is None
    with lab.client("127.0.0.77") as client:
        check(deliver(lab, client))
    message = unavailable()
    assert message.sts["tls"] == "unknown"
    assert len(message.sts_raw) == 1 and message.values("X-MTA-STS-Near") == ["stays"]


def test_exempt_mail_is_counted_apart(new_lab):
    lab = new_lab([])

    def stats():
        return lab.redis.hash("mta-sts:stats")
    with lab.client("127.0.0.77") as client:
        deliver(lab, client)
    wait_until(lambda: stats().get("exempt") == 1, "the exempt message is counted")
    assert stats() == {"exempt": 1, "forged": 1}
    assert lab.redis.command("KEYS", "mta-sts:domain*") == []
    assert lab.redis.command("EXISTS", "mta-sts:evidence") == 0
