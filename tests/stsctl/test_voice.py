# SPDX-License-Identifier: ISC
"""One voice: every command reports the same fault in the same words: which endpoint, and which reason."""
import pytest

NEED_REDIS = [
    ("stats",), ("stats", "--top", "3"), ("stats", "--at-risk"), ("stats", "--below", "TLSv1.2"), ("stats", "--outbound"), ("stats", "--csv"),
    ("tail",), ("tail", "-n", "3"), ("tail", "--once"), ("tail", "--csv"), ("show", "4ABC"), ("top",), ("history", "show", "a.example"),
    ("history", "clear", "a.example"), ("enforce", "status"), ("enforce", "reset"),
    ("simulate", "-o", "sender_enforce_action=reject"), ("cache", "list"), ("cache", "show", "a.example"),
    ("cache", "purge", "a.example"), ("redis-setup",), ("report", "show", "a.example"), ("readiness", "--offline", "a.example"),
    ("report", "send", "-o", "report_organization=x", "-o", "report_contact=a@b.example", "-o", "report_from=a@b.example"),
]
NEED_DNS = [("lookup", "a.example"), ("send-test", "a.example"), ("check", "a.example")]
NEED_SETTINGS = NEED_REDIS + NEED_DNS + [("status",)]


def name_of(words):
    return " ".join(words)


@pytest.fixture(scope="module")
def missing(tmp_path_factory):
    return str(tmp_path_factory.mktemp("none") / "missing.sock")


@pytest.mark.parametrize("words", NEED_REDIS, ids=name_of)
def test_redis_is_away(stsctl, missing, words):
    for endpoint, reason in (("unix:" + missing, "No such file or directory"), ("tcp:127.0.0.1:1", "Connection refused")):
        assert stsctl.run(*words, "-o", "redis=" + endpoint, status=3) == ""
        assert stsctl.errors == "stsctl: redis %s: %s\n" % (endpoint, reason)
    if "--csv" not in words:
        assert stsctl.json(*words, "-o", "redis=" + endpoint, status=3) == {"error": "redis %s: %s" % (endpoint, reason)}


def test_status_and_lookup_go_on(stsctl, missing):
    text = " ".join(stsctl.run("status", "-o", "redis=unix:" + missing, status=3).split())
    assert "unix:%s: No such file or directory" % missing in text
    text = stsctl.run("lookup", "a.example", "-o", "redis=unix:" + missing, "-o", "dns_servers=127.0.0.1:1", status=3)
    assert "unavailable: unix:%s: No such file or directory" % missing in text


@pytest.mark.parametrize("words", [words for words in NEED_REDIS if "--csv" not in words], ids=name_of)
def test_without_redis(stsctl, words):
    """The reasons differ, but each message begins with the setting."""
    assert stsctl.json(*words, "-o", "redis=none", status=3)["error"].startswith("redis = none: ")


@pytest.mark.parametrize("words", NEED_SETTINGS, ids=name_of)
def test_settings_are_missing(stsctl, missing, words):
    stsctl.run(*words, "-c", missing, status=2)
    lines = stsctl.errors.splitlines()
    assert len(lines) == 2 and lines[1] == "stsctl: the settings have mistakes"
    assert lines[0].startswith(missing + ": ") and "No such file or directory" in lines[0]


@pytest.mark.parametrize("words", NEED_DNS, ids=name_of)
def test_dns_is_away(stsctl, words):
    text = stsctl.run(*words, "-o", "redis=none", "-o", "dns_servers=127.0.0.1:1", "-o", "dns_timeout=1s", status=3)
    assert "127.0.0.1:1" in text and ("Connection refused" in text or "no usable answer" in text)
