# SPDX-License-Identifier: ISC
"""Rules for domains override the general actions, and can require a client certificate."""
from enforcing import FREE, LAX, NEEDED, POSTFIX, STRICT, enforcing, plaintext, refuse

RULES = ["absent.test tls=required version=TLSv1.3 action=reject", "good.test exempt", "testing.test tls=optional",
         "rcpt:%s tls=required action=tempfail" % LAX, "rcpt:postmaster@%s tls=required action=reject" % STRICT]


def test_rules(new_lab):
    """Rules override the general actions; each has its own reply."""
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
        refuse(client, "RCPT TO:<user@%s>" % LAX, 450, "4" + (NEEDED % LAX)[1:])	# ... except by a rule
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
    """Only what Postfix has verified counts."""
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
