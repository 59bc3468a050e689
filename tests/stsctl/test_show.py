# SPDX-License-Identifier: ISC
"""stsctl show: one message from the evidence."""
from test_tail import ENTRY, add


def test_one(redis, stsctl):
    for name in ("4ABC", "4AB", "4ABCD", "4abc"):
        add(redis, queue_id=name)
    text = stsctl.run("show", "4ABC")
    assert text.startswith("4ABC, 2026-08-09T18:26:40Z (") and text.count("stream entry") == 1
    for words in ("sender domain  sender.example\n", "result         fail: the policy says enforce", "client         192.0.2.0/24\n",
                  "reason         plaintext: the session had no TLS", "policy id      20250809T1"):
        assert words in text
    assert max(map(len, text.splitlines())) <= 80
    assert stsctl.run("show", "4ABC:") == text, "as it stands in a log line"
    answer = stsctl.json("show", "4ABC")
    assert answer["matches"] == 1 and answer["searched"] == 4
    assert answer["messages"][0]["domain"] == ENTRY["domain"] and answer["messages"][0]["ts"] == int(ENTRY["ts"])


def test_several(redis, stsctl):
    add(redis, domain="first.example")
    add(redis, domain="second.example", node="mx2.example")
    text = stsctl.run("show", "4ABC")
    assert text.index("first.example") < text.index("second.example") and "2 messages had this queue id." in text
    assert [m["node"] for m in stsctl.json("show", "4ABC")["messages"]] == ["mx1.example", "mx2.example"]


def test_many(redis, stsctl):
    redis.command("EVAL", "for i = 1, 150 do redis.call('XADD', KEYS[1], '*', 'ts', 1, 'queue_id', 'X') end", 1,
                  "mta-sts:evidence")
    assert "150 messages had this queue id; the first 100 are above." in stsctl.run("show", "X")
    answer = stsctl.json("show", "X")
    assert answer["matches"] == 150 and len(answer["messages"]) == 100


def test_none(redis, stsctl):
    stsctl.run("show", "4ABC", status=1)
    assert "there is no evidence" in stsctl.errors
    add(redis)
    stsctl.run("show", "NOT", status=1)
    assert "NOT: not among the 1 messages of the evidence, which goes back to 2026-08-09T18:26:40Z" in stsctl.errors
    stsctl.run("show", "4ABC", "--since", "2026-08-01")
    assert "error" in stsctl.json("show", "NOT", status=1)


def test_hostile(redis, stsctl):
    escape = "\x1b]0;owned\x07 \x9b2J\nfaked line"
    add(redis, domain=escape, result=escape, client="x" * 5000, queue_id="EVIL")
    text = stsctl.run("show", "EVIL")
    assert "owned" in text and "\nfaked" not in text
    assert len(stsctl.json("show", "EVIL")["messages"][0]["client"]) < 300


def test_usage(stsctl):
    for words in ((), ("a", "b"), ("",), (":",), ("x" * 300,), ("4ABC", "--since", "soon")):
        assert "error" in stsctl.json("show", *words, status=2)
