# SPDX-License-Identifier: ISC
"""A private rspamd with our rule, and almost nothing else."""
import json
import os
import shutil
import socket
import subprocess
import urllib.request

from .process import Process
from .waiting import wait_until

# The files that an operator copies to /etc/rspamd.
OURS = os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, os.pardir, "conf", "rspamd")

SHIPPED = "/etc/rspamd/rspamd.conf"

# rspamd's own files where scores and composites are combined; of the modules, SPF, multimap, the X-Spamd-Result header
# and the history that keeps options. The only name server is the lab's. Regular expressions and the list of top-level
# domains are not compiled: that would take longer than all tests.
CONFIGURATION = """\
options {{
	filters = "";
	pidfile = "$RUNDIR/rspamd.pid";
	url_tld = "{tld}";
	disable_hyperscan = true;
	tempdir = "$RUNDIR";
	cache_file = "$DBDIR/symbols.cache";
	hs_cache_dir = "$DBDIR/";
	history_rows = 200;
	control_socket = "$RUNDIR/control.sock mode=0600";
	local_addrs = [];
	dns {{ nameserver = ["127.0.0.1:{dns}:1"]; timeout = 2s; retransmits = 2; }}
}}
logging {{
	type = "console";
	level = "info";
	.include "$CONFDIR/logging.inc"
}}
worker "controller" {{
	bind_socket = "127.0.0.1:{controller}";
	count = 1;
	secure_ip = "127.0.0.1";
}}
worker "rspamd_proxy" {{
	bind_socket = "127.0.0.1:{milter}";
	milter = yes;
	count = 1;
	upstream "local" {{ default = yes; self_scan = yes; }}
}}
worker "hs_helper" {{
	count = 0;
}}
lua = "$RULESDIR/rspamd.lua";
.include "$CONFDIR/metrics.conf"
.include "$CONFDIR/actions.conf"
.include "$CONFDIR/groups.conf"
.include "$CONFDIR/composites.conf"
modules {{
	path = "$PLUGINSDIR/spf.lua";
	path = "$PLUGINSDIR/multimap.lua";
	path = "$PLUGINSDIR/history_redis.lua";
	path = "$PLUGINSDIR/milter_headers.lua";
}}
spf {{ }}
multimap {{
	.include(try=true) "$LOCAL_CONFDIR/local.d/multimap.conf"
}}
history_redis {{ servers = "127.0.0.1:{redis}"; }}
milter_headers {{
	use = ["x-spamd-result"];
	skip_local = false;
	skip_authenticated = false;
}}
"""


class RspamdServer:
    """rspamd as a milter on one port, with its controller on another. Its local.d and rspamd.local.lua are ours, with
    the two settings filled in."""

    def __init__(self, directory, ports, dns_port, redis_port):
        self.directory = os.path.join(directory, "rspamd")
        self.local = os.path.join(self.directory, "local")
        self.controller, self.milter = ports.take(), ports.take()
        os.mkdir(self.directory)
        shutil.copytree(OURS, self.local)
        self.settings()
        config = self._write("rspamd.conf", CONFIGURATION.format(
            dns=dns_port, redis=redis_port, tld=self._write("tld", "test\n"), controller=self.controller,
            milter=self.milter))
        for name in ("run", "db", "log"):
            os.mkdir(os.path.join(self.directory, name))
            shutil.chown(os.path.join(self.directory, name), "nobody")
        self.process = Process("rspamd", ["rspamd", "-f", "-u", "nobody", "-g", "nogroup", "-c", config,
                                          *self.variables()], self.directory)

    def variables(self):
        """The --var= options that set rspamd's paths."""
        return ["--var=%s=%s" % pair for pair in (
            ("LOCAL_CONFDIR", self.local), ("RUNDIR", os.path.join(self.directory, "run")),
            ("DBDIR", os.path.join(self.directory, "db")), ("LOGDIR", os.path.join(self.directory, "log")))]

    def settings(self, **settings):
        """Writes settings into rspamd.local.lua, as an operator would with an editor; used from the next start on."""
        with open(os.path.join(OURS, "rspamd.local.lua"), encoding="ascii") as file:
            text = file.read()
        for name, value in settings.items():
            empty = '%s = "",' % name
            if text.count(empty) != 1:
                raise AssertionError("rspamd.local.lua: no place for " + name)
            text = text.replace(empty, '%s = "%s",' % (name, value))
        self._write(os.path.join(self.local, "rspamd.local.lua"), text)

    def _write(self, name, text):
        path = os.path.join(self.directory, name)
        with open(path, "w", encoding="ascii") as file:
            file.write(text)
        return path

    def start(self):
        self.process.start()
        self.process.wait_ready(lambda: self._listens(self.controller) and self._listens(self.milter),
                                "rspamd listens", 60.0)

    def stop(self):
        self.process.stop()

    def log(self):
        with open(self.process.log, encoding="utf-8", errors="replace") as log:
            return log.read()

    def restart(self):
        self.stop()
        self.start()

    def check(self, message, queue_id="", **envelope):
        """What rspamd finds in a message (bytes): symbol -> (score, options)."""
        headers = {name.replace("_", "-"): value for name, value in envelope.items()}
        if queue_id:
            headers["Queue-Id"] = queue_id
        return self._symbols(self._ask("/checkv2", message, headers)["symbols"])

    def scanned(self, message_id, timeout=20.0):
        """The same for a message received over SMTP, from rspamd's history."""
        return wait_until(lambda: self._history().get(message_id), "rspamd's history has " + message_id, timeout)

    def _history(self):
        return {row["message-id"]: self._symbols(row["symbols"]) for row in self._ask("/history")["rows"]}

    @staticmethod
    def _symbols(found):
        return {name: (row.get("score", 0.0), row.get("options", [])) for name, row in found.items()}

    def _ask(self, path, data=None, headers=None):
        request = urllib.request.Request("http://127.0.0.1:%d%s" % (self.controller, path), data, headers or {})
        # no proxy, whatever the environment says
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=20) as answer:
            return json.loads(answer.read())

    @staticmethod
    def _listens(port):
        try:
            socket.create_connection(("127.0.0.1", port), 2).close()
            return True
        except OSError:
            return False

    @staticmethod
    def _offline():
        """The command prefix that keeps rspamadm off the network, as it connects to the system's name server for any command;
        empty where that is not permitted."""
        unshare = ["unshare", "--net"]
        try:
            return unshare if subprocess.run([*unshare, "true"], capture_output=True, check=False).returncode == 0 else []
        except OSError:
            return []

    def configtest(self):
        """Runs rspamadm configtest on the configuration shipped with rspamd, with our files as the local ones."""
        # without fuzzy_check, which looks up the addresses of its servers
        self._write(os.path.join(self.local, "local.d", "options.inc"), 'filters = "chartable,dkim,regexp";\n')
        return subprocess.run([*self._offline(), "rspamadm", *self.variables(), "configtest", "-c", SHIPPED],
                              capture_output=True, text=True, check=False, timeout=60)
