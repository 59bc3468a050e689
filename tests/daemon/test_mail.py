# SPDX-License-Identifier: ISC
"""Messages in progress when something happens to the daemon. The other suites have the rest about mail."""
import signal
import socket
import threading

import pytest

from mta import Mta


@pytest.fixture
def silent_dns():
    """The address of a DNS server that never answers."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))
        sock.settimeout(30)
        yield sock


def use(daemon, dns, **settings):
    daemon.write(dns_servers="127.0.0.1:%d" % dns.getsockname()[1], dns_timeout="60s", **settings)


def test_policy_wait(daemon, silent_dns):
    """A policy that is not known in time is pending."""
    use(daemon, silent_dns, policy_wait="100ms")
    process = daemon.start()
    with Mta(daemon.socket) as mta:
        mta.message("user@sender.test")
        mta.tell(b"E")
        removed, inserted = mta.changes()
    assert removed == ["X-MTA-STS"]
    assert len(inserted) == 1
    assert "result=temperror; reason=pending;" in inserted[0].replace("\n\t", " ")
    assert daemon.stop(process, signal.SIGTERM) == 0


def test_end_answers_who_waits(daemon, silent_dns):
    """A message that waits for a policy when the daemon ends gets its answer, and its log line."""
    use(daemon, silent_dns, policy_wait="20s")
    process = daemon.start()
    answers = []
    with Mta(daemon.socket) as mta:
        mta.message("user@sender.test")
        silent_dns.recv(512)		# the query has been sent
        mta.tell(b"E")
        reader = threading.Thread(target=lambda: answers.append(mta.changes()))
        reader.start()
        assert daemon.stop(process, signal.SIGTERM) == 0
        reader.join(10)
    assert len(answers) == 1
    assert "reason=pending;" in answers[0][1][0].replace("\n\t", " ")
    assert daemon.log(process).count("result=temperror reason=pending domain=sender.test") == 1


def test_end_with_message_open(daemon, silent_dns):
    """A session in the middle of a message does not delay the end."""
    use(daemon, silent_dns)
    process = daemon.start()
    with Mta(daemon.socket) as mta:
        mta.message("user@sender.test")
        assert daemon.stop(process, signal.SIGTERM) == 0


def test_session_keeps_its_settings(daemon, silent_dns):
    """A reload affects only new sessions."""
    use(daemon, silent_dns, policy_wait="100ms", authserv_id="before.test")
    process = daemon.start()
    with Mta(daemon.socket) as mta:
        mta.message("user@sender.test")
        daemon.write(authserv_id="after.test")
        process.send_signal(signal.SIGUSR1)
        daemon.said(process, "new settings are in use")
        mta.tell(b"E")
        assert "host=before.test;" in mta.changes()[1][0]
    with Mta(daemon.socket) as mta:
        mta.message("user@sender.test")
        mta.tell(b"E")
        assert "host=after.test;" in mta.changes()[1][0]


def test_family_of_the_client_is_unknown(daemon, silent_dns):
    """A client without an address does not count as local: it is judged, with unknown TLS."""
    use(daemon, silent_dns, policy_wait="100ms")
    daemon.start()
    with Mta(daemon.socket) as mta:
        mta.message("user@sender.test", client=b"unknown\0U")
        mta.tell(b"E")
        removed, inserted = mta.changes()
    assert removed == ["X-MTA-STS"]
    assert "domain=sender.test;" in inserted[0] and "tls=unknown" in inserted[0]
