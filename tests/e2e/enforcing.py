# SPDX-License-Identifier: ISC
"""Shared by the tests of enforcement: a lab that refuses, three recipient domains with and without a policy, and Redis' contents."""
import pytest

from lab.domains import FAULTS, Domain, policy, unpublished
from lab.smtp_client import Refused
from lab.waiting import wait_until

STRICT, LAX, FREE = "rcpt.test", "lax.test", "free.test"		# our own recipient domains: enforce, testing, no policy
DOMAINS = [Domain("good.test"), Domain("testing.test", body=policy("testing", name="testing.test")), unpublished("absent.test"),
           unpublished("partner.test"), Domain("late.test", address=FAULTS, fault="late_policy"), Domain(STRICT),
           Domain(LAX, body=policy("testing", name=LAX)), unpublished(FREE)]
POSTFIX = "virtual_mailbox_domains = %s %s %s" % (STRICT, LAX, FREE)
SETTINGS = {"policy_wait": "10s", "fetch_timeout": "20s", "local_domains": "%s %s %s" % (STRICT, LAX, FREE)}
NEEDED = "5.7.10 Encryption needed for mail of %s: this session is not encrypted"


def enforcing(new_lab, domains=None, postfix=POSTFIX, rules=None, **settings):
    """A lab whose milter has these settings, and all known policies in memory. rules: lines of domain_rules."""
    lab = new_lab(domains or DOMAINS, settings={**SETTINGS, **settings}, postfix=postfix)
    if rules:
        path = lab.milter.directory + "/rules"
        with open(path, "w", encoding="ascii") as file:
            file.write("\n".join(rules) + "\n")
        lab.milter.restart(domain_rules=path)
    with lab.client() as client:
        client.ehlo()
        client.starttls()
        client.ehlo()
        for sender in ("good.test", "testing.test", "absent.test"):
            client.mail("user@" + sender)
            for domain in (STRICT, LAX, FREE):
                client.rcpt("user@" + domain)
            lab.mailbox.wait(client.data())
    wait_until(lambda: stats(lab).get("messages") == 3, "the first messages are counted")
    return lab


def stats(lab):
    return lab.redis.hash("mta-sts:stats")


def evidence(lab):
    """The entries of the stream, as dicts, without the three from enforcing()."""
    entries = lab.redis.command("XRANGE", "mta-sts:evidence", "-", "+")
    return [dict(zip(fields[::2], fields[1::2])) for _, fields in entries[3:]]


def wait_counted(lab, messages):
    """Waits until this many messages are counted in addition to the three from enforcing(); more is an error."""
    wait_until(lambda: stats(lab)["messages"] == 3 + messages, "%d messages are counted" % messages)
    wait_until(lambda: len(evidence(lab)) == messages, "and are in the stream")


def plaintext(lab, sender="user@absent.test", source="127.0.0.1"):
    client = lab.client(source)
    client.ehlo()
    client.mail(sender)
    return client


def refuse(client, command, code, text):
    """The server must answer the command with exactly this reply."""
    with pytest.raises(Refused):
        client.command(command)
    assert client.last == "%s %s" % (code, text)
