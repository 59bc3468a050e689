# SPDX-License-Identifier: ISC
"""stsctl status: milters, today's figures, problems; with Redis, without it, with a milter's /metrics."""
import http.server
import threading
import time

from conftest import fill
from test_stats import days_ago
from test_tail import add

TODAY = {"messages": 1000, "result:pass": 700, "result:fail": 100, "result:none": 200, "tls:TLSv1.3": 800, "tls:none": 200}


def add_node(redis, name, seen=0, **fields):
    """Writes a heartbeat that is so many seconds old."""
    now = int(time.time())
    fill(redis, "mta-sts:node:{%s}" % name, dict({"version": "0.1.0", "started": now - 7200, "seen": now - seen,
                                              "pending_messages": 0}, **fields))
    redis.command("ZADD", "mta-sts:nodes", now - seen, name)


def test_fine(redis, stsctl):
    add_node(redis, "mx1.example", pending_messages=12, enforcing=1)
    fill(redis, "mta-sts:stats:" + days_ago(0), TODAY)
    add(redis, domain="first.example")
    add(redis, domain="pass.example", result="pass")
    add(redis, domain="last.example", queue_id="9XYZ")
    text = stsctl.run("status")
    assert "unix:%s, answered in" % redis.socket in " ".join(text.split())
    for words in ("messages    1000, 80.0% over TLS", "No warnings",
                  "Enforcement   off", "results     pass 70.0%, none 20.0%, fail 10.0%"):
        assert words in text
    node = [line for line in text.splitlines() if line.startswith("mx1.example")][0].split()
    assert node[:3] == ["mx1.example", "0.1.0", "on"] and node[4:6] == ["s", "ago"] and node[-1] == "12"
    assert text.index("last.example") < text.index("first.example") and "pass.example" not in text and "9XYZ" in text
    table = text.partition("The latest mail without adequate TLS from domains that require it\n")[2].splitlines()
    assert table[0].split() == ["domain", "time", "TLS", "client", "queue", "id"] and table[1].startswith("last.example ")
    assert max(map(len, text.splitlines())) <= 80
    answer = stsctl.json("status")
    assert answer["redis"]["reachable"] and answer["nodes"][0]["pending_messages"] == 12 and answer["nodes"][0]["age"] <= 60
    assert answer["today"]["over_tls"] == 800 and answer["warnings"] == [] and answer["local"] is None
    assert [m["domain"] for m in answer["latest"]] == ["last.example", "first.example"]


def test_trouble(redis, stsctl):
    add_node(redis, "mx1.example", tripped=int(time.time()) - 300, enforcing=1)
    add_node(redis, "mx2.example", seen=4000)
    text = stsctl.run("status", status=1)
    assert "Trip wire     tripped;" in text and "silent" in text
    assert text.index("the trip wire of mx1.example") < text.index("mx2.example is silent"), "the newest first"
    answer = stsctl.json("status", status=1)
    assert [w["serious"] for w in answer["warnings"]] == [True, True]


def test_nobody(stsctl):
    text = stsctl.run("status", status=1)
    assert "no milter has sent a heartbeat" in text and "\n\n\n" not in text


def test_without_redis(redis, stsctl, tmp_path):
    missing = "redis=unix:%s" % (tmp_path / "missing.sock")
    text = stsctl.run("status", "-o", missing, status=3)
    assert "missing.sock: No such file" in " ".join(text.split()) and "Today" not in text
    answer = stsctl.json("status", "-o", missing, status=3)
    assert not answer["redis"]["reachable"] and answer["redis"]["why"] and answer["nodes"] is None
    assert "Redis         none:" in stsctl.run("status", "-o", "redis=none", status=3)


class Metrics(http.server.BaseHTTPRequestHandler):
    """A milter's /metrics."""

    def do_GET(self):	# pylint: disable=invalid-name
        assert self.path == "/metrics"
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"# TYPE mta_sts_milter_counters_pending_messages gauge\n"
                         b"mta_sts_milter_counters_pending_messages 4321\n"
                         b"mta_sts_milter_counters_pending_rows 7\n"
                         b'mta_sts_milter_store_up{connection="counters"} 0\n')

    def log_message(self, *_):	# pylint: disable=arguments-differ
        """Nothing."""


def test_metrics(stsctl, tmp_path):
    """The number of waiting counts is visible while Redis is away."""
    missing = "redis=unix:%s" % (tmp_path / "missing.sock")
    with http.server.HTTPServer(("127.0.0.1", 0), Metrics) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        listen = "metrics_listen=127.0.0.1:%d" % server.server_port
        text = stsctl.run("status", "-o", missing, "-o", listen, status=3)
        assert "counters of 4321 messages wait for Redis, in 7 rows" in text
        local = stsctl.json("status", "-o", missing, "-o", listen, status=3)["local"]
        assert local["pending_messages"] == 4321 and local["pending_rows"] == 7 and not local["store_up"]
        server.shutdown()
    local = stsctl.json("status", "-o", missing, "-o", listen, status=3)["local"]
    assert not local["answered"] and local["why"]


def test_hostile(redis, stsctl):
    add_node(redis, "mx1.example", version="\x1b[2J" * 30, pending_messages="many", seen=0)
    redis.command("ZADD", "mta-sts:nodes", int(time.time()), "\x1b[2Jmx\nfaked")
    add(redis, domain="\x1b]0;owned\x07\nfaked", client="x" * 3000, queue_id="\x9b2J")
    text = stsctl.run("status")
    assert "\nfaked" not in text and "[2J" not in text.replace("\\x9b2J", "")
    stsctl.json("status")


def test_usage(stsctl):
    assert "error" in stsctl.json("status", "operand", status=2)
