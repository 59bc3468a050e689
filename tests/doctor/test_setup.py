# SPDX-License-Identifier: ISC
"""stsctl setup: what it shows, what it writes, and that doctor then finds nothing that setup could have mended."""
import json
import os
import re
import shutil
import stat
import subprocess

import pytest
from conftest import BASELINE, HERE, SANITIZERS, WITH_MOUNTS, names

from lab.milter import AUTHSERV_ID, Milter
from lab.postfix import RECIPIENT_DOMAIN
from lab.redis_server import RedisServer
from lab.smtp_client import SmtpClient
from lab.mailbox import Mailbox

CONF = os.path.join(HERE, os.pardir, os.pardir, "conf")
# A forged field, as a client might send it
FORGED = "X-MTA-STS: v=1; host=%s; result=pass" % AUTHSERV_ID


def sample(**settings):
    """The settings file as installed, with other values."""
    with open(os.path.join(CONF, "mta-sts-milter.conf.sample"), encoding="ascii") as file:
        text = file.read()
    for name, value in settings.items():
        text, count = re.subn("^%s =.*$" % name, "%s = %s" % (name, value), text, flags=re.M)
        assert count == 1, name
    return text


class Newcomer:
    """A machine whose Postfix is chrooted, as on Debian, with an rspamd that knows nothing of the milter, and a freshly installed
    milter."""

    def __init__(self, machine, chroot="y", milters=None, **settings):
        self.machine = machine
        self.queue = os.path.join(machine.postfix.directory, "queue")
        self.milter = Milter(os.environ["STS_MILTER"], machine.directory, {})
        self.config = self.milter.config
        self.socket = os.path.join(self.queue, "mta-sts-milter", "milter.sock")
        world = machine.world
        self.write(self.config, sample(**{
            "user": "nobody", "authserv_id": AUTHSERV_ID, "redis": "unix:" + world.redis.socket, "dns_servers": "127.0.0.1:1",
            "milter_socket": "unix:" + os.path.join(machine.directory, "milter", "milter.sock"),
            "trusted_networks": "127.0.0.77", "policy_wait": "1s", "ca_file": world.authority.certificate, **settings}))
        machine.master_cf("127.0.0.1:%d inet n - %s - - smtpd" % (world.ports.take(), chroot),
                          "submission inet n - %s - - smtpd" % chroot, smtpd="inet n - %s - - smtpd" % chroot)
        machine.main_cf(smtpd_milters=machine.theirs if milters is None else milters, header_checks="")
        for name in ("mta_sts.lua", "local.d/groups.conf", "local.d/composites.conf"):
            os.unlink(os.path.join(machine.rspamd.local, name))
        machine.rspamd_file("rspamd.local.lua", "-- mine")
        self.systemd = os.path.join(machine.directory, "systemd")
        os.mkdir(self.systemd)
        self.record = os.path.join(machine.directory, "record", "setup")
        self.mounts = []		# words to put before the command
        machine.words = self.doctor

    @staticmethod
    def write(path, text):
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)

    def doctor(self, *words):
        return [self.machine.world.stsctl, "doctor", *self.places(), *words]

    def places(self):
        return ["-c", self.config, "--postfix", self.machine.postfix.directory, "--rspamd", self.machine.rspamd.local]

    def run(self, *words, status=0):
        environment = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"}
        environment.update((name, os.environ[name]) for name in SANITIZERS if name in os.environ)
        done = subprocess.run([*self.mounts, *self.machine.world.offline, self.machine.world.stsctl, "setup", *self.places(), "--systemd",
                               self.systemd, "--share", CONF, "--record", self.record, *words], capture_output=True, check=False,
                              timeout=120, env=environment, encoding="utf-8", cwd="/")
        assert done.returncode == status, done.stdout + done.stderr
        self.machine.postfix.settle()
        return done.stdout

    def json(self, *words, status=0):
        text = self.run("--json", *words, status=status)
        assert text.count("\n") == 1
        return json.loads(text)

    def paste(self, line):
        """Runs a printed line in a shell."""
        path = "%s:/usr/bin:/bin" % os.path.dirname(self.machine.world.stsctl)
        done = subprocess.run([*self.machine.world.offline, "sh", "-c", line], check=False, capture_output=True, encoding="utf-8",
                              timeout=120, env=dict(os.environ, PATH=path), cwd="/")
        self.machine.postfix.settle()
        return done

    def snapshot(self):
        """Every file and directory, with its bytes, mode and owner, except logs."""
        found = {}
        for top in (self.machine.postfix.directory, self.machine.rspamd.local, self.systemd, os.path.dirname(self.config)):
            for directory, directories, files in os.walk(top):
                for name in [*directories, *files, "."]:
                    path = os.path.join(directory, name)
                    status = os.lstat(path)
                    if stat.S_ISREG(status.st_mode) and not name.endswith((".log", "maillog")):
                        with open(path, "rb") as file:
                            found[path] = (status.st_mode, status.st_uid, status.st_gid, file.read())
                    elif stat.S_ISDIR(status.st_mode):
                        found[path] = (status.st_mode, status.st_uid, status.st_gid)
        return found

    def start(self):
        self.milter.socket = self.socket
        self.milter.start()

    def milters_of(self, service=None):
        words = ["-h", "smtpd_milters"] if service is None else ["-P", "-h", "%s/inet/smtpd_milters" % service]
        return subprocess.run(["postconf", "-c", self.machine.postfix.directory, *words], check=True, capture_output=True,
                              encoding="utf-8").stdout.strip()


OURS = "{ unix:/mta-sts-milter/milter.sock, connect_timeout=2s, command_timeout=9s, content_timeout=9s, default_action=accept }"


@pytest.fixture(name="newcomer")
def make_newcomer(machine):
    made = Newcomer(machine)
    yield made
    made.milter.stop()


def test_whole_way(newcomer):
    """Shown, applied, examined by doctor, applied again, undone."""
    machine, before = newcomer.machine, newcomer.snapshot()
    plan = newcomer.json(status=1)
    assert newcomer.snapshot() == before and not os.path.exists(newcomer.record)
    assert plan["written"] is False
    made = newcomer.json("--apply")
    assert made["written"] is True
    assert [(change["path"], change.get("diff")) for change in made["changes"]] == \
        [(change["path"], change.get("diff")) for change in plan["changes"]]
    assert made["afterwards"] == ["systemctl daemon-reload", "systemctl restart mta-sts-milter",
                                  "postfix -c '%s' reload" % machine.postfix.directory,
                                  "rspamadm configtest && systemctl reload rspamd"]
    assert newcomer.milters_of() == "%s %s" % (OURS, machine.theirs)
    assert newcomer.milters_of("submission").replace(" ", "") == machine.theirs.replace(" ", "")
    newcomer.start()
    status, findings = machine.examine()
    assert (status, names(findings)) == (0, BASELINE)
    assert names(findings) <= BASELINE and any(f["id"] == "rspamd.ok" for f in findings)
    after = newcomer.snapshot()
    assert newcomer.json("--apply")["changes"] == [] and newcomer.json()["changes"] == []
    assert newcomer.snapshot() == after
    newcomer.milter.stop()
    undone = newcomer.json("--undo")
    assert (undone["edited"], undone["left"]) == ([], [])
    assert sorted(undone["undone"]) == sorted(change["path"] for change in made["changes"])
    assert undone["afterwards"] == made["afterwards"]
    assert newcomer.snapshot() == before
    assert not os.path.exists(newcomer.record)
    assert newcomer.json("--undo")["undone"] == []


def test_mail(newcomer):
    """A real message through the real chroot: our header is there, and the forged one is gone."""
    newcomer.run("--apply")
    newcomer.machine.main_cf(smtpd_milters=newcomer.milters_of().split(" }")[0] + " }")	# rspamd does not run here
    newcomer.start()
    postfix = newcomer.machine.postfix
    postfix.start()
    try:
        with SmtpClient(postfix.port) as client:
            client.ehlo()
            client.mail("somebody@enforce.test")
            client.rcpt()
            message = Mailbox(postfix.mailboxes).wait(client.data([FORGED]))
    finally:
        postfix.stop()
    assert len(message.sts_raw) == 1
    assert message.sts["host"] == AUTHSERV_ID and message.sts["tls"] == "none"


def test_text(newcomer):
    """The text output is valid input for patch(1); the postconf lines do the same to a copy."""
    machine = newcomer.machine
    copy = os.path.join(machine.directory, "copy")
    shutil.copytree(machine.postfix.directory, copy)
    text = newcomer.run(status=1)
    assert "Nothing has been written." in text
    lines = [line.strip() for line in text.splitlines() if line.startswith("  postconf ")]
    assert len(lines) >= 3
    for line in lines:
        subprocess.run(["sh", "-c", line.replace(machine.postfix.directory, copy)], check=True)
    patch = text[:text.index("The changes to Postfix's files")]
    trial = os.path.join(machine.directory, "trial")
    os.makedirs(trial + machine.postfix.directory)
    for name in ("main.cf", "master.cf"):
        shutil.copy(os.path.join(machine.postfix.directory, name), trial + machine.postfix.directory)
    part = patch[patch.index("--- %s/main.cf" % machine.postfix.directory):
                 patch.index("--- /dev/null\n+++ %s" % machine.rspamd.local)]
    subprocess.run(["patch", "--quiet", "-p1", "-d", trial], input=part, encoding="utf-8", check=True)
    newcomer.record = os.path.join(machine.directory, "it's here")	# a directory that needs quoting
    before = newcomer.snapshot()
    offer = newcomer.run(status=1).splitlines()
    written = newcomer.paste(offer[offer.index("Nothing has been written. To write it:") + 1]).stdout.splitlines()
    undo = written[written.index("Written, with copies in %s. To undo it:" % newcomer.record) + 1]
    assert newcomer.paste(undo).returncode == 0 and newcomer.snapshot() == before
    text = newcomer.run("--apply")
    doctor = newcomer.paste(text.splitlines()[-1])
    assert doctor.returncode in (0, 1) and "postfix.ok  %s" % machine.postfix.directory in doctor.stdout
    for name in ("main.cf", "master.cf"):
        contents = []
        for directory in (copy, machine.postfix.directory, trial + machine.postfix.directory):
            with open(os.path.join(directory, name), encoding="utf-8") as file:
                contents.append(file.read())
        assert contents[0] == contents[1] == contents[2], name


def test_edited_since(newcomer):
    """If files were edited since, nothing is undone, and they are named."""
    newcomer.run("--apply")
    paths = [newcomer.config, os.path.join(newcomer.machine.postfix.directory, "main.cf"),
             os.path.join(newcomer.machine.rspamd.local, "rspamd.local.lua"),
             os.path.join(newcomer.systemd, "mta-sts-milter.service.d", "chroot.conf")]
    for path in paths:
        with open(path, "a", encoding="utf-8") as file:
            file.write("# a word\n")
    before = newcomer.snapshot()
    undone = newcomer.json("--undo", status=1)
    assert (sorted(undone["edited"]), undone["undone"], undone["left"]) == (sorted(paths), [], [])
    for path in paths:
        assert path in newcomer.run("--undo", status=1)
        assert newcomer.snapshot() == before
        with open(path, encoding="utf-8") as file:
            text = file.read()
        newcomer.write(path, text.replace("# a word\n", ""))
        before = newcomer.snapshot()
    assert newcomer.json("--undo")["edited"] == []


def test_written_twice(newcomer):
    """A second --apply with something to do; --undo takes back both, to the state before the first."""
    before = newcomer.snapshot()
    newcomer.run("--apply")
    made = newcomer.json("--apply", "--redis-password", newcomer.machine.write("password", "secret\n"))
    assert [change["path"] for change in made["changes"]] == [newcomer.config]
    assert "+redis_username = milter\n" in made["changes"][0]["diff"]
    newcomer.run("--undo")
    assert newcomer.snapshot() == before


def test_socket_in_use(newcomer):
    """The socket's directory stays while a socket is in it, and the next --undo removes it."""
    newcomer.run("--apply")
    newcomer.start()
    directory = os.path.dirname(newcomer.socket)
    assert newcomer.json("--undo", status=1)["left"] == [directory]
    assert os.path.isdir(directory)
    newcomer.milter.stop()
    assert newcomer.json("--undo")["undone"] == [directory]
    assert not os.path.exists(directory) and not os.path.exists(newcomer.record)


def test_broken_off(newcomer):
    """A file that cannot be replaced, because of a mount over it: the files written before it are restored."""
    before = newcomer.snapshot()
    rule = os.path.join(newcomer.machine.rspamd.local, "rspamd.local.lua")
    newcomer.mounts = [*WITH_MOUNTS, rule, rule, "--"]
    assert "rspamd.local.lua: cannot be written" in newcomer.json("--apply", status=3)["error"]
    assert newcomer.milters_of().startswith(OURS)
    assert newcomer.json("--undo")["edited"] == []
    assert newcomer.snapshot() == before and not os.path.exists(newcomer.record)


def test_link_of_somebody(newcomer):
    """Where others can write, a link may lead anywhere: nothing is written."""
    local = newcomer.machine.rspamd.local
    rule, elsewhere = os.path.join(local, "rspamd.local.lua"), os.path.join(newcomer.machine.directory, "elsewhere")
    os.rename(rule, elsewhere)
    os.symlink(elsewhere, rule)
    os.chmod(local, 0o777)
    before = newcomer.snapshot()
    assert "rspamd.local.lua is a symbolic link, and others may write there" in newcomer.json("--apply", status=3)["error"]
    assert newcomer.snapshot() == before


def test_record_of_somebody_else(newcomer):
    os.makedirs(newcomer.record, 0o755)
    os.chmod(newcomer.record, 0o755)
    before = newcomer.snapshot()
    newcomer.json("--apply", status=3)
    newcomer.json("--undo", status=3)
    assert newcomer.snapshot() == before
    os.chmod(newcomer.record, 0o700)
    shutil.chown(newcomer.record, "nobody")
    newcomer.json("--undo", status=3)


def test_copy_that_was_changed(newcomer):
    newcomer.run("--apply")
    copy = next(name for name in os.listdir(newcomer.record) if name.endswith(".main.cf"))
    with open(os.path.join(newcomer.record, copy), "a", encoding="utf-8") as file:
        file.write("smtpd_milters = inet:evil\n")
    newcomer.json("--undo", status=3)
    with open(os.path.join(newcomer.machine.postfix.directory, "main.cf"), encoding="utf-8") as file:
        assert "evil" not in file.read()


def test_modes_and_links(newcomer):
    """A settings file that not everybody may read keeps its mode; a main.cf that is a link stays a link."""
    machine = newcomer.machine
    os.chmod(newcomer.config, 0o660)
    shutil.chown(newcomer.config, 0, "nogroup")
    main, elsewhere = os.path.join(machine.postfix.directory, "main.cf"), os.path.join(machine.directory, "elsewhere.cf")
    os.rename(main, elsewhere)
    os.symlink(elsewhere, main)
    before = newcomer.snapshot()
    newcomer.run("--apply")
    assert os.path.islink(main)
    assert stat.S_IMODE(os.stat(newcomer.config).st_mode) == 0o660
    for name in os.listdir(newcomer.record):
        assert stat.S_IMODE(os.stat(os.path.join(newcomer.record, name)).st_mode) in (0o600, 0o644)
    assert stat.S_IMODE(os.stat(newcomer.record).st_mode) == 0o700
    newcomer.run("--undo")
    assert newcomer.snapshot() == before


# ---- other machines ----

def test_without_chroot(machine):
    """A socket that Postfix can already reach stays where it is."""
    newcomer = Newcomer(machine, chroot="n", milters="", milter_socket_mode="0666")
    plan = newcomer.json(status=1)
    assert "make-directory" not in [change["action"] for change in plan["changes"] if "queue" in change["path"]]
    newcomer.run("--apply")
    newcomer.socket = os.path.join(machine.directory, "milter", "milter.sock")
    newcomer.start()
    assert names(machine.examine()[1]) == BASELINE | {"info milter.socket-open"}
    newcomer.milter.stop()


def test_socket_of_another_group(machine):
    """Even without a chroot, Postfix's user must be able to connect: below the queue directory it can."""
    newcomer = Newcomer(machine, chroot="n")
    newcomer.run("--apply")
    assert newcomer.milters_of().startswith("{ unix:%s, " % newcomer.socket)
    newcomer.start()
    assert names(machine.examine()[1]) == BASELINE
    newcomer.milter.stop()


def test_list_with_faults(machine):
    """Listed with a path outside the chroot, after rspamd, with an old protocol version: mended; others' entries stay."""
    other = "{ inet:127.0.0.1:8891, default_action=tempfail }"
    newcomer = Newcomer(machine, milters="%s %s unix:%s" % (other, machine.theirs,
                                                           os.path.join(machine.directory, "milter", "milter.sock")))
    machine.main_cf(milter_protocol="2", milter_default_action="tempfail", milter_command_timeout="1s")
    newcomer.run("--apply")
    assert newcomer.milters_of() == "%s %s %s" % (OURS.replace(" }", ", protocol=6 }"), other, machine.theirs)
    newcomer.start()
    assert names(machine.examine()[1]) == BASELINE
    assert newcomer.json()["changes"] == []
    newcomer.milter.stop()


def test_lists_of_services(machine):
    """A public service with its own list of milters, and one without a chroot that uses main.cf's."""
    newcomer = Newcomer(machine)
    machine.master_cf("26 inet n - y - - smtpd -o smtpd_milters=inet:127.0.0.1:8891", "27 inet n - n - - smtpd",
                      "10025 inet n - y - - smtpd -o receive_override_options=no_milters", smtpd="inet n - y - - smtpd")
    newcomer.run("--apply")
    newcomer.start()
    assert newcomer.milters_of("26").endswith("inet:127.0.0.1:8891")
    assert newcomer.socket in newcomer.milters_of("27")
    found = names(machine.examine()[1]) - {"fail postfix.milter-missing"}		# the service that runs no milter
    assert found == BASELINE
    assert newcomer.json()["changes"] == []
    newcomer.milter.stop()


def test_milter_over_tcp(machine):
    port = machine.world.ports.take()
    newcomer = Newcomer(machine, milter_socket="inet:%d@127.0.0.1" % port)
    plan = newcomer.json(status=1)
    assert not os.path.exists(newcomer.socket)
    assert any("inet:127.0.0.1:%d, connect_timeout" % port in line for line in plan["commands"])
    assert not any("+milter_socket =" in change["diff"] for change in plan["changes"] if change["path"] == newcomer.config)


def test_domains(newcomer):
    newcomer.machine.main_cf(relay_domains="other.test third.test")
    plan = newcomer.json(status=1)
    diff = next(change["diff"] for change in plan["changes"] if change["path"] == newcomer.config)
    assert "+local_domains = other.test, %s, third.test\n" % RECIPIENT_DOMAIN in diff
    assert "-local_domains =\n" in diff


def test_redis_user(machine):
    """The lines are pasted as printed; then the milter has its own Redis user."""
    redis = RedisServer(machine.directory, machine.world.ports.take())
    redis.start()
    newcomer = Newcomer(machine, redis="unix:" + redis.socket)
    try:
        notes = newcomer.json(status=1)["notes"]
        lines = [line.strip() for line in notes if line.startswith("  ")]
        assert len(lines) == 5
        for line in lines[:3]:
            done = subprocess.run(["sh", "-c", line], check=True, capture_output=True, encoding="utf-8")
            assert done.stdout in ("", "OK\n"), done.stdout
        password = re.search("--redis-password ([^ ]*) ", lines[4]).group(1)
        assert stat.S_IMODE(os.stat(password).st_mode) == 0o600
        assert newcomer.paste(lines[4]).returncode == 0
        newcomer.start()
        assert names(machine.examine()[1]) == {"info redis.refused"}
        assert newcomer.json()["notes"] == []
        newcomer.milter.stop()
    finally:
        redis.stop()


def test_nobody_there(machine):
    """Neither Postfix nor Redis: reported, and the exit status says that not everything is known."""
    newcomer = Newcomer(machine, redis="unix:/nonexistent")
    shutil.rmtree(machine.postfix.directory)
    notes = "\n".join(newcomer.json(status=3)["notes"])
    assert "Postfix: its configuration cannot be read" in notes and "Redis: " in notes
    assert "\nThere is nothing to write, as far as could be determined." in newcomer.run("--share", "/nonexistent", status=3)


def test_rule_that_is_not_installed(newcomer):
    """Reported; everything else is set up."""
    plan = newcomer.json("--share", "/nonexistent", status=1)
    assert any("/nonexistent/rspamd/mta_sts.lua does not exist" in line for line in plan["notes"])
    assert not any(change["path"].startswith(newcomer.machine.rspamd.local) for change in plan["changes"])


def test_user_that_is_missing(machine):
    newcomer = Newcomer(machine, user="nosuchuser")
    assert "nosuchuser" in newcomer.json(status=3)["error"]


def test_settings_with_mistakes(newcomer):
    newcomer.write(newcomer.config, "nonsense = 1\n")
    newcomer.run(status=2)
    newcomer.run("--apply", "--undo", status=2)


def test_environment(machine):
    """STSCTL_CONF names the settings file unless -c does; a file named explicitly must exist."""
    def run(*words, **environment):
        done = subprocess.run([machine.world.stsctl, "redis-setup", "--acl-only", *words], capture_output=True, check=False,
                              encoding="utf-8", env=dict(os.environ, **environment))
        return done.returncode, done.stdout + done.stderr
    one, two = (machine.write(name + ".conf", "redis_prefix = %s:\n" % name) for name in ("one", "two"))
    assert "~one:*" in run(STSCTL_CONF=one)[1]
    assert "~two:*" in run("-c", two, STSCTL_CONF=one)[1]
    assert "~mta-sts:*" in run("-c", "/dev/null", STSCTL_CONF=one)[1]
    status, text = run(STSCTL_CONF="/nonexistent/x.conf")
    assert status == 2 and "/nonexistent/x.conf" in text
