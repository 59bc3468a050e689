# SPDX-License-Identifier: ISC
"""The evidence of a message in each of Postfix's set-ups: front ends, filters, and other milters beside ours."""
import pytest

from lab.domains import Domain, unpublished
from lab.other_milter import OtherMilter
from lab.ports import Ports
from lab.smtp_client import Refused
from lab.waiting import wait_until

RCPT, OTHER = "rcpt.test", "other.test"		# our own recipient domains: one with mode enforce, one without a policy
DOMAINS = [Domain("good.test"), unpublished("absent.test"), Domain(RCPT), unpublished(OTHER)]
SETTINGS = {"policy_wait": "10s", "local_domains": "%s %s" % (RCPT, OTHER), "evidence_client_addr": "full",
            "front_daemons": "FRONT INNER"}
POSTFIX = """\
virtual_mailbox_domains = rcpt.test other.test
postscreen_access_list = cidr:{{127.0.0.1/32 permit}}
postscreen_greet_wait = 1s
smtpd_authorized_xforward_hosts = 127.0.0.0/8
"""
FORGED = ["X-MTA-STS: v=1; forged", "X-MTA-STS-Near: stays"]
NAMES = ("postscreen", "haproxy", "front", "outer", "bare_inner", "bare_outer", "inner", "wrapper", "none", "maps", "macros", "second",
         "proxied_screen")


@pytest.fixture(name="ports", scope="module")
def _ports():
    taken = Ports()
    yield {name: taken.take() for name in NAMES}
    taken.release()


@pytest.fixture(name="lab", scope="module")
def _lab(module_lab, ports):
    """One Postfix with a service for each set-up."""
    def smtpd(name, *options):
        return "%d inet n - n - - smtpd%s\n" % (ports[name], "".join("\n  -o %s" % option for option in options))
    services = "".join((
        "%d inet n - n - 1 postscreen\n" % ports["postscreen"],
        "%d inet n - n - 1 postscreen\n  -o postscreen_upstream_proxy_protocol=haproxy\n  -o postscreen_cache_map=\n"
        "  -o smtpd_service_name=smtpd\n" % ports["proxied_screen"],
        "smtpd pass - - n - - smtpd\ntlsproxy unix - - n - 0 tlsproxy\ndnsblog unix - - n - 0 dnsblog\n",
        smtpd("haproxy", "smtpd_upstream_proxy_protocol=haproxy"),
        smtpd("front", "milter_macro_daemon_name=FRONT"),
        smtpd("outer", "smtpd_proxy_filter=127.0.0.1:%d" % ports["bare_inner"]),
        smtpd("bare_inner", "smtpd_milters="),
        smtpd("bare_outer", "smtpd_milters=", "smtpd_proxy_filter=127.0.0.1:%d" % ports["inner"]),
        smtpd("inner", "milter_macro_daemon_name=INNER"),
        smtpd("wrapper", "smtpd_tls_wrappermode=yes"),
        smtpd("none", "smtpd_milters="),
        smtpd("maps", "smtpd_milter_maps=cidr:{{127.0.0.88/32 DISABLE}}"),
        # settings that would leave the milter blind if it did not request its macros itself
        smtpd("macros", "milter_connect_macros=", "milter_helo_macros=", "milter_mail_macros=", "milter_rcpt_macros=",
              "milter_end_of_data_macros="),
        smtpd("second", "smtpd_client_restrictions=permit", "syslog_name=postfix/second")))
    return module_lab(DOMAINS, settings=SETTINGS, postfix=POSTFIX, services=services)


def stream(lab):
    entries = lab.redis.command("XRANGE", "mta-sts:evidence", "-", "+") or []
    return [dict(zip(fields[::2], fields[1::2])) for _, fields in entries]


def deliver(lab, port=None, starttls="TLSv1.3", source="127.0.0.1", xclient=None, judged=True, sender="user@good.test", **options):
    """Sends one message through a service; returns it as delivered, and its evidence (None when it is not judged)."""
    before = len(stream(lab))
    with lab.client(source, port, **options) as client:
        client.ehlo()
        if starttls:
            client.starttls(starttls)
            client.ehlo()
        if xclient:
            client.xclient(**xclient)
            client.ehlo()
        client.mail(sender)
        client.rcpt()
        message = lab.mailbox.wait(client.data(FORGED))
    if not judged:
        return message, None
    wait_until(lambda: len(stream(lab)) == before + 1, "there is evidence of one message")
    return message, stream(lab)[-1]


def check(message, entry, **want):
    """The message has our field once and none of the client's; the evidence agrees."""
    assert len(message.sts_raw) == 1 and message.values("X-MTA-STS-Near") == ["stays"]
    for name, value in want.items():
        assert entry[name] == value, name
        if name != "client":
            assert message.sts[name] == value, name
    assert (entry["domain"], entry["rcpts"]) == ("good.test", RCPT + ":enforce")


# set-up, service, how to send, what the evidence must say
SETUPS = [
    ("plain smtpd, TLS", None, {}, {"tls": "TLSv1.3", "client": "127.0.0.1", "result": "pass"}),
    ("plain smtpd, plaintext", None, {"starttls": ""}, {"tls": "none", "client": "127.0.0.1", "result": "fail"}),
    ("postscreen, client on its list", "postscreen", {}, {"tls": "TLSv1.3", "client": "127.0.0.1", "result": "pass"}),
    ("postscreen, plaintext", "postscreen", {"starttls": ""}, {"tls": "none", "client": "127.0.0.1", "result": "fail"}),
    ("postscreen, after its greet test", "postscreen", {"source": "127.0.0.5"},
     {"tls": "TLSv1.3", "client": "127.0.0.5", "result": "pass"}),
    ("HAProxy that passes TLS on", "haproxy", {"prelude": b"PROXY TCP4 192.0.2.66 127.0.0.1 4444 25\r\n"},
     {"tls": "TLSv1.3", "client": "192.0.2.66", "result": "pass"}),
    ("HAProxy, plaintext", "haproxy", {"prelude": b"PROXY TCP4 192.0.2.66 127.0.0.1 4444 25\r\n", "starttls": ""},
     {"tls": "none", "client": "192.0.2.66", "result": "fail"}),
    ("HAProxy before postscreen", "proxied_screen", {"prelude": b"PROXY TCP4 127.0.0.1 127.0.0.1 4444 25\r\n"},
     {"tls": "TLSv1.3", "client": "127.0.0.1", "result": "pass"}),
    ("a front that ends TLS", "front", {"starttls": "", "xclient": {"ADDR": "192.0.2.67"}},
     {"tls": "unknown", "client": "192.0.2.67", "result": "neutral"}),
    ("a front that speaks TLS of its own", "front", {"xclient": {"ADDR": "192.0.2.67"}},
     {"tls": "unknown", "client": "192.0.2.67", "result": "neutral"}),
    ("XCLIENT that nobody said is a front: the TLS of its hop", None, {"xclient": {"ADDR": "192.0.2.55"}},
     {"tls": "TLSv1.3", "client": "192.0.2.55", "result": "pass"}),
    ("milter behind a before-queue filter", "bare_outer", {}, {"tls": "unknown", "client": "127.0.0.1", "result": "neutral"}),
    ("TLS from the first byte", "wrapper", {"starttls": "", "tls": "TLSv1.2"},
     {"tls": "TLSv1.2", "client": "127.0.0.1", "result": "pass"}),
    ("macro lists of a service left empty", "macros", {}, {"tls": "TLSv1.3", "client": "127.0.0.1", "result": "pass"}),
    ("a service with settings of its own", "second", {"starttls": ""}, {"tls": "none", "client": "127.0.0.1", "result": "fail"}),
    ("smtpd_milter_maps, another client", "maps", {}, {"tls": "TLSv1.3", "client": "127.0.0.1", "result": "pass"}),
]


@pytest.mark.parametrize("service, how, want", [row[1:] for row in SETUPS], ids=[row[0] for row in SETUPS])
def test_setup(lab, ports, service, how, want):
    message, entry = deliver(lab, service and ports[service], **how)
    check(message, entry, **want)


# Mail that this milter is not asked about, or not until its end.
UNSEEN = [
    ("milter before a before-queue filter", "outer", "127.0.0.1"),
    ("a service without milters", "none", "127.0.0.1"),
    ("smtpd_milter_maps DISABLE", "maps", "127.0.0.88"),
]


@pytest.mark.parametrize("service, source", [row[1:] for row in UNSEEN], ids=[row[0] for row in UNSEEN])
def test_unseen(lab, ports, service, source):
    """No field, no evidence, no count, and no failure; the client's field stays, so header_checks must remove it."""
    before, counters = len(stream(lab)), lab.redis.hash("mta-sts:stats")
    message, _ = deliver(lab, ports[service], source=source, judged=False)
    assert message.values("X-MTA-STS") == ["v=1; forged"]
    deliver(lab)		# its evidence comes after the other's, if there is any
    assert len(stream(lab)) == before + 1
    wait_until(lambda: lab.redis.hash("mta-sts:stats")["messages"] == counters.get("messages", 0) + 1, "one is counted")


# ---- other milters ----

def mixed(lab, recipients):
    """Sends a message to several recipients, some of them refused by others; returns it as delivered, its evidence, and the replies."""
    before = len(stream(lab))
    with lab.client() as client:
        client.ehlo()
        client.mail("user@good.test")
        answers = []
        for recipient in recipients:
            try:
                client.rcpt(recipient)
            except Refused:
                pass
            answers.append(client.last[:3])
        message = lab.mailbox.wait(client.data(FORGED))
    wait_until(lambda: len(stream(lab)) == before + 1, "there is evidence of one message")
    return message, stream(lab)[-1], answers


@pytest.fixture(name="neighbours")
def _neighbours(new_lab):
    """Makes labs with other milters."""
    ports = Ports()

    def make(before=None, after=None, postfix=POSTFIX):
        milters = {name: OtherMilter(ports.take(), **options) for name, options in (("before", before), ("after", after)) if options}
        return new_lab(DOMAINS, settings=SETTINGS, postfix=postfix, **milters), milters
    yield make
    ports.release()


REFUSED = {"refused": ["<user@%s>" % RCPT]}


def test_recipient_refused_by_a_milter_before(neighbours):
    """Postfix does not ask us about this recipient any more."""
    lab, _ = neighbours(before=REFUSED)
    message, entry, answers = mixed(lab, ["user@" + RCPT, "user@" + OTHER])
    assert answers == ["550", "250"]
    assert (message.sts["rcpt"], entry["rcpts"]) == ("absent", OTHER + ":absent")


def test_recipient_refused_by_postfix(new_lab):
    """Nor does it when it refuses a recipient itself: unknown users, relaying."""
    lab = new_lab(DOMAINS, settings=SETTINGS,
                  postfix=POSTFIX + "smtpd_recipient_restrictions = check_recipient_access inline:{user@rcpt.test=REJECT}, permit\n")
    message, entry, answers = mixed(lab, ["user@" + RCPT, "user@elsewhere.test", "user@" + OTHER])
    assert (answers[0][0], answers[1], answers[2]) == ("5", "554", "250")
    assert (message.sts["rcpt"], entry["rcpts"]) == ("absent", OTHER + ":absent")


def test_recipient_refused_by_a_milter_behind(neighbours):
    """It is asked after us, and we never learn its answer: doc/evidence.md. When all are refused, there is no message."""
    lab, _ = neighbours(after=REFUSED)
    message, entry, answers = mixed(lab, ["user@" + RCPT, "user@" + OTHER])
    assert answers == ["550", "250"]
    assert message.sts["rcpt"] == "enforce"
    assert sorted(entry["rcpts"].split(",")) == [OTHER + ":absent", RCPT + ":enforce"]
    with lab.client() as client:
        client.ehlo()
        client.mail("user@good.test")
        client.command("RCPT TO:<user@%s>" % RCPT, "550")
        client.command("DATA", "554")
    lab.milter.stop()		# this writes what was counted
    assert len(stream(lab)) == 1


def test_field_of_another_milter(neighbours):
    """An earlier milter that uses our field name is treated like a client; a later one sees only ours."""
    lab, milters = neighbours(before={"fields": [("X-MTA-STS", "v=1; host=mx.lab.test; result=pass"), ("X-Before", "1")]},
                              after={"fields": [("X-After", "1")]})
    message, entry = deliver(lab)
    check(message, entry, tls="TLSv1.3", result="pass")
    assert (message.values("X-Before"), message.values("X-After")) == (["1"], ["1"])
    shown = milters["after"].seen[0]
    # the first milter put its field even above Postfix's own; nothing that the client sent stands above ours
    assert [name for name, _ in shown[:2]] == ["X-Before", "X-MTA-STS"]
    assert [name for name, _ in shown].count("X-MTA-STS") == 1
    assert "result=pass; domain=good.test" in shown[1][1].replace("\n\t", " ")


def test_message_refused_by_a_milter_before(neighbours):
    """The message never reaches us."""
    lab, milters = neighbours(before={"rejects": True})
    with lab.client() as client:
        client.ehlo()
        client.mail("user@good.test")
        client.rcpt()
        client.data(FORGED, expect="5")
    assert milters["before"].seen
    lab.milter.stop()		# this writes what was counted
    assert stream(lab) == []


def test_message_refused_by_a_milter_behind(neighbours):
    """By then we have judged the message: it counts. Postfix's log says that it was refused."""
    lab, _ = neighbours(after={"rejects": True})
    with lab.client() as client:
        client.ehlo()
        client.mail("user@good.test")
        client.rcpt()
        client.data(FORGED, expect="5")
    wait_until(lambda: len(stream(lab)) == 1, "it is counted")
    assert stream(lab)[0]["queue_id"] + ": milter-reject: END-OF-MESSAGE" in lab.postfix.log()
