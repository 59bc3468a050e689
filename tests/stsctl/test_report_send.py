# SPDX-License-Identifier: ISC
"""stsctl report send: Postfix's delivery results, in reports to the domains that publish an rua; with a sendmail that keeps what it
is given, nsd, and a web server."""
import email
import email.policy
import gzip
import http.server
import json
import os
import ssl
import subprocess
import threading
import time

import pytest

from lab.certificates import CertificateAuthority
from lab.dns_server import DnsServer
from lab.ports import Ports

SENDMAIL = """#!/bin/sh
test ! -e '{directory}/refuse' || {{ echo 'queue is full' >&2; exit 75; }}
number=$(ls '{directory}' | grep -c '^mail')
printf '%s\\n' "$@" > '{directory}/words.'$number
cat > '{directory}/mail.'$number
"""
STS = {"policy-type": "sts", "policy-domain": "dest.test", "mx-host": ["mx.dest.test"],
       "policy-string": ["version: STSv1", "mode: enforce", "mx: mx.dest.test", "max_age: 86400"]}
DETAIL = {"result-type": "certificate-expired", "receiving-mx-hostname": "mx.dest.test", "sending-mta-ip": "192.0.2.1",
          "receiving-ip": "192.0.2.2"}
# A day that is over, and whose reports are due: in the first minutes after midnight they still wait for late results.
DAY = time.strftime("%Y-%m-%d", time.gmtime(time.time() - 86400 - 900))


def item(*parts):
    return json.dumps(parts, sort_keys=True, separators=(",", ":"))


class Web:
    """An https rua."""

    def __init__(self, directory, port):
        authority = CertificateAuthority(directory)
        chain = authority.issue("web", "web.test", ["web.test"])
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(chain, authority.key)
        self.authority, self.port, self.posts, self.status = authority.certificate, port, [], 201
        web = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):	# pylint: disable=invalid-name
                body = self.rfile.read(int(self.headers["Content-Length"]))
                web.posts.append((self.path, self.headers["Content-Type"], body))
                self.send_response(web.status)
                self.send_header("Location", "/elsewhere")
                self.send_header("Content-Length", "9")		# which it never sends: only the status counts
                self.end_headers()

            def log_message(self, *words):	# pylint: disable=arguments-differ
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture(scope="module", name="servers")
def fixture_servers(tmp_path_factory):
    directory, ports = str(tmp_path_factory.mktemp("send")), Ports()
    dns, web = DnsServer(directory, ports.take()), Web(directory, ports.take())
    dns.set_lines("web", "web.test. A 127.0.0.1")
    dns.set_lines("dest", '_smtp._tls.dest.test. TXT "v=TLSRPTv1; rua=mailto:reports%%2Btls@dest.test,mailto:second@other.test?x=y,'
                           'https://web.test:%d/reports"' % web.port)
    dns.set_lines("mail", '_smtp._tls.mail.test. TXT "v=TLSRPTv1; rua=mailto:tls@mail.test"')
    dns.set_lines("odd", '_smtp._tls.odd.test. TXT "v=TLSRPTv1; rua=mailto:%22a%20b%22@odd.test,https://127.0.0.1/x"')
    dns.set_lines("broken", '_smtp._tls.broken.test. TXT "v=TLSRPTv1; rua=tls@broken.test"')
    dns.set_lines("again", '_smtp._tls.again.test. TXT "v=TLSRPTv1; rua=mailto:a@again.test,mailto:a@Again.test?subject=x"')
    dns.set_lines("plain", 'plain.test. A 127.0.0.1')
    dns.start()
    yield dns, web
    dns.stop()
    web.stop()
    ports.release()


class Sender:
    def __init__(self, stsctl, servers, directory):
        self.stsctl, self.redis, self.dns, self.web, self.directory = stsctl, stsctl.redis, *servers, str(directory)
        program = os.path.join(self.directory, "sendmail")
        with open(program, "w", encoding="ascii") as file:
            file.write(SENDMAIL.format(directory=self.directory))
        os.chmod(program, 0o755)
        self.settings = ("-o", "report_organization=Example Ltd.", "-o", "report_contact=postmaster@example.net",
                         "-o", "report_from=tls-reports@example.net", "-o", "sendmail_path=" + program,
                         "-o", "dns_servers=127.0.0.1:%d" % self.dns.port, "-o", "dns_timeout=5s",
                         "-o", "allow_private_addresses=yes", "-o", "ca_file=" + self.web.authority)

    def count(self, domain="dest.test", day=DAY, items=True):
        self.redis.command("ZADD", "mta-sts:sent", int(time.time()), domain)
        self.redis.command("HSET", "mta-sts:sent:{%s}:%s" % (domain, day), "success", 9, "failure", 3, "sts:success", 7,
                           "sts:failure", 3, "no-policy-found:success", 2)
        if items:
            policy = dict(STS, **{"policy-domain": domain})
            self.redis.command("HSET", "mta-sts:sent:{%s}:%s:report" % (domain, day), item("success", policy), 7,
                               item("failure", policy), 3, item("detail", policy, DETAIL), 3)

    def send(self, *words, status=0, jitter="0"):
        return self.stsctl.json("report", "send", "--jitter", jitter, *words, *self.settings, status=status)

    def counts(self, *words, **named):
        counts = self.send(*words, **named)
        # just after midnight, the day just ended still waits, and DAY is the one before
        counts["early"] -= time.time() % 86400 < 600
        return {name: n for name, n in counts.items() if n > 0}

    def mails(self):
        names = sorted(name for name in os.listdir(self.directory) if name.startswith("mail."))
        return [self.read(name) for name in names]

    def read(self, name):
        with open(os.path.join(self.directory, name), "rb") as file:
            return file.read()

    def words(self, number):
        return self.read("words.%d" % number).decode().split("\n")[:-1]

    def note(self, domain="dest.test"):
        return self.redis.hash("mta-sts:sent:{%s}:%s:mailed" % (domain, DAY))

    def imported(self, data):
        done = subprocess.run(self.stsctl.words("report", "import", "--dry-run", "--json", "-"), input=data, capture_output=True,
                              env=self.stsctl.environment, timeout=60, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return json.loads(done.stdout)


@pytest.fixture(name="sender")
def fixture_sender(stsctl, servers, tmp_path):
    servers[1].posts.clear()
    servers[1].status = 201
    return Sender(stsctl, servers, tmp_path)


def test_off_until_somebody_says_who_sends(stsctl):
    stsctl.run("report", "send", "-o", "report_organization=x", "-o", "report_from=a@example.net", status=2)
    assert stsctl.errors == "stsctl: report send: no reports are sent until report_contact says who sends them\n"


def test_each_address_once(sender):
    sender.count()
    assert sender.counts() == {"sent": 3}
    assert [words[-1] for words in map(sender.words, range(2))] == ["reports+tls@dest.test", "second@other.test"]
    assert sender.words(0) == ["-i", "-f", "tls-reports@example.net", "--", "reports+tls@dest.test"]
    path, kind, body = sender.web.posts.pop()
    assert (path, kind) == ("/reports", "application/tlsrpt+gzip")
    report = json.loads(gzip.decompress(body))
    assert report["report-id"] == sender.note()["id"] and report["organization-name"] == "Example Ltd."
    assert report["date-range"] == {"start-datetime": DAY + "T00:00:00Z", "end-datetime": DAY + "T23:59:59Z"}
    assert report["policies"][0] == {
        "policy": STS, "summary": {"total-successful-session-count": 7, "total-failure-session-count": 3},
        "failure-details": [dict(DETAIL, **{"failed-session-count": 3})]}
    # counted, but without telling which policy applied
    assert report["policies"][1] == {
        "policy": {"policy-type": "no-policy-found", "policy-domain": "dest.test"},
        "summary": {"total-successful-session-count": 2, "total-failure-session-count": 0}}
    assert sender.note()["done"] == "sent" and sender.redis.command("TTL", "mta-sts:sent:{dest.test}:%s:mailed" % DAY) > 86400
    assert sender.counts().get("sent") is None and len(sender.mails()) == 2 and not sender.web.posts


def test_the_mail(sender):
    sender.count("mail.test")
    sender.counts("--bcc", "curious@example.net")
    assert sender.words(0)[-2:] == ["tls@mail.test", "curious@example.net"]
    data = sender.mails()[0]
    mail = email.message_from_bytes(data, policy=email.policy.default)
    assert mail.get_content_type() == "multipart/report" and mail.get_param("report-type") == "tlsrpt"
    assert (mail["TLS-Report-Domain"], mail["TLS-Report-Submitter"], mail["TLS-Required"]) == ("mail.test", "example.net", "No")
    assert mail["To"] == "tls@mail.test" and "tls-reports@example.net" in mail["From"] and mail["Message-ID"] and mail["Date"]
    assert " ".join(mail["Subject"].split()) == \
        "Report Domain: mail.test Submitter: example.net Report-ID: <%s>" % sender.note("mail.test")["id"]
    words, part = mail.iter_parts()
    assert words.get_content_type() == "text/plain" and part.get_content_type() == "application/tlsrpt+gzip"
    assert part.get_filename().startswith("example.net!mail.test!") and part.get_filename().endswith(".json.gz")
    # our own import accepts it
    said = sender.imported(data)
    assert said["valid"] and said["org"] == "Example Ltd." and said["day"] == DAY and said["domains"] == ["mail.test"]
    assert said["by_policy_type"] == {"sts": {"success": 7, "failure": 3}, "none": {"success": 2, "failure": 0}}
    assert said["by_result_type"] == {"certificate-expired": 3} and said["warnings"] == [] and said["refused_policies"] == 0


def test_dry_run(sender):
    yesterday = time.strftime("%Y-%m-%d", time.gmtime(time.time() - 86400))
    sender.count("mail.test", yesterday)
    text = sender.stsctl.run("report", "send", "--dry-run", "mail.test", *sender.settings)
    assert sender.imported(text.encode())["success"] == 9
    assert not sender.mails() and not sender.redis.command("EXISTS", "mta-sts:sent:{mail.test}:%s:mailed" % yesterday)


def test_again_when_it_failed(sender):
    sender.count()
    sender.web.status = 307
    with open(os.path.join(sender.directory, "refuse"), "wb"):
        pass
    assert sender.counts(status=1) == {"failed": 3}
    assert "exit status 75: queue is full\n" in sender.stsctl.errors and "status 307" in sender.stsctl.errors
    number = sender.note()["id"]
    assert len(sender.web.posts) == 1
    sender.web.posts.clear()
    # not retried at once
    assert sender.counts() == {"early": 3}
    sender.web.status = 200
    os.unlink(os.path.join(sender.directory, "refuse"))
    for uri in [name for name in sender.note() if ":" in name]:
        sender.redis.command("HSET", "mta-sts:sent:{dest.test}:%s:mailed" % DAY, uri, "failed 1 %d" % (time.time() - 1000))
    assert sender.counts() == {"sent": 3}
    assert json.loads(gzip.decompress(sender.web.posts[0][2]))["report-id"] == number == sender.note()["id"]


def test_one_node_of_many(sender):
    for number in range(20):
        sender.dns.set_lines("fleet%d" % number,
                             '_smtp._tls.fleet%d.test. TXT "v=TLSRPTv1; rua=mailto:a@fleet%d.test"' % (number, number))
        sender.count("fleet%d.test" % number)
    sender.dns.reload()
    nodes = [sender.stsctl.begin("report", "send", "--jitter", "0", "--json", *sender.settings,
                                 "-o", "sendmail_path=" + make_counter(sender, n)) for n in range(3)]
    results = [json.loads(node.communicate(timeout=60)[0]) for node in nodes]
    assert sum(result["sent"] for result in results) == 20 and not sum(result["failed"] for result in results)
    assert sorted(line for n in range(3) for line in sender.read("sent.%d" % n).decode().split()) == \
        sorted("a@fleet%d.test" % number for number in range(20))


def make_counter(sender, number):
    path = os.path.join(sender.directory, "counter.%d" % number)
    with open(path, "w", encoding="ascii") as file:
        file.write("#!/bin/sh\ncat > /dev/null\necho \"$5\" >> '%s/sent.%d'\n" % (sender.directory, number))
    with open(os.path.join(sender.directory, "sent.%d" % number), "wb"):
        pass
    os.chmod(path, 0o755)
    return path


@pytest.mark.parametrize("domain, why", [("odd.test", "no address"), ("plain.test", "no address")])
def test_nowhere_to_send_to(sender, domain, why):
    sender.count(domain)
    assert sender.counts(domain).get("sent") is None
    assert sender.note(domain)["done"] == why and not sender.mails()


def test_record_that_is_wrong(sender):
    sender.count("broken.test")
    assert sender.counts("broken.test").get("sent") is None and not sender.mails()
    assert sender.stsctl.errors.startswith("stsctl: no report about broken.test: rua: ")
    # reported once
    sender.counts("broken.test")
    assert sender.stsctl.errors == ""


def test_mailbox_that_is_named_twice(sender):
    sender.count("again.test")
    assert sender.counts("again.test") == {"sent": 1}
    assert len(sender.mails()) == 1


def test_dry_run_of_a_domain_without_sessions(sender):
    assert sender.stsctl.run("report", "send", "--dry-run", "nobody.test", *sender.settings) == ""
    assert sender.stsctl.errors == "stsctl: no report about nobody.test: Postfix reported nothing about yesterday\n"


def test_dns_is_away(sender):
    sender.count("mail.test")
    settings = sender.settings + ("-o", "dns_servers=127.0.0.1:1", "-o", "dns_timeout=1s")
    assert sender.stsctl.json("report", "send", "--jitter", "0", *settings, status=3)["unknown"] == 1
    assert sender.counts()["sent"] == 1


def test_private_addresses(sender):
    sender.count()
    sender.settings += ("-o", "allow_private_addresses=no")
    assert sender.counts(status=1) == {"sent": 2, "failed": 1}
    assert "the host has a loopback address" in sender.stsctl.errors and not sender.web.posts


def test_what_is_stored_is_believed_as_little_as_anything(sender):
    sender.count("mail.test", items=False)
    key = "mta-sts:sent:{mail.test}:%s:report" % DAY
    for name in ("x", "[]", "{}", '["success"]', '["success",{"policy-type":"magic","policy-domain":"a.test"}]',
                 '["detail",%s,{}]' % json.dumps(STS), '["success",{"policy-type":"sts","policy-domain":"../etc"}]'):
        sender.redis.command("HSET", key, name, 5)
    sender.redis.command("HSET", key, item("success", STS), "-3", item("failure", STS), "many")
    sender.counts()
    said = sender.imported(sender.mails()[0])
    assert (said["success"], said["failure"]) == (9, 3)
    sender.redis.command("SET", "mta-sts:sent:{mail.test}:%s:mailed" % DAY, "x")
    sender.stsctl.run("report", "send", "--jitter", "0", *sender.settings, status=3)


def test_wrong_words(stsctl):
    for words in (("--jitter", "5h"), ("--jitter", "x"), ("--bcc", "nobody"), ("--bcc", "-x"), ("not a domain",)):
        stsctl.run("report", "send", *words, status=2)
