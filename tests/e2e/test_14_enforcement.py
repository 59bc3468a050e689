# SPDX-License-Identifier: ISC
"""Mail that is refused, held or only marked, by a real Postfix: for whom, at which stage, and what is put down about it."""
import pytest

from lab.domains import FAULTS, Domain, policy, unpublished
from lab.metrics_page import MetricsPage
from lab.ports import Ports
from lab.smtp_client import Refused
from lab.stsctl import stsctl, stsctl_json
from lab.waiting import wait_until

STRICT, LAX, FREE = "rcpt.test", "lax.test", "free.test"		# our own recipient domains: enforce, testing, nothing
DOMAINS = [Domain("good.test"), Domain("testing.test", body=policy("testing", name="testing.test")), unpublished("absent.test"), unpublished("partner.test"),
           Domain("late.test", address=FAULTS, fault="late_policy"), Domain(STRICT),
           Domain(LAX, body=policy("testing", name=LAX)), unpublished(FREE)]
POSTFIX = "virtual_mailbox_domains = %s %s %s" % (STRICT, LAX, FREE)
SETTINGS = {"policy_wait": "10s", "fetch_timeout": "20s", "local_domains": "%s %s %s" % (STRICT, LAX, FREE)}
NEEDED = "5.7.10 Encryption needed for mail of %s: this session is not encrypted"


def enforcing(new_lab, domains=None, postfix=POSTFIX, rules=None, **settings):
    """A lab whose milter has these settings; all policies that can be known are in its memory. rules: lines of a file."""
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
    """The entries of the stream, as dicts, without those of `enforcing'."""
    entries = lab.redis.command("XRANGE", "mta-sts:evidence", "-", "+")
    return [dict(zip(fields[::2], fields[1::2])) for _, fields in entries[3:]]


def wait_counted(lab, messages):
    """Until so many have been counted after those of `enforcing'; then never one more."""
    wait_until(lambda: stats(lab)["messages"] == 3 + messages, "%d messages are counted" % messages)
    wait_until(lambda: len(evidence(lab)) == messages, "and are in the stream")


def plaintext(lab, sender="user@absent.test", source="127.0.0.1"):
    client = lab.client(source)
    client.ehlo()
    client.mail(sender)
    return client


def refuse(client, command, code, text):
    """The command is answered with just this."""
    with pytest.raises(Refused):
        client.command(command)
    assert client.last == "%s %s" % (code, text)


@pytest.mark.core
def test_sender_rejected_at_rcpt(new_lab):
    """postmaster and abuse get through, and their copy is marked."""
    lab = enforcing(new_lab, sender_enforce_action="reject", sender_testing_action="tempfail")
    with plaintext(lab, "user@good.test") as client:
        refuse(client, "RCPT TO:<user@%s>" % FREE, 550, NEEDED % "good.test")
        client.rcpt("PostMaster@" + FREE)
        client.rcpt("abuse@" + FREE)
        message = lab.mailbox.wait(client.data())
    assert (message.sts["result"], message.sts["action"]) == ("fail", "accept")
    with plaintext(lab, "user@testing.test") as client:
        refuse(client, "RCPT TO:<user@%s>" % FREE, 450, "4" + (NEEDED % "testing.test")[1:])
    wait_counted(lab, 2)
    assert [(entry["action"], entry["cause"], entry["queue_id"] != "") for entry in evidence(lab)] == [
        ("reject", "sender-policy", True), ("tempfail", "sender-policy", False)]
    counters = stats(lab)
    assert (counters["action:reject"], counters["action:tempfail"], counters["refused"]) == (1, 1, 1)
    assert counters["cause:sender-policy"] == 2
    assert "milter-reject: RCPT" in lab.postfix.log()


@pytest.mark.core
def test_sender_rejected_at_the_end(new_lab):
    """The policy comes in after RCPT TO."""
    lab = enforcing(new_lab, sender_enforce_action="reject")
    with plaintext(lab, "user@late.test") as client:
        client.rcpt("user@" + FREE)
        client.command("DATA", "354")
        lab.faults.answer_late()
        refuse(client, "Subject: late\r\n\r\nHello.\r\n.", 550, NEEDED % "late.test")
    wait_counted(lab, 1)
    assert evidence(lab)[0]["action"] == "reject"
    assert stats(lab)["refused"] == 1


def test_tls_reports_are_never_refused(new_lab):
    """A report that says that our TLS is broken comes in plaintext: whoever sends it, and whatever a rule says of the domain."""
    lab = enforcing(new_lab, sender_enforce_action="reject", recipient_enforce_action="reject", report_addresses="rua@%s tls-reports" % LAX,
                    rules=["rcpt:%s tls=required action=reject" % LAX])
    with plaintext(lab, "user@good.test") as client:
        refuse(client, "RCPT TO:<user@%s>" % STRICT, 550, NEEDED % STRICT)
        refuse(client, "RCPT TO:<rua@%s>" % STRICT, 550, NEEDED % STRICT)
    with plaintext(lab, "user@good.test") as client:
        for address in ("TLS-Reports@" + STRICT, "tls-reports@" + LAX, "rua@" + LAX):
            client.rcpt(address)
        message = lab.mailbox.wait(client.data())
    assert message.sts["action"] == "accept"
    wait_counted(lab, 2)
    assert sorted(evidence(lab)[1]["rcpts"].split(",")) == [LAX + ":testing:spared", STRICT + ":enforce:spared"]
    _, found = stsctl_json(lab, "simulate", "-o", "sender_enforce_action=reject", "-o", "recipient_enforce_action=reject")
    assert found["messages"] == 5 and found["actions"]["reject"] == 1, "the first one alone"


def test_published_report_addresses_are_never_refused(new_lab):
    """What our own domain publishes as rua needs no setting."""
    rua = "v=TLSRPTv1; rua=mailto:od%%64.reports@%s?subject=x,mailto:reports@elsewhere.test" % STRICT
    domains = [Domain(STRICT, tlsrpt=(rua,)) if domain.name == STRICT else domain for domain in DOMAINS]
    lab = enforcing(new_lab, domains, recipient_enforce_action="reject")

    def is_accepted():
        with plaintext(lab, "user@good.test") as client:
            try:
                client.rcpt("odd.reports@" + STRICT)
            except Refused:
                return False
            client.rset()
            return True
    wait_until(is_accepted, "the milter has looked", 60)
    with plaintext(lab, "user@good.test") as client:
        refuse(client, "RCPT TO:<even.reports@%s>" % STRICT, 550, NEEDED % STRICT)
        refuse(client, "RCPT TO:<reports@%s>" % STRICT, 550, NEEDED % STRICT)


def test_postmaster_among_others_at_the_end(new_lab):
    """Nobody can be refused any more without refusing postmaster: the mail goes through. The next one does not."""
    lab = enforcing(new_lab, sender_enforce_action="reject")
    with plaintext(lab, "user@late.test") as client:
        client.rcpt("user@" + FREE)
        client.rcpt("postmaster@" + FREE)
        client.command("DATA", "354")
        lab.faults.answer_late()
        client.command("X-Lab-Id: 1\r\nSubject: late\r\n\r\nHello.\r\n.")
    assert lab.mailbox.wait("1").sts["action"] == "accept"
    wait_until(lambda: "waived=role-account" in lab.milter.log(), "it is logged why")
    with plaintext(lab, "user@late.test") as client:
        refuse(client, "RCPT TO:<user@%s>" % FREE, 550, NEEDED % "late.test")


@pytest.mark.core
def test_one_recipient_of_several(new_lab):
    """Each by what its own domain publishes; the sender publishes nothing."""
    lab = enforcing(new_lab, recipient_enforce_action="reject", recipient_testing_action="tempfail")
    with plaintext(lab) as client:
        client.rcpt("user@" + FREE)
        refuse(client, "RCPT TO:<user@%s>" % STRICT, 550, NEEDED % STRICT)
        refuse(client, "RCPT TO:<user@%s>" % LAX, 450, "4" + (NEEDED % LAX)[1:])
        message = lab.mailbox.wait(client.data())
    # whoever was refused is no recipient of this message
    assert (message.sts["result"], message.sts["rcpt"], message.sts["action"]) == ("none", "absent", "accept")
    wait_counted(lab, 1)
    entry = evidence(lab)[0]
    assert (entry["rcpt"], entry["rcpts"], entry["action"]) == ("absent", FREE + ":absent", "reject")
    assert sorted(entry["refused_rcpts"].split(",")) == [LAX + ":testing", STRICT + ":enforce"]
    counters = stats(lab)
    assert (counters["rcpt:absent"], counters["rcpt:enforce"]) == (1, 3)	# the three are those of `enforcing'
    assert lab.send("user@absent.test").sts["action"] == "accept"


def test_pipelined(new_lab):
    """A client that does not wait for answers gets each in its place."""
    lab = enforcing(new_lab, recipient_enforce_action="reject")
    with lab.client() as client:
        client.ehlo()
        client.send("\r\n".join(["MAIL FROM:<user@absent.test>"] + [
            "RCPT TO:<user@%s>" % domain for domain in (STRICT, FREE, STRICT, LAX)] + ["DATA"]).encode())
        assert [client.answer()[:3] for _ in range(6)] == ["250", "550", "250", "550", "250", "354"]
        client.command("X-Lab-Id: 1\r\n\r\nHello.\r\n.")
        # and one whose recipients are all refused
        client.send(("MAIL FROM:<user@absent.test>\r\nRCPT TO:<user@%s>\r\nDATA" % STRICT).encode())
        assert [client.answer()[:3] for _ in range(3)] == ["250", "550", "554"]
    assert lab.mailbox.wait("1").sts["action"] == "accept"
    wait_counted(lab, 2)
    assert stats(lab)["refused"] == 1


def test_refused_at_rcpt_is_counted_once(new_lab):
    """However the transaction ends of which nothing is left."""
    lab = enforcing(new_lab, recipient_enforce_action="reject")

    def attempt():
        client = plaintext(lab)
        for _ in range(3):
            refuse(client, "RCPT TO:<user@%s>" % STRICT, 550, NEEDED % STRICT)
        return client
    client = attempt()
    client.rset()
    client.mail("user@absent.test")
    client.rcpt("user@" + FREE)
    lab.mailbox.wait(client.data())
    client.quit()
    attempt().quit()
    client = attempt()
    client.ehlo()
    client.quit()
    attempt().close()
    wait_counted(lab, 5)
    counters = stats(lab)
    assert (counters["refused"], counters["action:reject"]) == (4, 4)
    assert counters["sessions"] == 1 + 4
    assert lab.milter.log().count(" action=reject ") == 4


@pytest.mark.core
def test_quarantine(new_lab):
    """In Postfix' hold queue, with its header; our log says why."""
    lab = enforcing(new_lab, sender_enforce_action="quarantine", recipient_testing_action="quarantine")
    with plaintext(lab, "user@good.test") as client:
        client.rcpt("user@" + FREE)
        client.data()
    with plaintext(lab) as client:
        client.rcpt("user@" + LAX)
        client.data()
    with plaintext(lab, "user@good.test") as client:
        client.rcpt("abuse@" + FREE)
        lab.mailbox.wait(client.data())
    held = lab.postfix.queue()
    assert [(message["queue_name"], message["sender"]) for message in sorted(held, key=lambda m: m["sender"])] == [
        ("hold", "user@absent.test"), ("hold", "user@good.test")]
    wait_counted(lab, 3)
    ids = {entry["queue_id"]: entry["cause"] for entry in evidence(lab) if entry["action"] == "quarantine"}
    assert ids == {message["queue_id"]: "sender-policy" if "good" in message["sender"] else "recipient-policy"
                   for message in held}
    assert all("%s: result=" % queue_id in lab.milter.log() for queue_id in ids)
    assert "refused" not in stats(lab)


@pytest.mark.core
def test_dry_run(new_lab):
    lab = enforcing(new_lab, sender_enforce_action="reject", recipient_enforce_action="tempfail", dry_run="yes")
    with plaintext(lab, "user@good.test") as client:
        client.rcpt("user@" + FREE)
        assert lab.mailbox.wait(client.data()).sts["action"] == "would-reject"
        client.mail("user@absent.test")
        client.rcpt("user@" + STRICT)
        assert lab.mailbox.wait(client.data()).sts["action"] == "would-tempfail"
    wait_counted(lab, 2)
    assert (stats(lab)["action:would-reject"], stats(lab)["action:would-tempfail"]) == (1, 1)


def test_share_of_domains(new_lab):
    """At 0 percent nobody is refused but by rules."""
    lab = enforcing(new_lab, sender_enforce_action="reject", enforce_percent="0",
                    rules=["absent.test tls=required action=reject"])
    with plaintext(lab, "user@good.test") as client:
        client.rcpt("user@" + FREE)
        assert lab.mailbox.wait(client.data()).sts["action"] == "would-reject"
        client.mail("user@absent.test")
        refuse(client, "RCPT TO:<user@%s>" % FREE, 550, NEEDED % "absent.test")


def test_never_refused(new_lab):
    """Trusted, authenticated, the null sender, a policy that cannot be had."""
    broken = Domain("broken.test", directives="return 500;")
    lab = enforcing(new_lab, DOMAINS + [broken], sender_enforce_action="reject", recipient_enforce_action="reject")
    with lab.client("127.0.0.77") as client:
        client.ehlo()
        client.mail("user@good.test")
        client.rcpt("user@" + STRICT)
        assert lab.mailbox.wait(client.data()).sts == {}
    with lab.client() as client:
        client.ehlo()
        client.xclient(ADDR="192.0.2.7", LOGIN="joe")
        client.ehlo()
        client.mail("user@good.test")
        client.rcpt("user@" + STRICT)
        assert lab.mailbox.wait(client.data()).sts == {}
    with lab.client() as client:
        client.ehlo("good.test")
        for sender in ("", "user@broken.test"):
            client.mail(sender)
            client.rcpt("user@" + FREE)
            assert lab.mailbox.wait(client.data()).sts["action"] == "accept"


# ---- rules ----

RULES = ["absent.test tls=required version=TLSv1.3 action=reject", "good.test exempt", "testing.test tls=optional",
         "rcpt:%s tls=required action=tempfail" % LAX, "rcpt:postmaster@%s tls=required action=reject" % STRICT]


def test_rules(new_lab):
    """They beat the actions in general; each says its own."""
    lab = enforcing(new_lab, sender_enforce_action="reject", sender_testing_action="reject", recipient_enforce_action="reject",
                    rules=RULES)
    with plaintext(lab, "user@absent.test") as client:
        refuse(client, "RCPT TO:<user@%s>" % FREE, 550, NEEDED % "absent.test")
        client.rcpt("postmaster@" + FREE)
        refuse(client, "RCPT TO:<postmaster@%s>" % STRICT, 550, NEEDED % STRICT)
        refuse(client, "RCPT TO:<user@%s>" % LAX, 550, NEEDED % "absent.test")
    with plaintext(lab, "user@good.test") as client:
        client.rcpt("user@" + FREE)
        client.rcpt("user@" + STRICT)		# nothing is held against the sender's mail ...
        refuse(client, "RCPT TO:<user@%s>" % LAX, 450, "4" + (NEEDED % LAX)[1:])	# ... but by a rule
    with plaintext(lab, "user@testing.test") as client:
        client.rcpt("user@" + FREE)
        refuse(client, "RCPT TO:<user@%s>" % STRICT, 550, NEEDED % STRICT)
    with lab.client() as client:
        client.ehlo()
        client.starttls("TLSv1.2")
        client.ehlo()
        client.mail("user@absent.test")
        refuse(client, "RCPT TO:<user@%s>" % FREE, 550,
               "5.7.10 Encryption needed for mail of absent.test: TLSv1.2 is too old")


def test_client_certificate(new_lab):
    """What Postfix has verified, and nothing else."""
    postfix = POSTFIX + "\nsmtpd_tls_ask_ccert = yes\nsmtpd_tls_CAfile = ../ca/ca.pem\nsmtpd_tls_session_cache_database ="
    lab = enforcing(new_lab, postfix=postfix.replace("..", "$queue_directory/../.."),
                    rules=["partner.test cert=mail.partner.example action=reject"])
    ours = lab.authority.issue("client", "mail.partner.example", ["mail.partner.example"])
    other = lab.authority.issue("other", "mail.other.example", ["mail.other.example"])
    fake = lab.authority.self_signed("fake", "mail.partner.example")
    for certificate, answer in ((ours, "250"), (other, "550"), (fake, "550"), (None, "550")):
        with lab.client() as client:
            client.ehlo()
            client.starttls("TLSv1.2", certificate=certificate and (certificate, lab.authority.key))
            client.ehlo()
            client.mail("user@partner.test")
            client.command("RCPT TO:<user@%s>" % FREE, answer)
    assert "the client certificate is not the one that was agreed on" in lab.postfix.log()


# ---- the trip wire ----

@pytest.fixture(name="page")
def _page():
    ports = Ports()
    yield MetricsPage(ports.take())
    ports.release()


@pytest.mark.core
def test_trip_wire(new_lab, page):
    lab = enforcing(new_lab, sender_enforce_action="reject", sender_testing_action="reject", max_refusals_per_minute="1",
                    metrics_listen=page.address)

    def attempt(number=1):
        """From one of two networks, and in the name of one of two domains with a policy."""
        with plaintext(lab, "user@%s" % ("good.test", "testing.test")[number - 1], "127.0.%d.1" % number) as client:
            client.command("RCPT TO:<user@%s>" % FREE, "")
            return client.last[:3]
    assert [attempt(number) for number in (1, 1, 2, 1)] == ["550", "550", "250", "250"]
    wait_until(lambda: "trip wire: mail of more than 1 domains, from as many networks, refused or held within a minute" in
               lab.milter.log(), "it is logged")
    status, why = page.health()
    assert status == 503 and why.startswith("trip-wire: ")
    values = page.values()
    assert (values["trip_wire_tripped"], values["trip_wire_trips_total"]) == (1, 1)
    assert values['message_actions_total{action="reject"}'] == 2
    status, told = stsctl_json(lab, "enforce", "status")
    assert status == 1
    assert [(node["node"], node["state"], node["answered"]) for node in told["nodes"]] == [("mx.lab.test", "tripped", True)]
    assert stsctl_json(lab, "enforce", "reset") == (0, {"confirmed": ["mx.lab.test"], "missing": []})
    wait_until(lambda: "trip wire reset (stsctl enforce reset)" in lab.milter.log(), "it is logged")
    assert stsctl_json(lab, "enforce", "status")[0] == 0
    assert attempt() == "550"
    assert page.health() == (200, "ok\n")
    assert "on" in stsctl(lab, "enforce", "status")[1]
    assert attempt() == "550"
    assert attempt(2) == "250"
    lab.milter.reload()
    assert attempt() == "550"
    wait_counted(lab, 5)
    assert stats(lab)["refused"] == 5


def test_nobody_hears(new_lab):
    lab = new_lab([])
    lab.milter.stop()
    assert stsctl_json(lab, "enforce", "reset") == (1, {"confirmed": [], "missing": ["mx.lab.test"]})
    lab.redis.stop()
    assert stsctl(lab, "enforce", "reset")[0] == 3
    assert stsctl(lab, "enforce", "status", "-o", "redis=none")[0] == 3
    assert stsctl(lab, "enforce", "fire")[0] == 2


# ---- settings ----

def test_reload_during_a_session(new_lab):
    """A session keeps the settings that it began with, and what was negotiated for them."""
    lab = enforcing(new_lab, recipient_enforce_action="reject")
    strict = plaintext(lab)
    refuse(strict, "RCPT TO:<user@%s>" % STRICT, 550, NEEDED % STRICT)
    lab.milter.write_config(recipient_enforce_action="accept")
    lab.milter.reload()
    lenient = plaintext(lab)
    lenient.rcpt("user@" + STRICT)
    refuse(strict, "RCPT TO:<user@%s>" % STRICT, 550, NEEDED % STRICT)
    lab.milter.write_config(recipient_enforce_action="quarantine")
    lab.milter.reload()
    assert "action" not in lab.mailbox.wait(lenient.data()).sts
    lenient.mail("user@absent.test")
    lenient.rcpt("user@" + STRICT)
    lab.mailbox.wait(lenient.data())
    strict.rcpt("user@" + FREE)
    assert lab.mailbox.wait(strict.data()).sts["action"] == "accept"
    with plaintext(lab) as held:
        held.rcpt("user@" + STRICT)
        held.data()
    assert [message["queue_name"] for message in lab.postfix.queue()] == ["hold"]
    strict.quit()
    lenient.quit()


def test_text_and_code(new_lab):
    lab = enforcing(new_lab, sender_enforce_action="reject", reject_code="554 5.7.1",
                    reject_text="100%% of %d wants TLS at %h, see https://example.com/tls?d=%d")
    with plaintext(lab, "user@good.test") as client:
        refuse(client, "RCPT TO:<user@%s>" % FREE, 554,
               "5.7.1 100% of good.test wants TLS at mx.lab.test, see https://example.com/tls?d=good.test")


HOURS = 3 * 3600


def age(lab, domain):
    """Makes of what Redis has what it would have some hours later; the milter must not run. When it was checked then."""
    key = "mta-sts:policy:{%s}" % domain
    old = {field: lab.redis.hash(key)[field] - HOURS for field in ("fetched", "checked", "expires")}
    for field, value in old.items():
        lab.redis.command("HSET", key, field, value)
    return old["checked"]


def test_id_that_was_not_confirmed(new_lab):
    """The look-up asks DNS by itself, and then it is confirmed."""
    lab = enforcing(new_lab, sender_enforce_action="reject")
    lab.milter.stop()
    before = age(lab, "good.test")
    lab.milter.start()

    def attempt():
        with plaintext(lab, "user@good.test") as client:
            client.command("RCPT TO:<user@%s>" % FREE, "")
            return client.last[:3]
    wait_until(lambda: attempt() == "550", "the id is confirmed, and mail is refused for good")
    wait_until(lambda: lab.redis.hash("mta-sts:policy:{good.test}")["checked"] > before, "Redis knows it, too")


def test_tempfail_until_confirmed(new_lab):
    """DNS is down, and the policy lives on: good enough to be told, not to refuse for good."""
    lab = enforcing(new_lab, sender_enforce_action="reject")
    lab.milter.stop()
    lab.dns.stop()
    age(lab, "good.test")
    lab.milter.start()
    wanted = "4" + (NEEDED % "good.test")[1:]
    with plaintext(lab, "user@good.test") as client:
        client.command("RCPT TO:<user@%s>" % FREE, "")
        if client.last.startswith("250"):	# Redis has not answered by then
            client.command("DATA", "354")
            refuse(client, "Subject: x\r\n\r\nHello.\r\n.", 450, wanted)
        else:
            assert client.last == "450 " + wanted
    wait_until(lambda: "action=tempfail cause=sender-policy waived=unconfirmed" in lab.milter.log(), "it is logged why")


def test_downgrade(new_lab):
    """Plaintext of a client whose domain's mail came over TLS before."""
    lab = enforcing(new_lab, downgrade_action="reject", downgrade_days="1", downgrade_messages="2")

    def session(tls):
        client = lab.client()
        client.ehlo()
        client.xclient(ADDR="192.0.2.25", NAME="mail.absent.test")
        client.ehlo()
        if tls:
            client.starttls()
            client.ehlo()
        client.mail("user@absent.test")
        return client
    for _ in range(2):
        with session(True) as client:
            client.rcpt("user@" + FREE)
            lab.mailbox.wait(client.data())
    with session(False) as client:
        refuse(client, "RCPT TO:<user@%s>" % FREE, 550, NEEDED % "absent.test")
    with plaintext(lab) as client:		# nobody's own client
        client.rcpt("user@" + FREE)
        lab.mailbox.wait(client.data())
    wait_counted(lab, 4)
    refused = [entry for entry in evidence(lab) if entry["action"] == "reject"]
    assert [(entry["history"], entry["cause"]) for entry in refused] == [("downgrade", "downgrade")]
    # what was refused has not come
    wait_until(lambda: stsctl_json(lab, "history", "show", "absent.test")[1]["tls"]["messages"] == 2, "the history is written")
    assert stsctl_json(lab, "history", "show", "absent.test")[1]["plaintext"]["messages"] == 0


# ---- simulate ----

def test_simulate(new_lab):
    """What the evidence says would have been done is what is then done."""
    lab = new_lab(DOMAINS, settings=SETTINGS, postfix=POSTFIX)
    assert stsctl(lab, "simulate")[0] == 2		# these settings refuse nothing
    assert stsctl(lab, "simulate", "-o", "sender_enforce_action=reject")[0] == 3	# there is no evidence
    lab.redis.command("XADD", "mta-sts:evidence", "*", "ts", "abc", "domain", "a\033[31mb")
    status, said = stsctl_json(lab, "simulate", "-o", "sender_enforce_action=reject")
    assert status == 3 and "nothing of the evidence can be read, 1 entries" in said["error"]
    lab.redis.command("DEL", "mta-sts:evidence")
    for sender, tls, rcpt in (("good.test", "", FREE), ("good.test", "", FREE), ("good.test", "TLSv1.3", FREE),
                              ("testing.test", "", FREE), ("absent.test", "", STRICT), ("absent.test", "", FREE),
                              ("good.test", "TLSv1.1", FREE)):
        with lab.client() as client:
            client.ehlo()
            if tls:
                client.starttls(tls)
                client.ehlo()
            client.mail("user@" + sender)
            client.rcpt("user@" + rcpt)
            lab.mailbox.wait(client.data())
    wait_until(lambda: stats(lab).get("messages") == 7, "all messages are counted")
    wait_until(lambda: lab.redis.command("XLEN", "mta-sts:evidence") == 7, "and in the stream")

    def simulate(*words):
        status, told = stsctl_json(lab, "simulate", *words)
        rows = {(row["domain"], row["action"], row["cause"]): (row["messages"], row["of"]) for row in told["domains"]}
        return status, told, rows
    status, told, rows = simulate("-o", "sender_enforce_action=reject", "-o", "sender_testing_action=tempfail", "--days", "1")
    assert status == 1
    assert rows == {("good.test", "reject", "sender-policy"): (3, 4), ("testing.test", "tempfail", "sender-policy"): (1, 1)}
    assert (told["messages"], told["unread"], told["actions"]["reject"]) == (7, 0, 3)
    example = told["domains"][0]["examples"]
    assert [one["lacks"] for one in example] == ["version", "tls", "tls"]
    assert all(one["queue_id"] in lab.postfix.log() and one["client"] == "127.0.0.0/24" for one in example)
    assert simulate("-o", "sender_enforce_action=reject", "-o", "min_tls_version=TLSv1.1")[2] == {
        ("good.test", "reject", "sender-policy"): (2, 4)}
    assert simulate("-o", "recipient_enforce_action=reject")[2] == {("absent.test", "reject", "recipient-policy"): (1, 2)}
    assert simulate("-o", "sender_enforce_action=reject", "-o", "enforce_percent=0")[2] == {
        ("good.test", "would-reject", "sender-policy"): (3, 4)}
    rules = lab.milter.directory + "/proposed"
    with open(rules, "w", encoding="ascii") as file:
        file.write("good.test exempt\nabsent.test tls=required action=quarantine\ntesting.test client=10.0.0.1 tls=required "
                   "action=reject\n")
    status, told, rows = simulate("--rules", rules, "-o", "sender_enforce_action=reject", "-o", "dry_run=yes")
    assert rows == {("absent.test", "quarantine", "sender-rule"): (2, 2), ("testing.test", "reject", "sender-rule"): (1, 1)}
    assert told["unsure"] == 1
    with open(rules, "w", encoding="ascii") as file:
        file.write("nobody.test tls=required action=reject\n")
    assert simulate("--rules", rules)[0] == 0
    status, text = stsctl(lab, "simulate", "-o", "sender_enforce_action=reject")
    assert status == 1 and "good.test" in text and "Not in the evidence" in text and "\nEvidence: 7 messages" in "\n" + text
    # hostile entries are told from the milter's
    lab.redis.command("XADD", "mta-sts:evidence", "*", "ts", "1", "domain", "x", "tls", "none")
    assert simulate("-o", "sender_enforce_action=reject")[1]["unread"] == 1
    # and now in earnest
    lab.milter.write_config(sender_enforce_action="reject")
    lab.milter.reload()
    with plaintext(lab, "user@good.test") as client:
        refuse(client, "RCPT TO:<user@%s>" % FREE, 550, NEEDED % "good.test")
