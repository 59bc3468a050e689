# SPDX-License-Identifier: ISC
"""stsctl history: shows a domain's history and how its next message would be judged, and clears it."""
import datetime
import re

import pytest

from conftest import fill

KEY = "mta-sts:history:{sender.example}"


def day(back):
    return (datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(days=back)).strftime("%Y-%m-%d")


def steady(days, each, kind="tls"):
    """Some messages on each of the last days, excluding today."""
    return {"%s:%s" % (kind, day(back)): each for back in range(1, days + 1)}


def test_show(redis, stsctl):
    fill(redis, KEY, {**steady(20, 2), "plaintext:" + day(3): 1})
    text = stsctl.run("history", "show", "Sender.Example.")
    assert re.search(r"(?m)^over TLS +40 +20 +%s +%s$" % (day(20), day(1)), text)
    assert re.search(r"(?m)^in plaintext +1 +1 +%s +%s$" % (day(3), day(3)), text)
    assert re.search(r"(?m)^over TLS +\.{39}\u2588{20}\.$", text)
    assert re.search(r"(?m)^in plaintext +\.{56}\u2588\.{3}$", text)
    assert text.endswith("one more message over TLS: none; in plaintext: downgrade\n")
    assert max(map(len, text.splitlines())) <= 80
    assert "8" * 20 in stsctl.run("history", "show", "sender.example", LC_ALL="C")
    narrow = stsctl.run("history", "show", "sender.example", COLUMNS="40")
    assert re.search(r"(?m)^over TLS +\.{13}[^.]{7}$", narrow)


def test_json(redis, stsctl):
    fill(redis, KEY, {"tls:" + day(1): 5, "tls:" + day(0): 2, "plaintext:" + day(0): 1})
    assert stsctl.json("history", "show", "sender.example") == {
        "domain": "sender.example", "window_days": 60,
        "tls": {"messages": 7, "days": 2, "first": day(1), "last": day(0)},
        "plaintext": {"messages": 1, "days": 1, "first": day(0), "last": day(0)},
        "days": [{"day": day(1), "tls": 5, "plaintext": 0}, {"day": day(0), "tls": 2, "plaintext": 1}],
        "verdict": {"tls": "none", "plaintext": "none"}}


@pytest.mark.parametrize("fields, options, over_tls, in_plaintext", [
    (steady(14, 2), [], "always-tls", "downgrade"),
    (steady(13, 2), [], "none", "none"),
    (steady(14, 1), [], "none", "none"),
    ({**steady(30, 2), **steady(6, 1, "plaintext")}, [], "none", "downgrade"),
    ({**steady(30, 2), **steady(7, 1, "plaintext")}, [], "none", "none"),
    (steady(2, 2), ["-o", "downgrade_days=2", "-o", "downgrade_messages=4"], "always-tls", "downgrade"),
    (steady(14, 2), ["-o", "downgrade_days=0"], "none", "none")])
def test_verdict(redis, stsctl, fields, options, over_tls, in_plaintext):
    fill(redis, KEY, fields)
    answer = stsctl.json("history", "show", "sender.example", *options)
    assert answer["verdict"] == {"tls": over_tls, "plaintext": in_plaintext}
    text = stsctl.run("history", "show", "sender.example", *options)
    assert "over TLS: %s; in plaintext: %s\n" % (over_tls, in_plaintext) in text
    assert ("keep no histories" in text) == ("downgrade_days=0" in options)


def test_hostile(redis, stsctl):
    """Fields that the milter cannot have written are ignored."""
    fill(redis, KEY, {"tls:" + day(1): 5, "tls:\x1b[31m": 7, "tls:2099-01-01": 9, "tls:" + day(61): 9, "tls:" + day(2): "-3",
                      "plaintext:2026-02-31": 1, "x" * 500: 1})
    answer = stsctl.json("history", "show", "sender.example")
    assert answer["days"] == [{"day": day(1), "tls": 5, "plaintext": 0}]
    redis.command("DEL", KEY)
    fill(redis, KEY, {"tls:2099-01-01": 9})
    stsctl.run("history", "show", "sender.example", status=1)


def test_nothing(stsctl):
    assert stsctl.run("history", "show", "sender.example", status=1) == ""
    assert "sender.example: there is no history" in stsctl.errors
    assert "no history" in stsctl.json("history", "show", "sender.example", status=1)["error"]


def test_clear(redis, stsctl):
    fill(redis, KEY, steady(14, 2))
    fill(redis, "mta-sts:domain:{sender.example}", {"messages": 28})
    assert stsctl.json("history", "clear", "sender.example") == {"domain": "sender.example", "cleared": True}
    assert redis.command("EXISTS", KEY) == 0
    assert redis.command("EXISTS", "mta-sts:domain:{sender.example}") == 1
    assert redis.command("ZSCORE", "mta-sts:invalidated", "sender.example")
    assert "there was no history; all milters" in stsctl.run("history", "clear", "sender.example", status=1)
    assert stsctl.json("history", "clear", "sender.example", status=1) == {"domain": "sender.example", "cleared": False}


@pytest.mark.parametrize("words", [
    [], ["show"], ["clear"], ["list"], ["show", "a.example", "b.example"], ["show", "no domain"],
    ["show", "a.example", "--days", "3"]])
def test_usage(stsctl, words):
    stsctl.run("history", *words, status=2)


@pytest.mark.parametrize("command", ["show", "clear"])
def test_no_redis(stsctl, command):
    stsctl.run("history", command, "sender.example", "-o", "redis=unix:/nonexistent", status=3)
    stsctl.run("history", command, "sender.example", "-o", "redis=none", status=3)


def test_users(redis, stsctl, tmp_path):
    """The operator's user may read; only the milter's may clear."""
    fill(redis, KEY, steady(14, 2))
    password = tmp_path / "password"
    password.write_text("secret\n")
    operator, milter = ("operator", str(password)), ("milter", str(password))
    for line in stsctl.run("redis-setup", "--acl-only").splitlines():
        redis.command(*line.split())
    for user in ("operator", "milter"):
        redis.command("ACL", "SETUSER", user, ">secret")
    assert stsctl.json("history", "show", "sender.example", user=operator)["tls"]["days"] == 14
    stsctl.run("history", "clear", "sender.example", user=operator, status=3)
    assert redis.command("EXISTS", KEY) == 1
    stsctl.run("history", "show", "sender.example", user=milter)
    stsctl.run("history", "clear", "sender.example", user=milter)
    assert redis.command("EXISTS", KEY) == 0
