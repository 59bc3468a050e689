# SPDX-License-Identifier: ISC
"""Reports over HTTPS: the examples in contrib/https-rua, in a real nginx and a real Apache."""
import http.client
import os
import shutil
import ssl
import subprocess

import pytest

from conftest import DOMAIN, SOURCE, MailServer
from lab.certificates import CertificateAuthority
from lab.process import Process
from lab.reports import packed, policy, report
from lab.waiting import wait_until

NAME = "tlsrpt.example.com"
EXAMPLES = os.path.join(SOURCE, "contrib", "https-rua")
NGINX = """\
daemon off;
user nobody nogroup;
worker_processes 1;
pid {directory}/nginx.pid;
error_log {directory}/error.log info;
events {{ worker_connections 64; }}
http {{
	proxy_temp_path {directory}/temp;
	fastcgi_temp_path {directory}/temp;
	uwsgi_temp_path {directory}/temp;
	scgi_temp_path {directory}/temp;
	access_log off;
	include {site};
}}
"""
APACHE = """\
ServerName localhost
PidFile {directory}/apache.pid
ErrorLog {directory}/error.log
ScriptSock {directory}/cgid.sock
User nobody
Group nogroup
LoadModule mpm_event_module /usr/lib/apache2/modules/mod_mpm_event.so
LoadModule authz_core_module /usr/lib/apache2/modules/mod_authz_core.so
LoadModule alias_module /usr/lib/apache2/modules/mod_alias.so
LoadModule cgid_module /usr/lib/apache2/modules/mod_cgid.so
LoadModule env_module /usr/lib/apache2/modules/mod_env.so
LoadModule ssl_module /usr/lib/apache2/modules/mod_ssl.so
SetEnv STSCTL {program}
Listen 127.0.0.1:{port}
<Directory />
	AllowOverride None
	Require all denied
</Directory>
Include {site}
"""


class Rua(MailServer):
    """Redis, and a web server with the example, in which only paths, ports and certificates are changed."""

    def __init__(self, kind):
        super().__init__()
        self.kind, self.port = kind, self.ports.take()
        self.spool = os.path.join(self.directory, "spool")
        os.mkdir(self.spool)
        shutil.chown(self.spool, "nobody")
        for name in ("import-spool", "tlsrpt.cgi"):
            shutil.copy(os.path.join(EXAMPLES, name), self.directory)
        self.wrapper = os.path.join(self.directory, "stsctl.sh")
        with open(self.wrapper, "w", encoding="ascii") as file:
            file.write("#!/bin/sh\ncommand=$1 verb=$2\nshift 2\nexec %s/stsctl $command $verb -c %s \"$@\"\n" % (self.directory, self.config))
        os.chmod(self.wrapper, 0o755)
        self._write(kind, self._authority())

    def _authority(self):
        path = os.path.join(self.directory, "web")
        os.mkdir(path)
        return CertificateAuthority(path)

    def _write(self, kind, authority):
        inner = self.ports.take()
        site, config = (os.path.join(self.directory, name) for name in ("site.conf", kind + ".conf"))
        certificate = authority.issue("web", NAME, [NAME])
        with open(os.path.join(EXAMPLES, kind + ".conf"), encoding="ascii") as file:
            text = file.read()
        for old, new in (("/etc/letsencrypt/live/%s/fullchain.pem" % NAME, certificate),
                         ("/etc/letsencrypt/live/%s/privkey.pem" % NAME, authority.key), ("127.0.0.1:8461", "127.0.0.1:%d" % inner),
                         ("listen 443 ssl", "listen 127.0.0.1:%d ssl" % self.port), ("*:443", "127.0.0.1:%d" % self.port),
                         ("/var/lib/mta-sts-milter/reports", self.spool),
                         ("/usr/lib/cgi-bin/tlsrpt.cgi", os.path.join(self.directory, "tlsrpt.cgi"))):
            text = text.replace(old, new)
        with open(site, "w", encoding="ascii") as file:
            file.write(text)
        with open(config, "w", encoding="ascii") as file:
            file.write({"nginx": NGINX, "apache": APACHE}[kind].format(directory=self.directory, site=site, port=self.port,
                                                                       program=self.wrapper))
        argv = {"nginx": ["nginx", "-p", self.directory, "-e", self.directory + "/error.log", "-c", config],
                "apache": ["apache2", "-d", self.directory, "-f", config, "-DFOREGROUND"]}[kind]
        self.web = Process(kind, argv, self.directory)

    def start(self):
        self.redis.start()
        self.web.start()
        self.web.wait_ready(self._answers, self.kind + " answers")

    def stop(self):
        self.web.stop()
        super().stop()

    def _answers(self):
        try:
            return self.ask("GET", "/", None) in (403, 404)
        except OSError:
            return False

    def ask(self, method, path, body, kind="application/tlsrpt+gzip"):
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        client = http.client.HTTPSConnection("127.0.0.1", self.port, timeout=30, context=context)
        client.request(method, path, body, {"Host": NAME, "Content-Type": kind})
        return client.getresponse().status

    def spooled(self):
        return [name for _, _, names in os.walk(self.spool) for name in names]

    def import_spool(self):
        return subprocess.run([os.path.join(self.directory, "import-spool"), self.spool], check=False,
                              env=dict(os.environ, STSCTL=self.wrapper, MINUTES="-1"), stderr=subprocess.DEVNULL).returncode


@pytest.fixture(params=["nginx", "apache"])
def rua(request):
    server = Rua(request.param)
    try:
        server.start()
        yield server
    finally:
        server.stop()


def content(number):
    return packed(report(policy(domain=DOMAIN, success=number), number="n%d" % number))


def test_posted(rua):
    fine = 201 if rua.kind == "nginx" else 200
    assert rua.ask("POST", "/v1", content(3)) == fine
    assert rua.ask("POST", "/v1", content(3)) == fine
    assert rua.ask("POST", "/v1", b"junk") == fine
    assert rua.ask("GET", "/v1", None) in (403, 405)
    if rua.kind == "nginx":
        wait_until(lambda: len(rua.spooled()) == 3, "nginx keeps the bodies")
        assert rua.import_spool() == 0 and rua.spooled() == []
    assert rua.counters("unverified")["success"] == 3
    intake = rua.redis.hash("mta-sts:reports")
    assert (intake["unverified"], intake["duplicate"], intake["other"]) == (1, 1, 1)
    # Apache may already have started the program, which finds no report in the body
    assert rua.ask("POST", "/v1", b"x" * 11 * 1024 * 1024) == 413


def test_redis_away(rua):
    rua.redis.stop()
    status = rua.ask("POST", "/v1", content(5))
    if rua.kind == "nginx":
        assert status == 201 and rua.import_spool() == 75 and len(rua.spooled()) == 1
    else:
        assert status == 503
    rua.redis.start()
    if rua.kind == "nginx":
        assert rua.import_spool() == 0 and rua.spooled() == []
    else:
        assert rua.ask("POST", "/v1", content(5)) == 200
    assert rua.counters("unverified")["success"] == 5


def test_spool(tmp_path):
    """A file that cannot be read stays, and does not hold up the others."""
    program, spool = tmp_path / "stsctl", tmp_path / "spool"
    program.write_text('#!/bin/sh\nexit "$(cat "$3")"\n')
    program.chmod(0o755)
    spool.mkdir()

    def run(*files):
        for name, status in files:
            (spool / name).write_text(str(status))
        done = subprocess.run([os.path.join(EXAMPLES, "import-spool"), spool], check=False,
                              env=dict(os.environ, STSCTL=str(program), MINUTES="-1"))
        return done.returncode, sorted(path.name for path in spool.iterdir())
    assert run(("a", 0), ("b", 3), ("c", 0), ("d", 3), ("e", 0)) == (0, ["b", "d"])
    assert run(("b", 75), ("d", 75)) == (75, ["b", "d"])
