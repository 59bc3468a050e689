# SPDX-License-Identifier: ISC
"""Demonstrates and checks the milter's main job: ./quickstart runs this once everything is built."""
import argparse
import os
import shlex
import subprocess
import sys
from dataclasses import dataclass, field

from .domains import Domain, policy, unpublished
from .ending import end_by_exception
from .keeping import keep
from .lab import Lab
from .waiting import TimedOut, wait_until

DOMAINS = [
    Domain("enforce.test"),
    Domain("testing.test", txt=["v=STSv1; id=20260102T2;"], body=policy("testing", name="testing.test")),
    unpublished("absent.test"),
]
FORGED = "X-MTA-STS: v=1; host=mx.lab.test; result=pass; domain=enforce.test; tls=TLSv1.3"


@dataclass
class Mail:
    """One message, and the tags that its header must have."""
    title: str
    sender: str
    tls: str
    tags: dict
    headers: list = field(default_factory=list)


MAILS = [
    Mail("over TLS 1.3, from a domain that insists on TLS for its own mail", "alice@enforce.test", "TLSv1.3",
         {"result": "pass", "policy": "enforce", "id": "20260101T1", "tls": "TLSv1.3"}),
    Mail("over TLS 1.2, from a domain that tests its policy", "bob@testing.test", "TLSv1.2",
         {"result": "pass", "policy": "testing", "id": "20260102T2", "tls": "TLSv1.2"}),
    Mail("in plaintext, from the domain that insists on TLS", "carol@enforce.test", "",
         {"result": "fail", "reason": "plaintext", "policy": "enforce", "tls": "none"}),
    Mail("from a domain without a policy", "dave@absent.test", "TLSv1.3",
         {"result": "none", "policy": "absent", "tls": "TLSv1.3"}),
    Mail("in plaintext, with a forged header that says otherwise", "mallory@enforce.test", "",
         {"result": "fail", "reason": "plaintext", "policy": "enforce", "tls": "none"}, [FORGED]),
]

# The totals after these five.
COUNTERS = {
    "messages": 5, "sessions": 5, "forged": 1,
    "result:pass": 2, "result:fail": 2, "result:none": 1, "reason:plaintext": 2,
    "policy:enforce": 3, "policy:testing": 1, "policy:absent": 1,
    "tls:TLSv1.3": 2, "tls:TLSv1.2": 1, "tls:none": 2,
}


# What an operator asks, and a text that the answer must contain.
QUESTIONS = [
    (["stats"], "messages"),
    (["stats", "--at-risk"], "enforce.test"),
    (["lookup", "enforce.test"], "enforce"),
]


class Demo:
    """Sends messages, shows the results, compares them, and collects what is wrong. tool: stsctl, or None."""

    def __init__(self, lab, tool):
        self._lab = lab
        self._tool = tool
        self.wrong = []

    def run(self):
        for mail in MAILS:
            self._one(mail)
        self._counters()
        for words, expected in QUESTIONS if self._tool else []:
            self._ask(words, expected)

    def _ask(self, words, expected):
        """Runs stsctl in the environment that tell_how_to_play() recommends."""
        print("\n--- stsctl " + " ".join(words))
        done = subprocess.run([self._tool, *words], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8",
                              timeout=60, check=False, env=dict(os.environ, STSCTL_CONF=self._lab.milter.config))
        print(done.stdout.rstrip())
        self._compare("stsctl %s: exit status" % " ".join(words), done.returncode, 0)
        self._compare("stsctl %s: says %s" % (" ".join(words), expected), expected in done.stdout, True)

    def _one(self, mail):
        print("\n--- %s\n    %s" % (mail.title, "\n    ".join(["MAIL FROM:<%s>" % mail.sender, *mail.headers])))
        message = self._lab.send(mail.sender, mail.tls, mail.headers)
        for value in message.sts_raw:
            print("X-MTA-STS: " + value)
        tags = message.sts
        expected = dict(mail.tags, domain=mail.sender.partition("@")[2], identity="mailfrom", v="1")
        for name, value in expected.items():
            self._compare("%s: %s" % (mail.title, name), tags.get(name), value)

    def _counters(self):
        redis = self._lab.redis
        print("\n--- redis-cli HGETALL mta-sts:stats")
        try:
            wait_until(lambda: redis.hash("mta-sts:stats").get("messages", 0) >= COUNTERS["messages"],
                       "the counters arrive in Redis")
        except TimedOut as late:
            self.wrong.append(str(late))
        stats = redis.hash("mta-sts:stats")
        for name in sorted(stats):
            print("%-40s %8s" % (name, stats[name]))
        for name, value in COUNTERS.items():
            self._compare("counter " + name, stats.get(name), value)

    def _compare(self, what, got, expected):
        if got != expected:
            self.wrong.append("%s: got %s, expected %s" % (what, got, expected))


def tell_how_to_play(lab, stop, tool):
    """Prints how to use a lab that is left running."""
    if tool:
        print("""
To use stsctl with this lab, paste the first line, and then, for example, one of the others:
  export STSCTL_CONF={config} PATH={directory}:"$PATH"
  stsctl stats; stsctl stats --domain enforce.test; stsctl lookup testing.test; stsctl cache list
  stsctl doctor --postfix {postfix}""".format(
      config=shlex.quote(lab.milter.config), directory=shlex.quote(os.path.dirname(tool)),
      postfix=shlex.quote(lab.postfix.directory)))
    print("""
The lab is still running, in {directory}:
  send mail     swaks --server 127.0.0.1:{smtp} --tls --from you@enforce.test --to user@rcpt.test
                openssl s_client -starttls smtp -crlf -quiet -connect 127.0.0.1:{smtp}
                (sender domains: {domains})
  read it       {mailbox}
  counters      redis-cli -s {redis} HGETALL mta-sts:stats
  a domain      redis-cli -s {redis} HGETALL 'mta-sts:policy:{{enforce.test}}'
  the log       tail -f {milter_log}
  the settings  {config}   (then: kill -USR1 {milter_pid})
  Postfix       {postfix}/main.cf, {postfix}/maillog
  DNS           127.0.0.1 port {dns}; zone {nsd}/test.zone (then: nsd-control -c {nsd}/nsd.conf reload test)
  policies      {nginx}/policies/
To stop it and remove everything:
  {stop}""".format(
      directory=lab.directory, smtp=lab.postfix.port, domains=", ".join(domain.name for domain in DOMAINS),
      mailbox=os.path.join(lab.postfix.mailboxes, "mailbox", "new"), redis=lab.redis.socket,
      milter_log=lab.milter.process.log, milter_pid=lab.milter.process.pid, config=lab.milter.config,
      postfix=lab.postfix.directory, dns=lab.dns.port, nsd=lab.dns.directory, nginx=lab.https.directory, stop=stop))


def main():
    arguments = argparse.ArgumentParser(prog="quickstart")
    arguments.add_argument("--program", required=True, help="the milter")
    arguments.add_argument("--stsctl", help="the operator's tool")
    arguments.add_argument("--keep", action="store_true", help="leave everything running")
    options = arguments.parse_args()
    end_by_exception()
    sys.stdout.reconfigure(line_buffering=True)
    with Lab(DOMAINS, options.program, default_action="accept") as lab:
        demo = Demo(lab, options.stsctl)
        try:
            demo.run()
        except Exception as failure:	# pylint: disable=broad-except
            demo.wrong.append("%s: %s" % (type(failure).__name__, failure))
        if demo.wrong:
            print("\n%s\n%s" % (lab.milter.process.tail(60), lab.postfix.log()[-4000:]))
        if options.keep:
            tell_how_to_play(lab, keep(lab), options.stsctl)
    for line in demo.wrong:
        print("WRONG: " + line)
    print("\n" + ("Something is not as it should be." if demo.wrong else "Everything is as it should be."))
    return 1 if demo.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
