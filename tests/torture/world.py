# SPDX-License-Identifier: ISC
"""The servers and files that stsctl's commands work with: DNS, web, mail exchangers, Redis."""
import json
import os
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, os.pardir), os.path.join(HERE, os.pardir, "validator")]

from lab.redis_server import RedisServer	# noqa: E402
from lab.reports import mail, policy, report	# noqa: E402
from tls_lab import TlsLab, publishing		# noqa: E402

DOMAIN = "good.test"
POLICY = "version: STSv1\r\nmode: enforce\r\nmx: mail.good.test\r\nmx: *.example.org\r\nmax_age: 604800\r\n"
RULES = "bank.example tls=required version=TLSv1.2 action=reject\n.supplier.example tls=required action=tempfail\n"
SPEC = """\
state_file = {directory}/publish.state
web_root = {directory}/www/%d
certificate = {directory}/tls/mta-sts.%d.pem
certificate_key = {directory}/tls/mta-sts.%d.key
nginx_dir = {directory}/sites
dns_dir = {directory}/dns
rua = mailto:tls@good.test

domain = good.test
"""
# Recent: entries older than some days are ignored.
WHEN = time.strftime("%d/%b/%Y:%H:%M", time.gmtime(time.time() - 600))
ACCESS = ('192.0.2.%d - - [' + WHEN + ':%02d +0000] "GET /.well-known/mta-sts.txt HTTP/1.1" 200 90 "-" '
          '"Google-SMTP-STS/1.0" mta-sts.good.test\n')
EVIDENCE = {"node": "mx1", "queue_id": "4ABC", "identity": "mailfrom", "result": "fail", "reason": "plaintext", "policy": "enforce",
            "id": "20260101T1", "tls": "none", "aligned": "yes", "client": "192.0.2.1", "rcpts": "rcpt.test:absent"}
COUNTERS = {"messages": 5, "sessions": 5, "result:pass": 3, "result:fail": 2, "reason:plaintext": 2, "policy:enforce": 5,
            "tls:TLSv1.3": 3, "tls:none": 2, "aligned:yes": 5, "aligned:tls:TLSv1.3": 3, "aligned:tls:none": 2}


class World(TlsLab):
    def __init__(self):
        super().__init__([publishing(DOMAIN, tlsrpt=("v=TLSRPTv1; rua=mailto:reports@good.test",))])
        self.redis = RedisServer(self.directory, self._ports.take())
        self._pieces = (*self._pieces, self.redis)
        with open(self._config, "a", encoding="ascii") as config:
            config.write("local_domains = example.org\nfetch_timeout = 5s\ndns_timeout = 3s\n")
        with open(self._config, encoding="ascii") as config:
            lines = [line for line in config if not line.startswith(("redis =", "fetch_timeout = 20s"))]
        with open(self._config, "w", encoding="ascii") as config:
            config.writelines([*lines, "redis = unix:%s\n" % self.redis.socket])
        self._write_files()

    def _write_files(self):
        files = {
            "policy.txt": POLICY, "rules": RULES, "publish.conf": SPEC.format(directory=self.directory),
            "record.json": json.dumps([["v=STSv1; id=20260101T1;"]]), "access.log": "".join(ACCESS % (i, i) for i in range(9)),
        }
        for name, text in files.items():
            with open(self.path(name), "w", encoding="ascii", newline="") as file:
                file.write(text)
        content = report(policy(success=7, failure=3, details=[("validation-failure", "old.example.org", "MX_HOSTS_MISMATCH", 3)]))
        with open(self.path("report.eml"), "wb") as file:
            file.write(mail(content))

    def path(self, name):
        return os.path.join(self.directory, name)

    def prepare(self, needs):
        """Sets up what a command needs: "redis": data as milters write it; "cache": a policy; "": nothing."""
        if needs == "redis":
            self._fill_redis()
        elif needs == "cache":
            self.redis.command("FLUSHALL")
            subprocess.run([os.environ["STSCTL"], "cache", "refresh", "-c", self._config, DOMAIN], check=True,
                           stdout=subprocess.DEVNULL)

    def _fill_redis(self):
        command = self.redis.command
        command("FLUSHALL")
        seen = command("TIME")[0]
        for key in ("mta-sts:stats", "mta-sts:domain:{good.test}"):
            command("HSET", key, *(word for pair in COUNTERS.items() for word in pair))
        command("HSET", "mta-sts:domain:{good.test}", "first_seen", "1600000000", "last_seen", seen)
        command("ZADD", "mta-sts:domains", seen, DOMAIN)
        for sender in (DOMAIN, "bank.example"):
            fields = dict(EVIDENCE, domain=sender, ts=seen + "000")
            command("XADD", "mta-sts:evidence", "*", *(word for pair in fields.items() for word in pair))
