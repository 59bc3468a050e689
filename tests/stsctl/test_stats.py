# SPDX-License-Identifier: ISC
"""stsctl stats: for all mail, for one domain, for many domains."""
import datetime
import fcntl
import os
import re
import struct
import subprocess
import termios

from conftest import add_domain, fill

from lab.terminal import open_terminal

TOTALS = {"messages": 1000, "sessions": 900, "forged": 3, "result:pass": 700, "result:fail": 100, "result:none": 200,
          "tls:TLSv1.3": 799, "tls:none": 200, "tls:TLSv1": 1, "aligned:yes": 20, "reason:plaintext": 100}


def days_ago(days):
    return (datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(days=days)).strftime("%Y-%m-%d")


def line_of(text, word):
    """The cells of the line that starts with word."""
    found = [line.split() for line in text.splitlines() if line.split()[:1] == [word]]
    assert len(found) == 1, text
    return found[0][1:]


def test_totals(redis, stsctl):
    fill(redis, "mta-sts:stats", TOTALS)
    text = stsctl.run("stats")
    assert line_of(text, "messages") == ["1000", "100.0%"]
    assert line_of(text, "forged") == ["3"]
    assert line_of(text, "TLSv1.3") == ["799", "79.9%"]
    assert line_of(text, "TLSv1") == ["1", "0.1%"]
    assert text.index("  TLSv1.3") < text.index("  none", text.index("tls")) < text.index("  TLSv1 ")
    assert max(map(len, text.splitlines())) <= 80
    assert stsctl.json("stats") == {"messages": 1000, "counters": TOTALS, "ignored_fields": 0}


def test_columns_line_up(redis, stsctl):
    fill(redis, "mta-sts:stats", TOTALS)
    ends = {match.end() for match in re.finditer(r"(?m)(?<=%)$", stsctl.run("stats"))}
    assert ends
    shares = [line for line in stsctl.run("stats").splitlines() if line.endswith("%")]
    assert len({len(line) for line in shares}) == 1


def test_nothing_yet(stsctl):
    assert "nothing is counted" in stsctl.run("stats")
    assert stsctl.json("stats")["messages"] == 0


def test_days(redis, stsctl):
    fill(redis, "mta-sts:stats:" + days_ago(0), {"messages": 8, "tls:none": 1})
    fill(redis, "mta-sts:stats:" + days_ago(2), {"messages": 4, "tls:none": 4})
    fill(redis, "mta-sts:stats:" + days_ago(3), {"messages": 100})
    answer = stsctl.json("stats", "--days", 3)
    assert answer["counters"] == {"messages": 12, "tls:none": 5}
    assert [day["day"] for day in answer["days"]] == [days_ago(2), days_ago(1), days_ago(0)]
    assert [day["counters"].get("messages") for day in answer["days"]] == [4, None, 8]
    assert re.search(r"(?m)^messages +\u2584\.\u2588  most a day 8$", stsctl.run("stats", "--days", 3))
    assert re.search(r"(?m)^plaintext +8\.2  most a day 4$", stsctl.run("stats", "--days", 3, LC_ALL="C"))


def test_domain(redis, stsctl):
    add_domain(redis, "sender.example", 1786300000, {
        "messages": 10, "tls:none": 4, "result:fail": 4, "aligned:yes": 5, "aligned:messages": 5, "aligned:tls:none": 1,
        "last_plaintext": 1786200000})
    text = stsctl.run("stats", "--domain", "Sender.Example.")
    assert line_of(text, "messages") == ["10", "100.0%", "5"]
    assert line_of(text, "none") == ["4", "40.0%", "1"]
    assert line_of(text, "fail") == ["4", "40.0%", "-"]
    assert "first seen 2020-09-13T12:26:40Z, last 2026-08-09T18:26:40Z, last without TLS 2026-08-08T14:40:00Z" in text
    answer = stsctl.json("stats", "--domain", "sender.example")
    assert (answer["domain"], answer["last_plaintext"]) == ("sender.example", 1786200000)
    assert answer["counters"]["aligned:tls:none"] == 1 and "last_seen" not in answer["counters"]


def test_domain_by_day(redis, stsctl):
    for day, plaintext in ((0, 1), (1, 4), (29, 8), (30, 500)):
        fill(redis, "mta-sts:domain:{sender.example}:" + days_ago(day), {"messages": 10, "tls:none": plaintext})
    text = stsctl.run("stats", "--domain", "sender.example", "--days", 30, LC_ALL="C")
    assert re.search(r"(?m)^plaintext +8\.{27}41  most a day 8$", text), text
    assert max(map(len, text.splitlines())) <= 80
    assert "a column is" not in text
    text = stsctl.run("stats", "--domain", "sender.example", "--days", 365)
    assert "(a column is 9 days)" in text
    assert max(map(len, text.splitlines())) <= 80


def test_unknown_domain(stsctl):
    assert "nothing is counted" in stsctl.run("stats", "--domain", "nobody.example", status=1)
    assert stsctl.json("stats", "--domain", "nobody.example", status=1)["messages"] == 0


def test_top(redis, stsctl):
    for i in range(30):
        add_domain(redis, "d%02d.example" % i, 1786300000 + i, {"messages": 100 + i, "tls:none": 29 - i})
    answer = stsctl.json("stats", "--top", 5, "--by", "plaintext")
    assert answer["by"] == "tls:none"
    assert [row["domain"] for row in answer["domains"]] == ["d%02d.example" % i for i in range(5)]
    assert answer["domains"][1] == {"domain": "d01.example", "count": 28, "messages": 101, "last_seen": 1786300001}
    assert [row["domain"] for row in stsctl.json("stats", "--top", 1)["domains"]] == ["d29.example"]
    assert len(stsctl.json("stats", "--by", "plaintext")["domains"]) == 20
    text = stsctl.run("stats", "--top", 3, "--by", "plaintext")
    assert line_of(text, "d00.example") == ["29", "29.0%", "100", "2026-08-09T18:26:40Z"]


def test_top_of_days(redis, stsctl):
    for name, today, before in (("a.example", 1, 100), ("b.example", 2, 0)):
        add_domain(redis, name, 4102444800, {"messages": today + before})
        fill(redis, "mta-sts:domain:{%s}:%s" % (name, days_ago(0)), {"messages": today})
        fill(redis, "mta-sts:domain:{%s}:%s" % (name, days_ago(1)), {"messages": today})
        fill(redis, "mta-sts:domain:{%s}:%s" % (name, days_ago(9)), {"messages": before})
    add_domain(redis, "old.example", 1600000000, {"messages": 1000})
    rows = stsctl.json("stats", "--top", 5, "--days", 2)["domains"]
    assert [(row["domain"], row["count"]) for row in rows] == [("b.example", 4), ("a.example", 2)]


def test_more_domains_than_a_page(redis, stsctl):
    """Several hundred, last seen in the same second."""
    names = ["d%04d.example" % i for i in range(1100)]
    redis.command("ZADD", "mta-sts:domains", *(word for i, name in enumerate(names) for word in (
        1786300000 + (0 if i < 500 else i // 7), name)))
    redis.command("EVAL", "for i, d in ipairs(redis.call('ZRANGE', KEYS[1], 0, -1)) do "
                  "redis.call('HSET', 'mta-sts:domain:{' .. d .. '}', 'messages', 2, 'result:fail', 1) end", 1, "mta-sts:domains")
    answer = stsctl.json("stats", "--at-risk", "--top", 1000)
    assert (answer["domain_count"], answer["refused"], len(answer["domains"])) == (1100, 1100, 1000)
    assert "(and 1080 more domains)" in stsctl.run("stats", "--at-risk")


def test_at_risk(redis, stsctl):
    fill(redis, "mta-sts:stats", {"messages": 200})
    add_domain(redis, "bank.example", 1786300000, {"messages": 40, "result:fail": 10, "aligned:result:fail": 4})
    add_domain(redis, "shop.example", 1786300001, {"messages": 1, "result:fail": 1, "aligned:result:fail": 1})
    add_domain(redis, "forged.example", 1786300002, {"messages": 3, "result:fail": 3, "last_plaintext": 1786300002})
    add_domain(redis, "testing.example", 1786300003, {"messages": 9, "result:softfail": 9})
    add_domain(redis, "good.example", 1786300004, {"messages": 99, "result:pass": 99})
    answer = stsctl.json("stats", "--at-risk")
    assert {name: answer[name] for name in ("messages", "refused", "refused_aligned", "domain_count")} == {
        "messages": 200, "refused": 14, "refused_aligned": 5, "domain_count": 3}
    assert [row["domain"] for row in answer["domains"]] == ["bank.example", "forged.example", "shop.example"]
    assert answer["domains"][0] == {
        "domain": "bank.example", "refused": 10, "messages": 40, "share": 0.25, "refused_aligned": 4,
        "last_seen": 1786300000, "last_plaintext": 0, "were_refused": 0}
    text = stsctl.run("stats", "--at-risk")
    assert line_of(text, "bank.example") == ["10", "25.0%", "40", "2026-08-09T18:26:40Z", "4", "of", "10"]
    assert line_of(text, "forged.example")[-1] == "no" and line_of(text, "shop.example")[-1] == "yes"
    assert "of 3 domains, 14 messages (7.0% of all) would have been refused" in text


def test_at_risk_and_refused(redis, stsctl):
    """Refused mail is not shown as delivered."""
    fill(redis, "mta-sts:stats", {"messages": 200})
    add_domain(redis, "bank.example", 1786300000, {"messages": 40, "result:fail": 10, "refused": 6})
    add_domain(redis, "good.example", 1786300004, {"messages": 99, "result:pass": 99, "refused": 1})
    answer = stsctl.json("stats", "--at-risk")
    assert (answer["refused"], answer["were_refused"], answer["domains"][0]["were_refused"]) == (10, 6, 6)
    text = stsctl.run("stats", "--at-risk")
    assert "of 1 domain, 10 messages (5.0% of all) were refused, or would have been, 0 of them from aligned clients" in text
    assert "6 messages of these domains were refused" in text


def test_nobody_at_risk(redis, stsctl):
    add_domain(redis, "good.example", 1786300004, {"messages": 99, "result:pass": 99})
    assert "no domain" in stsctl.run("stats", "--at-risk")
    assert stsctl.json("stats", "--at-risk")["domains"] == []


def old_tls(redis):
    """Three domains, one of them modern; evidence of three networks, one of them modern."""
    fill(redis, "mta-sts:stats", {"messages": 200, "tls:TLSv1": 4, "tls:TLSv1.1": 1, "tls:TLSv1.2": 95, "tls:none": 20})
    add_domain(redis, "old.example", 1786300000, {"messages": 10, "tls:TLSv1": 4, "tls:TLSv1.2": 6, "aligned:tls:TLSv1": 3})
    add_domain(redis, "mixed.example", 1786300001, {"messages": 100, "tls:TLSv1.1": 1, "tls:TLSv1.3": 99})
    add_domain(redis, "good.example", 1786300002, {"messages": 9, "tls:TLSv1.2": 9})
    for ms, client, version in ((1786300000000, "192.0.2.0/24", "TLSv1"), (1786300001000, "192.0.2.0/24", "TLSv1.3"),
                                (1786300002000, "198.51.100.0/24", "TLSv1.2"), (1786300003000, "203.0.113.0/24", "TLSv1.1"),
                                (1786300004000, "", "TLSv1"), (1786300005000, "192.0.2.0/24", "TLSv1")):
        redis.command("XADD", "mta-sts:evidence", "*", "ts", ms, "client", client, "tls", version, "domain", "old.example")


def test_below(redis, stsctl):
    old_tls(redis)
    answer = stsctl.json("stats", "--below", "TLSv1.2")
    assert {name: answer[name] for name in ("version", "messages", "below", "plaintext", "domain_count", "network_count")} == {
        "version": "TLSv1.2", "messages": 200, "below": 5, "plaintext": 20, "domain_count": 2, "network_count": 2}
    assert answer["domains"] == [
        {"domain": "old.example", "below": 4, "messages": 10, "below_aligned": 3, "last_seen": 1786300000,
         "versions": {"TLSv1": 4, "TLSv1.1": 0}},
        {"domain": "mixed.example", "below": 1, "messages": 100, "below_aligned": 0, "last_seen": 1786300001,
         "versions": {"TLSv1": 0, "TLSv1.1": 1}}]
    assert answer["networks"] == [
        {"network": "192.0.2.0/24", "below": 2, "messages": 3, "last_below": 1786300005},
        {"network": "203.0.113.0/24", "below": 1, "messages": 1, "last_below": 1786300003}]
    assert answer["evidence"] == {"since": 1786300000, "messages": 6, "below": 4, "without_client": 1}
    assert "fall back to plaintext" in answer["warning"]
    text = stsctl.run("stats", "--below", "TLSv1.2")
    assert line_of(text, "old.example") == ["4", "40.0%", "3", "2026-08-09T18:26:40Z", "TLSv1"]
    assert line_of(text, "mixed.example") == ["1", "1.0%", "0", "2026-08-09T18:26:41Z", "TLSv1.1"]
    assert line_of(text, "192.0.2.0/24") == ["2", "66.7%", "3", "2026-08-09T18:26:45Z"]
    assert "5 of all 200 messages (2.5%) came over TLS below TLSv1.2; 20 (10.0%) in plaintext." in text
    assert "fall back to plaintext" in text and "of 1 messages the client is not kept" in text
    assert max(map(len, text[text.index("After a refused handshake"):].splitlines())) <= 80
    assert [row["domain"] for row in stsctl.json("stats", "--below", "TLSv1.3")["domains"]] == [
        "old.example", "good.example", "mixed.example"]
    assert [row["domain"] for row in stsctl.json("stats", "--below", "TLSv1.1")["domains"]] == ["old.example"]
    assert "(and 1 more domains)" in stsctl.run("stats", "--below", "TLSv1.2", "--top", 1)


def test_below_of_days(redis, stsctl):
    old_tls(redis)
    add_domain(redis, "new.example", 4102444800, {"messages": 5})
    fill(redis, "mta-sts:domain:{new.example}:" + days_ago(1), {"messages": 3, "tls:TLSv1.1": 2})
    fill(redis, "mta-sts:stats:" + days_ago(1), {"messages": 30, "tls:TLSv1.1": 2})
    answer = stsctl.json("stats", "--below", "TLSv1.2", "--days", 2)
    assert [(row["domain"], row["below"]) for row in answer["domains"]] == [("new.example", 2)]
    assert (answer["messages"], answer["below"], answer["evidence"]["messages"]) == (30, 2, 6)


def test_nobody_below(redis, stsctl):
    fill(redis, "mta-sts:stats", {"messages": 9, "tls:TLSv1.3": 9})
    text = stsctl.run("stats", "--below", "TLSv1.2")
    assert "no domain" in text and "no evidence" in text
    answer = stsctl.json("stats", "--below", "TLSv1.2")
    assert (answer["domains"], answer["networks"], answer["evidence"]["since"]) == ([], [], 0)


def test_width(redis, stsctl):
    name = "a" * 60 + ".example"
    add_domain(redis, name, 1786300000, {"messages": 5, "result:fail": 5, "tls:TLSv1.2": 5, "aligned:tls:TLSv1.2": 5})
    fill(redis, "mta-sts:stats", {"messages": 12345678, "tls:TLSv1.2": 5})
    for columns in (40, 60, 80):
        for words in ((), ("--top", 3), ("--at-risk",), ("--below", "TLSv1.3"), ("--domain", name), ("--by", "fail")):
            lines = stsctl.run("stats", *words, COLUMNS=str(columns)).splitlines()
            rows = [line for line in lines if line.startswith(("aaa", "domain  ", "client network  ", "    "))]		# tables, not sentences
            assert [line for line in rows if len(line) > columns and not line.startswith(name)] == []
            if words and "--domain" not in words:
                assert len([line for line in lines if line.startswith("aaa") and ".." in line]) == 1
    assert name in stsctl.run("stats", "--top", 3, COLUMNS="150")


def test_width_of_the_terminal(redis, stsctl):
    add_domain(redis, "a" * 60 + ".example", 1786300000, {"messages": 5})
    environment = {name: value for name, value in stsctl.environment.items() if name != "COLUMNS"}
    rows = []
    for columns in (60, 120):
        ours, its = open_terminal()
        fcntl.ioctl(its, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        subprocess.run(stsctl.words("stats", "--top", "1"), stdout=its, check=True, env=environment, timeout=60)
        os.close(its)
        rows.append(os.read(ours, 65536).decode("ascii").splitlines()[-1])
        os.close(ours)
    assert len(rows[0]) == 60 and ".." in rows[0]
    assert ".." not in rows[1]


def test_usage(stsctl):
    for words in (("--by", "bogus"), ("--top", "0"), ("--top", "many"), ("--days", "-1"), ("--days", "99999"),
                  ("--domain", "a..b"), ("--domain", "a.example", "--top", "3"), ("--at-risk", "--by", "fail"),
                  ("--below", "TLSv1"), ("--below", "1.2"), ("--below", "TLSv1.2", "--at-risk"),
                  ("operand",), ("--nonsense",)):
        assert "error" in stsctl.json("stats", *words, status=2)
        assert stsctl.errors.count("\n") == 1


def test_redis_down(stsctl):
    for words in (("stats",), ("stats", "--at-risk"), ("stats", "--below", "TLSv1.2"), ("stats", "--top", "3"), ("tail",), ("redis-setup",)):
        assert stsctl.run(*words, "-o", "redis=unix:/nonexistent/socket", status=3) == ""
        assert stsctl.errors.count("\n") == 1 and "redis unix:/nonexistent/socket: " in stsctl.errors
    assert "error" in stsctl.json("stats", "-o", "redis=none", status=3)


def test_settings(redis, stsctl, tmp_path):
    fill(redis, "other:stats", {"messages": 7})
    assert stsctl.json("stats", "-o", "redis_prefix=other:")["messages"] == 7
    conf = tmp_path / "conf"
    conf.write_text("redis_prefix = other:\nredis = unix:%s\n" % redis.socket)
    assert stsctl.json("stats", "-c", str(conf))["messages"] == 7
    conf.write_text("bogus = 1\n")
    assert "error" in stsctl.json("stats", "-c", str(conf), status=2)
    assert "%s:1: " % conf in stsctl.errors
    assert "error" in stsctl.json("stats", "-c", str(tmp_path / "missing"), status=2)


def test_many_domains_of_one_second(redis, stsctl):
    """As after a restore or an import: pages that begin in the middle of a second neither repeat nor skip, and there are few of them."""
    count = 25000
    redis.command("EVAL", """
        for i = 1, ARGV[1] do
            local name = string.format('d%d.example', i)
            redis.call('ZADD', 'mta-sts:domains', 1796000000, name)
            redis.call('HSET', 'mta-sts:domain:{' .. name .. '}', 'messages', i * 7919 % 25013)
        end""", 0, count)
    calls = pages(redis)
    rows = stsctl.json("stats", "--top", 1000)["domains"]
    in_order = sorted(range(1, count + 1), key=lambda i: -(i * 7919 % 25013))
    assert [row["domain"] for row in rows] == ["d%d.example" % i for i in in_order[:1000]]
    assert pages(redis) - calls < 20
    # a long walk shows its progress on a terminal, and erases it at the end
    assert stsctl.errors == ""
    ours, its = open_terminal()
    subprocess.run(stsctl.words("stats", "--top", "1"), stdout=subprocess.DEVNULL, stderr=its, check=True, env=stsctl.environment,
                   timeout=60)
    os.close(its)
    shown = os.read(ours, 65536).decode("ascii")
    os.close(ours)
    assert re.fullmatch(r"(\r\d+ domains)+\r +\r", shown)
    assert "\r10000 domains" in shown and "\r20000 domains" in shown


def pages(redis):
    stats = redis.command("EVAL", "return redis.call('INFO', 'commandstats')", 0)
    return sum(int(calls) for calls in re.findall(r"cmdstat_zrangebyscore:calls=(\d+)", stats))
