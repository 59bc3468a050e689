# SPDX-License-Identifier: ISC
"""stsctl and redis-cli read what the milter writes, all of it under the ACLs that stsctl prints."""
import json
import os
import subprocess

import pytest
from lab.domains import Domain, policy, unpublished
from lab.waiting import wait_until

DOMAINS = [Domain("good.test"), Domain("testing.test", body=policy("testing", name="testing.test")), unpublished("absent.test")]
PASSWORD = "secret-of-the-test"


def stsctl(lab, *words):
    done = subprocess.run([os.environ["STSCTL"], words[0], "-c", lab.milter.config, *words[1:]], capture_output=True, timeout=60,
                          check=True, encoding="utf-8", env=dict(os.environ, COLUMNS="80", LC_ALL="C.UTF-8"))
    return done.stdout


@pytest.fixture(name="site")
def make_site(new_lab, tmp_path):
    """A laboratory whose milter is the Redis user milter."""
    lab = new_lab(DOMAINS, settings={"policy_wait": "10s"})
    users = stsctl(lab, "redis-setup", "--acl-only")
    subprocess.run(["redis-cli", "-s", lab.redis.socket], input=users, capture_output=True, check=True, encoding="utf-8")
    password = tmp_path / "password"
    password.write_text(PASSWORD + "\n")
    lab.redis.command("ACL", "SETUSER", "milter", ">" + PASSWORD)
    lab.redis.command("ACL", "SETUSER", "operator", ">" + PASSWORD)
    stsctl(lab, "redis-setup")
    lab.milter.restart(redis_username="milter", redis_password_file=str(password))
    return lab


def test_as_users(site):
    reader = subprocess.Popen([os.environ["STSCTL"], "tail", "-c", site.milter.config, "--json", "--count", "4"],
                              stdout=subprocess.PIPE)
    wait_until(lambda: "cmd=xread" in subprocess.run(
        ["redis-cli", "-s", site.redis.socket, "CLIENT", "LIST"], capture_output=True, check=True, encoding="utf-8").stdout,
        "tail waits")
    try:
        site.send("user@good.test", "TLSv1.3")
        site.send("user@good.test", "")
        site.send("user@testing.test", "")
        site.send("user@absent.test", "")
        lines = [json.loads(line) for line in reader.communicate(timeout=30)[0].splitlines()]
    finally:
        reader.kill()
        reader.wait()
    assert [line["result"] for line in lines] == ["pass", "fail", "softfail", "none"]
    assert lines[1]["queue_id"] in site.postfix.log()
    wait_until(lambda: json.loads(stsctl(site, "stats", "--json"))["messages"] == 4, "all messages are counted")
    stats = site.redis.hash("mta-sts:stats")
    assert json.loads(stsctl(site, "stats", "--json"))["counters"] == stats
    risk = json.loads(stsctl(site, "stats", "--at-risk", "--json"))
    assert (risk["messages"], [(row["domain"], row["refused"], row["messages"]) for row in risk["domains"]]) == (
        4, [("good.test", 1, 2)])
    day = json.loads(stsctl(site, "stats", "--domain", "good.test", "--days", "2", "--json"))
    assert day["messages"] == 2 and day["last_plaintext"] > 0
    top = json.loads(stsctl(site, "stats", "--top", "2", "--by", "plaintext", "--json"))
    assert [row["count"] for row in top["domains"]] == [1, 1]
    printed = subprocess.run(
        ["redis-cli", "-s", site.redis.socket, "--user", "operator", "--pass", PASSWORD, "--no-auth-warning", "FCALL_RO",
         "mta_sts_stats", "1", "mta-sts:stats"], capture_output=True, check=True, encoding="utf-8").stdout
    assert ["messages", "4", "100.0%"] in [line.split() for line in printed.splitlines()]
    assert ["none", "3", "75.0%"] in [line.split() for line in printed.splitlines()]


def test_nothing_is_denied(site):
    """The ACL permits all that the milter does, even to a Redis that has just started."""
    site.send("user@good.test", "TLSv1.3")
    site.redis.command("SCRIPT", "FLUSH")
    site.send("user@testing.test", "")
    wait_until(lambda: site.redis.command("XLEN", "mta-sts:evidence") == 2, "the evidence is written")
    wait_until(lambda: site.redis.hash("mta-sts:stats").get("messages") == 2, "all messages are counted")
    site.milter.restart()
    assert site.send("user@good.test", "TLSv1.3").sts["result"] == "pass"
    assert site.redis.command("EXISTS", "mta-sts:policy:{good.test}") == 1
    denied = [entry for entry in site.redis.command("ACL", "LOG") if entry["username"] == "milter"]
    assert denied == []
    assert "is away" not in site.milter.log()
