# SPDX-License-Identifier: ISC
"""stsctl simulate, on the evidence of mail that a real Postfix accepted."""
from enforcing import DOMAINS, FREE, NEEDED, POSTFIX, SETTINGS, STRICT, plaintext, refuse, stats

from lab.stsctl import stsctl, stsctl_json
from lab.waiting import wait_until


def test_simulate(new_lab):
    """What simulate predicts from the evidence is then what happens."""
    lab = new_lab(DOMAINS, settings=SETTINGS, postfix=POSTFIX)
    assert stsctl(lab, "simulate")[0] == 2		# these settings refuse nothing
    assert stsctl(lab, "simulate", "-o", "sender_enforce_action=reject")[0] == 3	# there is no evidence
    lab.redis.command("XADD", "mta-sts:evidence", "*", "ts", "abc", "domain", "a\033[31mb")
    status, said = stsctl_json(lab, "simulate", "-o", "sender_enforce_action=reject")
    assert status == 3 and "none of the evidence can be read, 1 entries" in said["error"]
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
    # hostile entries are told apart from the milter's
    lab.redis.command("XADD", "mta-sts:evidence", "*", "ts", "1", "domain", "x", "tls", "none")
    assert simulate("-o", "sender_enforce_action=reject")[1]["unread"] == 1
    # now enforce it
    lab.milter.write_config(sender_enforce_action="reject")
    lab.milter.reload()
    with plaintext(lab, "user@good.test") as client:
        refuse(client, "RCPT TO:<user@%s>" % FREE, 550, NEEDED % "good.test")
