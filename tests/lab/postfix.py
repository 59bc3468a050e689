# SPDX-License-Identifier: ISC
"""A private Postfix."""
import grp
import json
import os
import pwd
import signal
import socket
import subprocess
import time

from .process import Process, ProcessFailed

HOST = "mx.rcpt.test"
RECIPIENT_DOMAIN = "rcpt.test"

MAIN_CF = """\
compatibility_level = 3.6
queue_directory = {directory}/queue
data_directory = {directory}/data
maillog_file = {directory}/maillog
maillog_file_prefixes = {directory}
mail_owner = postfix
setgid_group = postdrop
myhostname = {host}
mydomain = {domain}
myorigin = {host}
mydestination =
mynetworks = 127.0.0.99/32
# the clients here stand for strangers: nothing is added to their mail
local_header_rewrite_clients =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
# no question to a resolver: no packet leaves the machine
smtpd_peername_lookup = no
local_transport = error:no local users
default_transport = error:this laboratory sends nothing
relay_transport = error:this laboratory relays nothing
local_recipient_maps =
alias_maps =
alias_database =
virtual_mailbox_domains = {domain}
virtual_mailbox_maps = static:mailbox/
virtual_mailbox_base = {mailboxes}
virtual_minimum_uid = 1
virtual_uid_maps = static:{uid}
virtual_gid_maps = static:{gid}
smtpd_relay_restrictions = reject_unauth_destination
smtpd_client_connection_count_limit = 0
smtpd_client_connection_rate_limit = 0
smtpd_authorized_xclient_hosts = 127.0.0.0/8
smtputf8_enable = yes
smtputf8_autodetect_classes = all
message_size_limit = 10240000
biff = no
in_flow_delay = 0
notify_classes =
# every version and cipher, good or bad: judging them is the milter's work
smtpd_tls_security_level = may
smtpd_tls_chain_files = {key}, {certificate}
smtpd_tls_protocols = >=TLSv1
smtpd_tls_mandatory_protocols = >=TLSv1
smtpd_tls_ciphers = medium
tls_medium_cipherlist = ALL:eNULL:@SECLEVEL=0
smtpd_tls_received_header = yes
smtpd_tls_loglevel = 1
milter_protocol = 6
milter_default_action = accept
smtpd_milters = {milters}
{more}
"""

# master wakes qmgr every second, not every five minutes: a message that qmgr found "still being delivered" stays in the incoming
# queue until then.
MASTER_CF = """\
{port} inet n - n - - smtpd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 1 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
error unix - - n - - error
retry unix - - n - - error
virtual unix - n n - - virtual
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
showq unix n - n - - showq
proxymap unix - - n - - proxymap
postlog unix-dgram n - n - 1 postlogd
"""

# The directories that Postfix' own set-up creates below queue_directory, and their owners.
QUEUES = {"postfix": ("active", "bounce", "corrupt", "defer", "deferred", "flush", "hold", "incoming", "private",
                      "saved", "trace"),
          "root": ("pid",)}

YOUNG = 30	# seconds


class Postfix:
    """master(8) with its own configuration, queue and data directories; mail for RECIPIENT_DOMAIN goes into one
    maildir, everything else is refused. master is run directly: the postfix command would check the
    installation's directories, and log to syslog. services: more lines for master.cf."""

    def __init__(self, directory, port, authority, milters, more="", services=""):
        self.directory = os.path.join(directory, "postfix")
        self.port = port
        self.mailboxes = os.path.join(directory, "mail")
        self.maillog = os.path.join(self.directory, "maillog")
        nobody = pwd.getpwnam("nobody")
        for path, owner in ((self.directory, 0), (self.mailboxes, nobody.pw_uid)):
            os.mkdir(path)
            os.chown(path, owner, -1)
        self._make_queue()
        self._write("main.cf", MAIN_CF.format(
            directory=self.directory, host=HOST, domain=RECIPIENT_DOMAIN, mailboxes=self.mailboxes,
            uid=nobody.pw_uid, gid=nobody.pw_gid, key=authority.key, milters=milters, more=more,
            certificate=authority.issue("smtpd", HOST, [HOST])))
        self._write("master.cf", MASTER_CF.format(port=port) + services)
        self.process = Process("master", [*self._master(), "-c", self.directory, "-d"], self.directory,
                               dict(os.environ, MAIL_CONFIG=self.directory))

    def settle(self):
        """Call this after other code has written main.cf."""
        path = os.path.join(self.directory, "main.cf")
        if os.path.exists(path) and os.stat(path).st_mtime > time.time() - YOUNG:
            self._make_older(path)

    def start(self):
        """Starts master; one that hangs at its start, as happens now and then before the first log line, is started once more."""
        self.settle()
        self.process.start()
        try:
            self.process.wait_ready(self._greets, "Postfix greets", 30)
        except ProcessFailed:
            self.process.kill()
            self.process.start()
            self.process.wait_ready(self._greets, "Postfix greets")

    def stop(self):
        self.process.stop(signal.SIGTERM)

    def log(self):
        """All that Postfix has logged."""
        try:
            with open(self.maillog, encoding="utf-8", errors="replace") as maillog:
                return maillog.read()
        except OSError:
            return ""

    def queue(self):
        """What postqueue lists, one object per message; messages on hold are in the queue "hold"."""
        done = subprocess.run(["postqueue", "-c", self.directory, "-j"], capture_output=True, text=True, check=True)
        return [json.loads(line) for line in done.stdout.splitlines()]

    def _master(self):
        """The command that runs master, wherever this system has installed it."""
        done = subprocess.run(["postconf", "-d", "-h", "daemon_directory"], capture_output=True, text=True,
                              check=True)
        return [os.path.join(done.stdout.strip(), "master")]

    def _ids(self):
        """The uid of postfix and the gid of postdrop."""
        return pwd.getpwnam("postfix").pw_uid, grp.getgrnam("postdrop").gr_gid

    def _make_queue(self):
        postfix, postdrop = self._ids()
        queue = os.path.join(self.directory, "queue")
        os.mkdir(queue)
        for owner, names in QUEUES.items():
            for name in names:
                os.mkdir(os.path.join(queue, name), 0o700)
                if owner == "postfix":
                    os.chown(os.path.join(queue, name), postfix, -1)
        os.chmod(os.path.join(queue, "pid"), 0o755)
        for name, mode in (("maildrop", 0o730), ("public", 0o710)):
            os.mkdir(os.path.join(queue, name))
            os.chown(os.path.join(queue, name), postfix, postdrop)
            os.chmod(os.path.join(queue, name), mode)
        data = os.path.join(self.directory, "data")
        os.mkdir(data)
        os.chown(data, postfix, -1)

    def _write(self, name, text):
        path = os.path.join(self.directory, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        self._make_older(path)

    @staticmethod
    def _make_older(path):
        """Dates the file back: Postfix delays reading one that is younger than a second or two, as it might be incomplete."""
        os.utime(path, (time.time() - 2 * YOUNG,) * 2)

    def _greets(self):
        try:
            with socket.create_connection(("127.0.0.1", self.port), 2) as sock:
                return sock.recv(512).startswith(b"220 ")
        except OSError:
            return False
