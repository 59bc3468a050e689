# SPDX-License-Identifier: ISC
"""Settings of enforcement: when new ones take effect, and how they change the reply."""
from enforcing import FREE, NEEDED, STRICT, enforcing, plaintext, refuse


def test_reload_during_a_session(new_lab):
    """A session keeps the settings it began with, and what was negotiated for them."""
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
