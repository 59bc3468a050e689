# SPDX-License-Identifier: ISC
"""The process that fetches policies: confined, replaced when it dies or hangs, ended with its parent; mail flows meanwhile."""
import contextlib
import os
import re
import shutil
import signal
import types

import pytest

from lab.certificates import CertificateAuthority
from lab.dns_server import DnsServer
from lab.domains import FAULTS, Domain
from lab.fault_server import FaultServer
from lab.https_server import HttpsServer
from lab.metrics_page import MetricsPage
from lab.ports import Ports
from lab.waiting import wait_until
from conftest import PROGRAM
from mta import Mta

GOOD = ["good%d.test" % i for i in range(20)]
DOMAINS = [Domain(name) for name in GOOD] + [Domain("hang%d.test" % i, address=FAULTS, fault="hang") for i in range(6)]


@pytest.fixture(name="world", scope="module")
def _world(tmp_path_factory):
    """DNS, good and bad policy hosts, and ports."""
    directory = str(tmp_path_factory.mktemp("world"))
    parent = directory
    while parent != "/":
        os.chmod(parent, os.stat(parent).st_mode | 0o755)	# nsd, nginx and the daemon run as nobody
        parent = os.path.dirname(parent)
        if not parent.startswith("/tmp/"):
            break
    ports = Ports()
    authority = CertificateAuthority(directory)
    dns = DnsServer(directory, ports.take())
    for domain in DOMAINS:
        dns.set(domain)
    port = ports.take()
    https = HttpsServer(directory, port, authority, DOMAINS)
    faults = FaultServer(port, https.good_certificate, authority.key, DOMAINS)
    servers = [dns, https, faults]
    for server in servers:
        server.start()
    yield types.SimpleNamespace(authority=authority, dns=dns, port=port, ports=ports)
    for server in reversed(servers):
        server.stop()
    ports.release()


@pytest.fixture(name="fetching")
def _fetching(daemon, world):
    """A daemon that uses these servers; a test may write more settings before it starts it."""
    daemon.page = MetricsPage(world.ports.take())
    daemon.write(dns_servers="127.0.0.1:%d" % world.dns.port, policy_port=str(world.port), ca_file=world.authority.certificate,
                 allow_private_addresses="yes", policy_wait="20s", fetch_timeout="15s", metrics_listen=daemon.page.address,
                 failure_ttl="1s")
    return daemon


def result_of(daemon, sender):
    """The tags policy and reason of the header."""
    with Mta(daemon.socket, timeout=60.0) as mta:
        mta.message(sender, forged=0)
        mta.tell(b"E")
        _, inserted = mta.changes()
    assert len(inserted) == 1
    reason = re.search(r"reason=([\w-]+)", inserted[0])
    return re.search(r"policy=([\w-]+)", inserted[0]).group(1), reason.group(1) if reason else ""


def ask_and_leave(daemon, sender):
    """Makes the daemon fetch, and does not wait for the result."""
    with Mta(daemon.socket) as mta:
        mta.message(sender, forged=0)


def status_of(pid):
    with open("/proc/%d/status" % pid, encoding="ascii") as file:
        return dict(line.rstrip("\n").split(":\t", 1) for line in file if ":\t" in line)


def children(pid):
    with open("/proc/%d/task/%d/children" % (pid, pid), encoding="ascii") as file:
        found = [int(child) for child in file.read().split()]
    for task in os.listdir("/proc/%d/task" % pid):
        with open("/proc/%d/task/%s/children" % (pid, task), encoding="ascii") as file:
            found += [int(child) for child in file.read().split() if int(child) not in found]
    return [child for child in found if status_of(child)["State"][0] != "Z"]


def fetcher_of(process, not_this=0):
    """Waits for a fetch process, and returns its pid."""
    wait_until(lambda: [child for child in children(process.pid) if child != not_this], "there is a fetch process")
    return [child for child in children(process.pid) if child != not_this][0]


def is_gone(pid):
    return not os.path.exists("/proc/%d" % pid)


def wait_for_fetches(daemon, count):
    wait_until(lambda: daemon.page.values()["policy_lookups_in_flight"] >= count, "fetches are under way")


def test_it_is_confined(fetching):
    process = fetching.start()
    assert result_of(fetching, "user@good0.test") == ("enforce", "")
    pid = fetcher_of(process)
    status = status_of(pid)
    assert status["Name"] == "mta-sts-fetcher"
    assert status["NoNewPrivs"] == "1"
    assert status["Uid"] == status_of(process.pid)["Uid"]
    assert int(status["CapEff"], 16) == 0 or os.geteuid() != 0
    assert status["Threads"] == "1"
    assert int(status["SigBlk"], 16) == 0
    if "without a system call filter" in fetching.log(process):
        pytest.skip("built without libseccomp")
    assert status["Seccomp"] == "2"
    values = fetching.page.values()
    assert (values["fetch_process_up"], values["fetch_process_deaths_total"]) == (1, 0)
    assert fetching.stop(process, signal.SIGTERM) == 0
    assert is_gone(pid)
    assert "the fetch process" not in fetching.log(process)


def test_only_root_comes_to_it(fetching, tmp_path):
    """As in a build tree below /root: the program is opened before root is dropped, and stays open."""
    if os.geteuid() != 0:
        pytest.skip("needs root")
    directory = tmp_path / "roots"
    directory.mkdir(mode=0o700)
    for program in (PROGRAM, os.environ["STS_FETCHER"]):
        shutil.copy(program, directory)
    process = fetching.start(program=str(directory / "mta-sts-milter"))
    assert result_of(fetching, "user@good0.test") == ("enforce", "")
    first = fetcher_of(process)
    shutil.rmtree(directory)
    os.kill(first, signal.SIGKILL)
    fetching.said(process, "the fetch process died (signal 9")
    fetcher_of(process, first)
    assert result_of(fetching, "user@good1.test") == ("enforce", "")
    assert "by this process itself" not in fetching.log(process)


def test_it_is_killed_while_it_fetches(fetching):
    """Cached policies still work, pending fetches fail for now, mail flows, and the next fetch works."""
    process = fetching.start()
    assert result_of(fetching, "user@good0.test") == ("enforce", "")
    first = fetcher_of(process)
    for i in range(3):
        ask_and_leave(fetching, "user@hang%d.test" % i)
    wait_for_fetches(fetching, 3)
    os.kill(first, signal.SIGKILL)
    log = fetching.said(process, "the fetch process died (signal 9")
    assert re.search(r"signal 9, Killed\): [0-3] fetches ended with it; it has died 1 times", log)
    assert result_of(fetching, "user@good0.test") == ("enforce", "")
    assert result_of(fetching, "user@good1.test") == ("enforce", "")
    second = fetcher_of(process, first)
    assert second != first
    wait_until(lambda: fetching.page.values()["fetch_process_up"] == 1, "the second is up")
    assert fetching.page.values()["fetch_process_deaths_total"] == 1
    wait_until(lambda: fetching.page.values()["policy_lookups_in_flight"] == 0, "nothing is left under way")
    assert fetching.stop(process, signal.SIGTERM) == 0
    assert is_gone(second)


def test_it_is_killed_again_and_again(fetching):
    """Each message gets an answer, and in the end there is a process that works."""
    process = fetching.start()
    pid = 0
    for i in range(4):
        pid = fetcher_of(process, pid)
        os.kill(pid, signal.SIGKILL)
        assert result_of(fetching, "user@good%d.test" % i) in (("enforce", ""), ("unknown", "overload"))
        fetching.said(process, "the fetch process died", i + 1)
    assert result_of(fetching, "user@good10.test") == ("enforce", "")
    assert fetching.page.values()["fetch_process_deaths_total"] == 4
    assert fetching.stop(process, signal.SIGTERM) == 0


def test_it_hangs(fetching):
    """Deadlines hold without it; it is killed and replaced."""
    fetching.write(fetch_timeout="2s")
    process = fetching.start()
    assert result_of(fetching, "user@good0.test") == ("enforce", "")
    first = fetcher_of(process)
    os.kill(first, signal.SIGSTOP)
    assert result_of(fetching, "user@good1.test") == ("unknown", "fetch-timeout")
    fetching.said(process, "the fetch process did not answer, and was killed (signal 9")
    wait_until(lambda: is_gone(first), "the first is gone")
    assert result_of(fetching, "user@good2.test") == ("enforce", "")
    assert fetching.stop(process, signal.SIGTERM) == 0


def test_it_ends_with_its_parent(fetching):
    process = fetching.start()
    assert result_of(fetching, "user@good0.test") == ("enforce", "")
    pid = fetcher_of(process)
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        os.kill(pid, number)	# only its parent ends it
    assert result_of(fetching, "user@good1.test") == ("enforce", "")
    assert fetcher_of(process) == pid
    process.kill()
    wait_until(lambda: is_gone(pid), "it is gone, too")


def test_a_reload_leaves_it_alone(fetching):
    process = fetching.start()
    assert result_of(fetching, "user@good0.test") == ("enforce", "")
    pid = fetcher_of(process)
    os.kill(process.pid, signal.SIGUSR1)
    fetching.said(process, "reload")
    assert result_of(fetching, "user@good1.test") == ("enforce", "")
    assert fetcher_of(process) == pid
    assert fetching.stop(process, signal.SIGTERM) == 0


@pytest.mark.skipif(os.path.exists("/usr/local/libexec/mta-sts-milter/mta-sts-fetcher"), reason="it is installed here")
def test_not_installed(fetching):
    """A milter that does not find the program fetches by itself, and says so."""
    alone = shutil.copy(PROGRAM, fetching.path("mta-sts-milter"))
    process = fetching.start(program=alone)
    assert "policies are fetched by this process itself" in fetching.log(process)
    assert result_of(fetching, "user@good0.test") == ("enforce", "")
    assert not children(process.pid)
    assert fetching.stop(process, signal.SIGTERM) == 0


def test_none(fetching):
    """With fetch_process = no, the milter fetches by itself."""
    fetching.write(fetch_process="no")
    process = fetching.start()
    assert result_of(fetching, "user@good0.test") == ("enforce", "")
    assert not children(process.pid)
    values = fetching.page.values()
    assert (values["fetch_process_up"], values["fetch_process_deaths_total"]) == (1, 0)
    assert fetching.stop(process, signal.SIGTERM) == 0


@pytest.mark.parametrize("left", [1, 2, 3, 4])
def test_what_the_machine_lacks_is_no_fault_of_the_domain(fetching, left):
    """With few descriptors left, and no fetch process with its own: a policy, or reason=overload, whichever file cannot be opened."""
    limit = 30
    fetching.write(fetch_process="no")
    fetching.write_text("#!/bin/sh\nexec prlimit --nofile=%d:%d %s \"$@\"\n" % (limit, limit, PROGRAM), "limited")
    os.chmod(fetching.path("limited"), 0o755)
    process = fetching.start(program=fetching.path("limited"))

    def used():
        return len(os.listdir("/proc/%d/fd" % process.pid))
    with contextlib.ExitStack() as stack:
        sessions = []
        while used() < limit - left:
            before = used()
            sessions.append(stack.enter_context(Mta(fetching.socket, timeout=60.0)))
            wait_until(lambda: used() > before, "the session is there")		# pylint: disable=cell-var-from-loop
        sessions[0].message("user@good0.test", forged=0)
        sessions[0].tell(b"E")
        _, inserted = sessions[0].changes()
    assert "policy=enforce" in inserted[0] or "reason=overload" in inserted[0], inserted
    assert fetching.stop(process, signal.SIGTERM) == 0
