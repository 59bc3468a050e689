# SPDX-License-Identifier: ISC
"""stsctl cache list: a table that fits; the domains that the shell offers come from it."""
import os
import subprocess
import time

from conftest import fill

HERE = os.path.dirname(os.path.abspath(__file__))
COMPLETION = os.path.join(HERE, os.pardir, os.pardir, "contrib", "completion", "stsctl.bash")
LONG = "a-domain-with-a-name-that-is-longer-than-most.example"


def add_policy(redis, name, mode="enforce"):
    now = int(time.time())
    fill(redis, "mta-sts:policy:{%s}" % name, {
        "schema": 1, "state": "policy", "id": "20260101T000000", "mode": mode, "mx": "mail." + name, "max_age": 86400,
        "fetched": now, "checked": now, "expires": now + 86400, "retry": 0, "reason": "",
        "text": "version: STSv1\nmode: %s\nmx: mail.%s\nmax_age: 86400\n" % (mode, name)})


def test_table(redis, stsctl):
    assert stsctl.run("cache", "list") == "nothing is stored\n"
    add_policy(redis, "second.example", "testing")
    add_policy(redis, LONG)
    lines = stsctl.run("cache", "list").splitlines()
    assert lines[0].split() == ["domain", "state", "mode", "or", "reason", "id", "expires"]
    assert [line.split()[1:4] for line in lines[1:]] == [["policy", "enforce", "20260101T000000"], ["policy", "testing", "20260101T000000"]]
    assert lines[1].endswith("Z") and lines[2].startswith("second.example ")
    assert max(map(len, lines)) <= 80


def offered(stsctl, line):
    script = '. "$1"; COMP_LINE=$2 COMP_POINT=${#2}; _stsctl "$3"; printf "%s\\n" "${COMPREPLY[@]}"'
    done = subprocess.run(["bash", "-c", script, "bash", COMPLETION, line, stsctl.program], check=True, capture_output=True,
                          encoding="utf-8", env=stsctl.environment, timeout=60)
    return done.stdout.split()


def test_completion(redis, stsctl):
    """Names in full, and from the Redis of the line's own -c and -o."""
    add_policy(redis, LONG)
    add_policy(redis, "second.example")
    settings = "-c /dev/null -o redis=unix:" + redis.socket
    assert offered(stsctl, "stsctl %s cache show " % settings) == [LONG, "second.example"]
    assert offered(stsctl, "stsctl history show %s sec" % settings) == ["second.example"]
    assert offered(stsctl, "stsctl %s cache list " % settings) == []
    assert offered(stsctl, "stsctl %s -o redis=none lookup " % settings) == []
