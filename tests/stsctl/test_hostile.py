# SPDX-License-Identifier: ISC
"""Foreign data in our keys: none of it reaches the terminal raw (Stsctl.run checks every byte)."""
import pytest
from conftest import add_domain, fill

ESCAPE = "\x1b]0;owned\x07\x1b[2J"
FIELDS = {ESCAPE: 5, "tls:" + ESCAPE: 5, "messages ": 5, "": 5, "cipher:\u00e4": 5, "tls:none": ESCAPE, "sessions": "-5",
          "forged": "9" * 40, "result:pass": "1e9", "reason:" + "x" * 200: 1, "messages": 3, "tls:TLSv1.3": 3}
GOOD = {"messages": 3, "tls:TLSv1.3": 3}


def test_fields(redis, stsctl):
    fill(redis, "mta-sts:stats", FIELDS)
    add_domain(redis, "sender.example", 1786300000, FIELDS)
    answer = stsctl.json("stats")
    assert (answer["counters"], answer["ignored_fields"]) == (GOOD, len(FIELDS) - len(GOOD))
    assert "(10 fields that mta-sts-milter cannot have written are left out)" in stsctl.run("stats")
    assert stsctl.json("stats", "--domain", "sender.example")["counters"] == GOOD
    for words in (("--domain", "sender.example"), ("--top", 3), ("--top", 3, "--by", "plaintext"), ("--at-risk",), ("--below", "TLSv1.3")):
        stsctl.run("stats", *words)


def test_names_of_domains(redis, stsctl):
    add_domain(redis, "good.example", 1786300000, {"messages": 1, "result:fail": 1})
    for seen, name in ((5, ESCAPE), (6, "UPPER.example"), (7, "a}b.example"), (8, "a b"), (1786300001, ""), (9, "x" * 300),
                       ("1.5", "half.example"), ("-inf", "before.example"), ("inf", "after.example"), (-7, "minus.example")):
        redis.command("ZADD", "mta-sts:domains", seen, name)
        fill(redis, "mta-sts:domain:{%s}" % name, {"messages": 1000, "result:fail": 1000})
    assert [row["domain"] for row in stsctl.json("stats", "--top", 5)["domains"]] == ["good.example"]
    assert stsctl.json("stats", "--at-risk")["domain_count"] == 1


def test_keys_of_other_kinds(redis, stsctl):
    for key in ("mta-sts:stats", "mta-sts:domain:{a.example}", "mta-sts:domains", "mta-sts:evidence"):
        redis.command("SET", key, ESCAPE)
    for words in (("stats",), ("stats", "--domain", "a.example"), ("stats", "--top", 3), ("stats", "--at-risk"), ("tail",)):
        assert "WRONGTYPE" in stsctl.json(*words, status=3)["error"]
    redis.command("DEL", "mta-sts:domains")
    redis.command("ZADD", "mta-sts:domains", 1786300000, "a.example")
    assert stsctl.json("stats", "--top", 3)["domains"] == []


def test_a_hash_without_end(redis, stsctl):
    redis.command("EVAL", "for i = 1, 200000 do redis.call('HSET', KEYS[1], 'cipher:' .. i, 1) end", 1, "mta-sts:stats")
    assert "more fields" in stsctl.json("stats", status=3)["error"]


@pytest.mark.parametrize("word", ["mta_sts_stats", "mta_sts_domain"])
def test_functions(redis, stsctl, word):
    stsctl.run("redis-setup")
    fill(redis, "mta-sts:stats", FIELDS)
    lines = redis.command("FCALL_RO", word, 1, "mta-sts:stats")
    assert "(10 fields that mta-sts-milter cannot have written are left out)" in lines
    assert all(line.isprintable() for line in lines)
    fill(redis, "mta-sts:" + ESCAPE, FIELDS)
    assert all(line.isprintable() for line in redis.command("FCALL_RO", word, 1, "mta-sts:" + ESCAPE))


def test_function_top(redis, stsctl):
    stsctl.run("redis-setup")
    add_domain(redis, "good.example", 1786300000, {"messages": 1})
    for seen, name in ((5, ESCAPE), ("inf", "after.example"), (8, "x" * 300)):
        redis.command("ZADD", "mta-sts:domains", seen, name)
        fill(redis, "mta-sts:domain:{%s}" % name, {"messages": 1000})
    redis.command("ZADD", "mta-sts:domains", 9, "string.example")
    redis.command("SET", "mta-sts:domain:{string.example}", ESCAPE)
    lines = redis.command("FCALL_RO", "mta_sts_top", 1, "mta-sts:domains")
    assert all(line.isprintable() for line in lines)
    assert [line.split()[0] for line in lines[1:]] == ["after.example", "good.example"]
