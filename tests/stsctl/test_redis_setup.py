# SPDX-License-Identifier: ISC
"""stsctl redis-setup: the functions, called through a real redis-cli, and the users."""
import subprocess

import pytest
from conftest import FUNCTIONS, add_domain, fill
from lab.reports import mail, report
from lab.waiting import wait_until

PASSWORD = "secret-of-the-test"


def redis_cli(redis, *words, user=None):
    """redis-cli's output, as on a terminal."""
    words = ["redis-cli", "-s", redis.socket, *(["--user", user, "--pass", PASSWORD, "--no-auth-warning"] if user else []), *words]
    return subprocess.run(words, capture_output=True, check=True, timeout=20, encoding="utf-8").stdout


def cells(text):
    return [line.split() for line in text.splitlines()]


@pytest.fixture(name="users")
def make_users(redis, stsctl, tmp_path):
    """The users as stsctl prints them, pasted into redis-cli; each gets a password. name -> options for stsctl."""
    lines = stsctl.run("redis-setup", "--acl-only")
    done = subprocess.run(["redis-cli", "-s", redis.socket], input=lines, capture_output=True, check=True, encoding="utf-8")
    assert done.stdout == "OK\n" * 3
    password = tmp_path / "password"
    password.write_text(PASSWORD + "\n")
    for name in ("milter", "operator", "rspamd"):
        redis.command("ACL", "SETUSER", name, ">" + PASSWORD)
    return {name: (name, str(password)) for name in ("milter", "operator", "rspamd")}


def test_load_and_upgrade(redis, stsctl):
    assert "functions mta_sts: loaded" in stsctl.run("redis-setup")
    with open(FUNCTIONS, encoding="utf-8") as file:
        assert redis.command("FUNCTION", "LIST", "WITHCODE")[0]["library_code"] == file.read()
    assert "functions mta_sts: up to date" in stsctl.run("redis-setup")
    redis.command("FUNCTION", "LOAD", "REPLACE", "#!lua name=mta_sts\n"
                  "redis.register_function('mta_sts_stats', function() return 'old' end)")
    answer = stsctl.json("redis-setup")
    assert (answer["library"], answer["functions"], len(answer["acl"])) == ("mta_sts", "upgraded", 3)
    assert {word["name"] for word in redis.command("FUNCTION", "LIST")[0]["functions"]} == {
        "mta_sts_stats", "mta_sts_domain", "mta_sts_top"}
    redis.command("FUNCTION", "FLUSH")
    redis.command("FUNCTION", "LOAD", "#!lua name=other\nredis.register_function('mta_sts_top', function() return 1 end)")
    assert "already exists" in stsctl.json("redis-setup", status=3)["error"]


def test_lines_to_try(redis, stsctl):
    """They can be pasted as printed: with this Redis's address, and quoted."""
    fill(redis, "mta-sts:stats", {"messages": 1000})
    lines = [line for line in stsctl.run("redis-setup").splitlines() if line.startswith("  redis-cli ")]
    assert len(lines) == 3
    answers = [subprocess.run(["sh", "-c", line], capture_output=True, check=True, timeout=20, encoding="utf-8").stdout for line in lines]
    assert answers[0].startswith("mta-sts:stats") and "1000" in answers[0] and "ERR" not in "".join(answers)
    assert "\n  redis-cli -p %d FCALL_RO" % redis.port in stsctl.run("redis-setup", "-o", "redis=tcp:127.0.0.1:%d" % redis.port)
    assert "\n  redis-cli -p %d -n 3 FCALL_RO" % redis.port in stsctl.run("redis-setup", "-o", "redis=tcp:127.0.0.1:%d" % redis.port,
                                                                        "-o", "redis_db=3")


def test_stats(redis, stsctl):
    stsctl.run("redis-setup")
    fill(redis, "mta-sts:stats", {"messages": 1000, "sessions": 900, "tls:TLSv1.3": 800, "tls:none": 200, "result:pass": 999,
                                  "result:fail": 1, "forged": 3, "exempt": 5})
    text = redis_cli(redis, "FCALL_RO", "mta_sts_stats", "1", "mta-sts:stats")
    rows = cells(text)
    assert rows[:5] == [["mta-sts:stats", "count", "share"], ["messages", "1000", "100.0%"], ["sessions", "900", "90.0%"],
                        ["exempt", "5"], ["forged", "3"]]
    assert rows.index(["TLSv1.3", "800", "80.0%"]) + 1 == rows.index(["none", "200", "20.0%"])
    assert len({len(line) for line in text.splitlines() if line.endswith("%")}) == 1
    assert redis_cli(redis, "FCALL_RO", "mta_sts_stats", "1", "mta-sts:stats:2026-01-01").endswith("nothing is counted yet\n")


def test_domain(redis, stsctl):
    stsctl.run("redis-setup")
    key = "mta-sts:domain:{sender.example}"
    add_domain(redis, "sender.example", 1709208000, {"messages": 10, "tls:none": 4, "aligned:tls:none": 1, "aligned:yes": 5,
                                                     "last_plaintext": 951782399})
    fill(redis, key + ":2026-01-01", {"messages": 8, "tls:none": 2, "result:fail": 1})
    rows = cells(redis_cli(redis, "FCALL_RO", "mta_sts_domain", "3", key, key + ":2026-01-01", key + ":2026-01-02"))
    for row in (["first", "seen", "2020-09-13T12:26:40Z"], ["last", "seen", "2024-02-29T12:00:00Z"],
                ["last", "plaintext", "2000-02-28T23:59:59Z"], ["none", "4", "40.0%", "1"], ["yes", "5", "50.0%"],
                ["2026-01-01", "8", "2", "25.0%", "1", "12.5%"], ["2026-01-02", "0", "0", "-", "0", "-"]):
        assert row in rows


def test_top(redis, stsctl):
    stsctl.run("redis-setup")
    for i in range(30):
        add_domain(redis, "d%02d.example" % i, 1786300000, {"messages": 100, "tls:none": i})
    top = ("FCALL_RO", "mta_sts_top", "1", "mta-sts:domains")
    assert [row[0] for row in cells(redis_cli(redis, *top, "3", "plaintext"))[1:]] == ["d29.example", "d28.example", "d27.example"]
    assert len(cells(redis_cli(redis, *top))) == 21
    assert cells(redis_cli(redis, *top, "1", "tls:none"))[1] == ["d29.example", "29", "29.0%", "100", "2026-08-09T18:26:40Z"]
    assert "ERR usage" in redis_cli(redis, *top, "0")
    assert "ERR usage" in redis_cli(redis, "FCALL_RO", "mta_sts_top", "0")
    for row in redis_cli(redis, *top).splitlines():
        assert len(row) <= 80


def test_times_agree(redis, stsctl):
    """Lua's calendar and the C library's."""
    stsctl.run("redis-setup")
    for seconds in (1, 68169600, 951782400, 1078012799, 1078012800, 4107542399, 4107542400, 32503679999):
        redis.command("HSET", "mta-sts:domain:{a.example}", "messages", 1, "last_seen", seconds)
        lines = redis_cli(redis, "FCALL_RO", "mta_sts_domain", "1", "mta-sts:domain:{a.example}").splitlines()
        seen = [line for line in lines if line.startswith("last seen")][0].split()[2:]
        assert "last %s," % " ".join(seen) in stsctl.run("stats", "--domain", "a.example")


def test_operator(redis, stsctl, users):
    """Reads all of our keys and no others, and writes nothing."""
    stsctl.run("redis-setup")
    fill(redis, "mta-sts:stats", {"messages": 5})
    add_domain(redis, "a.example", 1786300000, {"messages": 5, "result:fail": 1})
    fill(redis, "other:domain:{a.example}", {"messages": 5})
    redis.command("ZADD", "other:domains", 1, "a.example")
    redis.command("XADD", "mta-sts:evidence", "*", "ts", 1)
    for words in (("stats",), ("stats", "--domain", "a.example", "--days", 2), ("stats", "--top", 2), ("stats", "--at-risk"),
                  ("stats", "--below", "TLSv1.2")):
        stsctl.run(*words, user=users["operator"], status=1 if "--days" in words else 0)
    for words in (("HGETALL", "mta-sts:stats"), ("FCALL_RO", "mta_sts_stats", "1", "mta-sts:stats"),
                  ("FCALL_RO", "mta_sts_domain", "1", "mta-sts:domain:{a.example}"),
                  ("FCALL_RO", "mta_sts_top", "1", "mta-sts:domains"), ("XRANGE", "mta-sts:evidence", "-", "+")):
        assert "NOPERM" not in redis_cli(redis, *words, user="operator")
    for words in (("HSET", "mta-sts:stats", "messages", "0"), ("DEL", "mta-sts:stats"), ("HGETALL", "other:domain:{a.example}"),
                  ("FCALL_RO", "mta_sts_top", "1", "other:domains"), ("FLUSHALL",), ("KEYS", "*"), ("CONFIG", "GET", "*"),
                  ("EVAL", "return 1", "0"), ("FUNCTION", "FLUSH"), ("ACL", "LIST"), ("PUBLISH", "mta-sts:invalidate", "x")):
        assert "NOPERM" in redis_cli(redis, *words, user="operator"), words
    assert "NOPERM" in stsctl.json("redis-setup", user=users["operator"], status=3)["error"]


def test_operator_tail(redis, stsctl, users):
    tail = stsctl.begin("tail", "--count", "1", user=users["operator"])
    try:
        wait_until(lambda: "cmd=xread user=operator" in redis_cli(redis, "CLIENT", "LIST"), "tail waits")
        redis.command("XADD", "mta-sts:evidence", "*", "queue_id", "4ABC")
        assert tail.communicate(timeout=20)[0].endswith(b"queue_id=4ABC\n")
    finally:
        tail.kill()
        tail.wait()


def test_rspamd(redis, users):	# pylint: disable=unused-argument
    add_domain(redis, "a.example", 1786300000, {"messages": 5})
    fill(redis, "mta-sts:policy:{a.example}", {"mode": "enforce"})
    assert redis_cli(redis, "HGET", "mta-sts:policy:{a.example}", "mode", user="rspamd") == "enforce\n"
    assert redis_cli(redis, "HMGET", "mta-sts:domain:{a.example}", "messages", user="rspamd") == "5\n"
    for words in (("HGETALL", "mta-sts:stats"), ("HSET", "mta-sts:policy:{a.example}", "mode", "none"),
                  ("ZSCORE", "mta-sts:domains", "a.example"), ("GET", "mta-sts:lock:{a.example}")):
        assert "NOPERM" in redis_cli(redis, *words, user="rspamd"), words


def test_milter_reads_too(redis, stsctl, users):
    """stsctl with the milter's own settings."""
    fill(redis, "mta-sts:stats", {"messages": 5})
    add_domain(redis, "a.example", 1786300000, {"messages": 5, "result:fail": 1})
    for words in (("stats",), ("stats", "--domain", "a.example"), ("stats", "--top", 2), ("stats", "--at-risk"),
                  ("stats", "--below", "TLSv1.2")):
        stsctl.run(*words, user=users["milter"])
    for words in (("HGETALL", "other:stats"), ("FLUSHALL",), ("KEYS", "*"), ("CONFIG", "GET", "*"), ("FUNCTION", "LIST")):
        assert "NOPERM" in redis_cli(redis, *words, user="milter"), words


def test_users_given_again_keep_their_passwords(redis, stsctl, users):	# pylint: disable=unused-argument
    subprocess.run(["redis-cli", "-s", redis.socket], input=stsctl.run("redis-setup", "--acl-only"), capture_output=True,
                   check=True, encoding="utf-8")
    assert redis_cli(redis, "PING", user="operator") == "PONG\n"


def test_acl_only_needs_no_redis(stsctl):
    assert stsctl.run("redis-setup", "--acl-only", "-o", "redis=unix:/nonexistent").count("ACL SETUSER ") == 3
    assert "~other:*" in stsctl.json("redis-setup", "--acl-only", "-o", "redis_prefix=other:")["acl"][0]["command"]
    assert "error" in stsctl.json("redis-setup", "operand", status=2)


def test_tls_reports(redis, stsctl, users):
    """The milter's user may count them, the operator's may read them; neither may do more."""
    settings = ("-o", "local_domains=example.org", "-o", "authserv_id=mx1.example.net")

    def feed(user):
        return subprocess.run(stsctl.words("report", "import", *settings, user=users[user]), input=mail(report()),
                              env=stsctl.environment, capture_output=True, timeout=60, check=False).returncode
    assert [feed(user) for user in ("operator", "rspamd", "milter")] == [75, 75, 0]
    assert redis.hash("mta-sts:report:{example.org}")["success"] == 10
    assert redis.hash("mta-sts:reports")["counted"] == 1
    for user in ("operator", "milter"):
        assert stsctl.json("report", "show", "example.org", *settings, user=users[user])["verified"]["reports"] == 1
        stsctl.json("readiness", "example.org", "--offline", *settings, user=users[user], status=3)
