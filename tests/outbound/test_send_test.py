# SPDX-License-Identifier: ISC
"""stsctl send-test predicts what happens to mail; then a real Postfix sends it."""
import json
import os
import socket
import ssl
import threading

import pytest

from outbound.test_stsctl import stsctl

GOES, NO, UNKNOWN = 0, 1, 3
RECORDER = "127.0.2.99"


def send_test(world, domain, *words):
    status, output = stsctl(world, "send-test", "--json", *words, domain)
    return status, json.loads(output)


class Recorder:
    """A server that takes one connection and records the commands it receives, within TLS too."""

    def __init__(self, certificate, key, offers):
        self.lines = []
        self._offers = offers
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(certificate, key)
        self._listener = socket.create_server((RECORDER, 25))
        self._listener.settimeout(20)
        self._thread = threading.Thread(target=self._serve)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._thread.join(20)
        self._listener.close()

    def _serve(self):
        connection, _ = self._listener.accept()
        connection.settimeout(20)
        connection.sendall(b"220 mail.record.test ESMTP\r\n")
        buffer = b""
        while True:
            try:
                data = connection.recv(4096)
            except OSError:
                data = b""
            if not data:
                break
            buffer += data
            while b"\r\n" in buffer:
                line, buffer = buffer.split(b"\r\n", 1)
                self.lines.append(line.decode())
                connection = self._answer(connection, self.lines[-1])
        connection.close()

    def _answer(self, connection, line):
        if line.startswith("EHLO"):
            connection.sendall(b"250-mail.record.test\r\n" + (b"250-STARTTLS\r\n" if self._offers else b"") + b"250 SIZE\r\n")
        elif line == "STARTTLS":
            connection.sendall(b"220 go ahead\r\n")
            return self._context.wrap_socket(connection, server_side=True)
        elif line == "QUIT":
            connection.sendall(b"221 bye\r\n")
        else:
            connection.sendall(b"250 fine\r\n")	# offers to take mail
        return connection


@pytest.mark.parametrize("domain, status, outcome, words", [
    ("good.test", GOES, "protected", "the certificate fits"),
    ("wild.test", GOES, "protected", "the certificate fits"),
    ("wronghost.test", NO, "waits", "for another name: www.mail.wronghost.test"),
    ("expired.test", NO, "waits", "has expired"),
    ("selfsigned.test", NO, "waits", "not trusted"),
    ("outside.test", NO, "waits", "for another name"),
    ("notls.test", NO, "waits", "no STARTTLS"),
    ("testing.test", NO, "unverified", "is not checked"),
    ("plain.test", NO, "plaintext", "no STARTTLS"),
    ("deadweb.test", NO, "unverified", "is not checked"),
    ("all.dnssec.test", GOES, "protected", "matches a TLSA record"),
    ("wrong.dnssec.test", NO, "waits", "does not match the TLSA records"),
    ("unusable.dnssec.test", NO, "unverified", "is not checked"),
    ("none.dnssec.test", NO, "unverified", "is not checked"),
    ("half.test", NO, "unverified", "MX records are not signed"),
    ("nobody.dnssec.test", NO, "bounces", "does not exist"),
])
def test_what_would_become_of_mail(world, domain, status, outcome, words):
    code, said = send_test(world, domain)
    assert (code, said["outcome"]) == (status, outcome)
    assert words in said["why"]
    assert said["reply"] == world.answer(domain)
    assert world.send(domain)[0] == {"waits": "deferred", "bounces": "bounced"}.get(outcome, "sent")


def test_one_host_of_two(world):
    """The first host has TLSA records; the second would take mail without any check: not while the first answers."""
    code, said = send_test(world, "one.dnssec.test")
    assert (code, said["outcome"], said["weakest"]) == (GOES, "protected", "unverified")
    assert [(mx["host"], mx["outcome"], mx["dane"]) for mx in said["mx"]] == [
        ("mail.one.dnssec.test", "protected", "usable"), ("second.one.dnssec.test", "unverified", "without")]
    _, output = stsctl(world, "send-test", "one.dnssec.test")
    assert "\none.dnssec.test: if the preferred hosts do not answer, mail would go unprotected: over TLS" in output


def test_dead_host(world):
    """The first of two does not accept connections."""
    code, said = send_test(world, "twomx.test", "-o", "fetch_timeout=1s")
    assert (code, said["outcome"]) == (GOES, "protected")
    first, second = said["mx"]
    assert first["outcome"] == "waits" and "cannot connect" in first["why"]
    assert second["outcome"] == "protected" and second["addresses"][0]["address"] == "127.0.2.20"


def test_host_outside_the_policy(world):
    """With the map tlsrpt, Postfix does not even connect."""
    code, said = send_test(world, "outside.test", "--map", "tlsrpt")
    assert (code, said["outcome"], said["why"]) == (NO, "waits", "not among the policy's mx")
    assert said["mx"][0]["addresses"] == []
    code, said = send_test(world, "good.test", "--map", "tlsrpt")
    assert (code, said["outcome"]) == (GOES, "protected")


@pytest.mark.parametrize("level, outcome", [
    ("none", "plaintext"), ("encrypt", "waits"), ("secure", "waits"), ("dane", "plaintext"), ("dane-only", "waits")])
def test_level_of_main_cf(world, level, outcome):
    """plain.test publishes nothing, and its server has no STARTTLS."""
    code, said = send_test(world, "plain.test", "--level", level)
    assert (code, said["outcome"], said["level"], said["level_by_default"]) == (NO, outcome, level, True)


def test_level_counts_where_there_is_no_answer_alone(world):
    assert send_test(world, "good.test", "--level", "none")[1]["outcome"] == "protected"


def test_rules(world):
    path = os.path.join(world.directory, "send-test-rules")
    with open(path, "w", encoding="ascii") as file:
        file.write("send:selfsigned.test tls=encrypt\nsend:testing.test tls=secure match=mail.testing.test\n")
    assert send_test(world, "selfsigned.test", "-o", "domain_rules=" + path)[1]["outcome"] == "unverified"
    assert send_test(world, "testing.test", "-o", "domain_rules=" + path)[1]["outcome"] == "waits"


def test_outbound_is_off(world):
    code, said = send_test(world, "good.test", "-o", "outbound=no")
    assert (code, said["reply"], said["outcome"]) == (NO, "NOTFOUND ", "unverified")


def test_not_found_out(world):
    """Nothing is sent to private addresses unless the settings permit it; without a resolver there is no answer."""
    code, said = send_test(world, "good.test", "-o", "allow_private_addresses=no", "-o", "outbound=no")
    assert (code, said["outcome"]) == (UNKNOWN, "unknown")
    assert "loopback" in said["why"]
    code, said = send_test(world, "good.test", "-o", "dns_servers=127.0.0.99", "-o", "dns_timeout=500ms")
    assert (code, said["outcome"]) == (UNKNOWN, "unknown")


def test_no_mail_is_sent(world):
    """EHLO, STARTTLS, QUIT: a server sees nothing else."""
    world.dns.set_lines("record", "record.test. MX 10 mail.record.test.\nmail.record.test. A %s" % RECORDER)
    world.dns.reload()
    path = world.authority.issue("record", "mail.record.test", ["mail.record.test"])
    for offers, outcome, said in ((True, "unverified", ["STARTTLS", "QUIT"]), (False, "plaintext", ["QUIT"])):
        with Recorder(path, world.authority.key, offers) as recorder:
            assert send_test(world, "record.test")[1]["outcome"] == outcome
        assert recorder.lines[0].startswith("EHLO ") and recorder.lines[1:] == said


def test_wrong_usage(world):
    for words in ((), ("a.test", "b.test"), ("no domain",), ("--level", "verify", "a.test"), ("--map", "x", "a.test")):
        assert stsctl(world, "send-test", *words)[0] == 2
