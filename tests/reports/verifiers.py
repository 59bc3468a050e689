# SPDX-License-Identifier: ISC
"""Real DKIM verifiers as milters, OpenDKIM and rspamd; and a signer."""
import base64
import os
import shutil
import socket
import subprocess

import dkim

from lab.process import Process

OPENDKIM = """\
Mode v
Socket inet:{port}@127.0.0.1
Syslog no
LogResults yes
AuthservID mx.rcpt.test
AlwaysAddARHeader yes
TestPublicKeys {keys}
UserID nobody
Background no
InternalHosts {empty}
"""
RSPAMD = """\
options {{
	filters = "dkim";
	pidfile = "$RUNDIR/rspamd.pid";
	url_tld = "{tld}";
	disable_hyperscan = true;
	tempdir = "$RUNDIR";
	cache_file = "$DBDIR/symbols.cache";
	hs_cache_dir = "$DBDIR/";
	control_socket = "$RUNDIR/control.sock mode=0600";
	local_addrs = [];
	dns {{ nameserver = ["127.0.0.1:{dns}:1"]; timeout = 2s; retransmits = 2; }}
}}
logging {{ type = "console"; level = "info"; }}
worker "rspamd_proxy" {{
	bind_socket = "127.0.0.1:{milter}";
	milter = yes;
	count = 1;
	upstream "local" {{ default = yes; self_scan = yes; }}
}}
worker "hs_helper" {{ count = 0; }}
lua = "$RULESDIR/rspamd.lua";
.include "$CONFDIR/metrics.conf"
.include "$CONFDIR/actions.conf"
.include "$CONFDIR/groups.conf"
dkim {{ check_local = true; trusted_only = false; }}
modules {{
	path = "$PLUGINSDIR/spf.lua";
	path = "$PLUGINSDIR/milter_headers.lua";
}}
spf {{ }}
milter_headers {{
	use = ["authentication-results"];
	skip_local = false;
	skip_authenticated = false;
}}
"""


class Signer:
    """Signs with its own key; record is the TXT record at SELECTOR._domainkey.DOMAIN."""

    def __init__(self, directory, domain, tags=""):
        self.domain = domain
        path = os.path.join(directory, domain + ".key")
        subprocess.run(["openssl", "genrsa", "-traditional", "-out", path, "2048"], check=True, capture_output=True)
        with open(path, "rb") as file:
            self._key = file.read()
        done = subprocess.run(["openssl", "rsa", "-in", path, "-pubout", "-outform", "DER"], check=True, capture_output=True)
        self.record = "v=DKIM1; k=rsa; %sp=%s" % (tags, base64.b64encode(done.stdout).decode())

    def sign(self, mail, length=False):
        mail = mail.replace(b"\n", b"\r\n")
        field = dkim.sign(mail, b"s1", self.domain.encode(), self._key, include_headers=[b"from", b"to", b"subject"], length=length)
        return (field + mail).replace(b"\r\n", b"\n")


def listens(port):
    try:
        socket.create_connection(("127.0.0.1", port), 2).close()
        return True
    except OSError:
        return False


class OpenDkim:
    def __init__(self, directory, port, signers):
        self.port = port
        directory = os.path.join(directory, "opendkim")
        os.mkdir(directory)
        keys, empty, config = (os.path.join(directory, name) for name in ("keys", "empty", "opendkim.conf"))
        with open(keys, "w", encoding="ascii") as file:
            for signer in signers:
                file.write("s1._domainkey.%s %s\n" % (signer.domain, signer.record))
        with open(empty, "w", encoding="ascii") as file:
            file.write("192.0.2.255\n")
        with open(config, "w", encoding="ascii") as file:
            file.write(OPENDKIM.format(port=port, keys=keys, empty=empty))
        self.process = Process("opendkim", ["opendkim", "-f", "-x", config], directory)

    def start(self):
        self.process.start()
        self.process.wait_ready(lambda: listens(self.port), "OpenDKIM listens")

    def stop(self):
        self.process.stop()


class Rspamd:
    def __init__(self, directory, port, dns_port):
        self.port = port
        directory = os.path.join(directory, "rspamd")
        os.mkdir(directory)
        variables = []
        for name, folder in (("LOCAL_CONFDIR", "local"), ("RUNDIR", "run"), ("DBDIR", "db"), ("LOGDIR", "log")):
            path = os.path.join(directory, folder)
            os.mkdir(path)
            shutil.chown(path, "nobody")
            variables.append("--var=%s=%s" % (name, path))
        tld, config = os.path.join(directory, "tld"), os.path.join(directory, "rspamd.conf")
        with open(tld, "w", encoding="ascii") as file:
            file.write("test\n")
        with open(config, "w", encoding="ascii") as file:
            file.write(RSPAMD.format(tld=tld, dns=dns_port, milter=port))
        self.process = Process("rspamd", ["rspamd", "-f", "-u", "nobody", "-g", "nogroup", "-c", config, *variables], directory)

    def start(self):
        self.process.start()
        self.process.wait_ready(lambda: listens(self.port), "rspamd listens", 60)

    def stop(self):
        self.process.stop()
