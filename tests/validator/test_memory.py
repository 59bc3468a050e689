# SPDX-License-Identifier: ISC
"""What check remembers: drift, --watch, --metrics, and the state file itself."""
import dataclasses
import fcntl
import json
import os
import re
import shutil
import subprocess
import tempfile

import pytest

import dns_cases
from lab.domains import policy
from validator import notable


@pytest.fixture
def publish(validator):
    """Changes what a domain publishes; restored afterwards."""
    changed = {}

    def change(name, **changes):
        original = next(case.domain for case in dns_cases.CASES if case.domain.name == name)
        changed[name] = original
        domain = dataclasses.replace(original, **changes)
        validator.https.set_policy(name, domain.body)
        validator.dns.set(domain)
        validator.dns.reload()
    yield change
    for name, original in changed.items():
        validator.https.set_policy(name, original.body)
        validator.dns.set(original)
        validator.dns.reload()


@pytest.fixture
def state(tmp_path):
    return tmp_path / "some" / "where" / "state"


def body(mode):
    return policy(mode, name="drift.test", max_age=604800)


# ---- drift ----

def test_nothing_has_changed(validator, state):
    for _ in range(2):
        status, report = validator.check("drift.test", "--state", state)
        assert (status, notable(report)) == (0, [])


def test_content_without_id(validator, publish, state):
    validator.check("drift.test", "--state", state)
    publish("drift.test", body=body("testing"))
    for _ in range(2):	# it is still reported the second time
        status, report = validator.check("drift.test", "--state", state)
        assert (status, notable(report)) == (1, ["fail drift.content-without-id", "info policy.testing"])
    publish("drift.test", body=body("testing"), txt=["v=STSv1; id=new;"])
    status, report = validator.check("drift.test", "--state", state)
    assert (status, notable(report)) == (0, ["info policy.testing"])
    publish("drift.test", body=body("enforce"), txt=["v=STSv1; id=new;"])
    assert validator.check("drift.test", "--state", state)[0] == 1


def test_other_line_ends_are_no_other_content(validator, publish, state):
    validator.check("drift.test", "--state", state)
    publish("drift.test", body=body("enforce").replace("\r\n", "\n"))
    assert validator.check("drift.test", "--state", state)[0] == 0


def test_id_without_content(validator, publish, state):
    validator.check("drift.test", "--state", state)
    publish("drift.test", txt=["v=STSv1; id=new;"])
    assert notable(validator.check("drift.test", "--state", state)[1]) == ["info drift.id-without-content"]
    assert notable(validator.check("drift.test", "--state", state)[1]) == []


def test_a_record_that_is_gone_for_a_while(validator, publish, state):
    validator.check("drift.test", "--state", state)
    publish("drift.test", txt=[])
    assert notable(validator.check("drift.test", "--state", state)[1]) == ["fail record.missing"]
    publish("drift.test", body=body("testing"))
    assert "fail drift.content-without-id" in notable(validator.check("drift.test", "--state", state)[1])


# ---- the file ----

def test_state_file(validator, state):
    validator.json("--state", state, "drift.test", "watched.test")
    validator.check("good.test", "--state", state)
    memory = json.loads(state.read_text())
    assert memory["version"] == 1 and sorted(memory["domains"]) == ["drift.test", "good.test", "watched.test"]
    assert memory["domains"]["good.test"]["id"] == "20260101T1"
    assert memory["domains"]["watched.test"]["findings"] == ["warn tlsrpt.missing _smtp._tls.watched.test"]
    assert os.listdir(state.parent) == ["state"]


@pytest.mark.parametrize("text", [
    "", "{", "[]", "{}", '{"version":2,"domains":{}}', '{"version":1,"domains":[]}', '{"version":1,"domains":{"a.test":1}}',
    '{"version":1,"domains":{"a.test":{"id":"%s","policy":"","findings":[]}}}' % ("7" * 40),
    '{"version":1,"domains":{"a.test":{"id":"7","policy":"","findings":[]}}}',
    '{"version":1,"domains":{"a.test":{"id":"","policy":"","findings":[1]}}}', "\0", '{"version":1,"domains":{}} more'])
def test_state_that_cannot_be_understood(validator, tmp_path, text):
    state = tmp_path / "state"
    state.write_text(text)
    status, output = validator.run("good.test", "--state", state)
    assert (status, output) == (3, "")
    assert "it was left as it is" in validator.errors and str(state) in validator.errors
    assert state.read_text() == text and os.listdir(tmp_path) == ["state"]


def test_state_that_cannot_be_written(validator, tmp_path):
    (tmp_path / "file").write_text("")
    status, _ = validator.run("good.test", "--state", tmp_path / "file" / "state")
    assert status == 3 and "--state: " in validator.errors


def as_nobody(validator, home, *words):
    """Runs a check as an unprivileged user, with readable copies of everything that it needs."""
    shutil.copy(os.environ["STSCTL"], home)
    for name in os.listdir(validator.directory):
        if name.endswith((".conf", ".pem")):
            shutil.copy(os.path.join(validator.directory, name), home)
    environment = {"PATH": "/usr/bin:/bin", "XDG_STATE_HOME": os.path.join(home, "state")}
    return subprocess.run(["setpriv", "--reuid", "nobody", "--regid", "nogroup", "--clear-groups",
                           os.path.join(home, "stsctl"), *validator.words(*words)[1:]],
                          capture_output=True, text=True, check=False, env=environment)


@pytest.fixture
def home():
    directory = tempfile.mkdtemp(prefix="mta-sts-check-")
    os.chmod(directory, 0o755)
    os.mkdir(os.path.join(directory, "state"))
    shutil.chown(os.path.join(directory, "state"), "nobody")
    yield directory
    shutil.rmtree(directory)


def test_usual_place(validator, home):
    done = as_nobody(validator, home, "good.test")
    assert (done.returncode, done.stderr) == (0, "")
    with open(os.path.join(home, "state", "mta-sts-milter", "check.json"), encoding="utf-8") as file:
        assert list(json.load(file)["domains"]) == ["good.test"]


def test_usual_place_that_cannot_be_written(validator, home):
    os.makedirs(os.path.join(home, "state", "mta-sts-milter", "check.json"))
    done = as_nobody(validator, home, "good.test")
    assert done.returncode == 3 and "check.json" in done.stderr


def test_two_runs_at_the_same_time(validator, state):
    """No run loses what another has found."""
    names = ["good.test", "drift.test", "watched.test", "quotes.test"]
    runs = [subprocess.Popen(validator.words("--state", state, name), stdout=subprocess.DEVNULL) for name in names]
    assert [run.wait(120) for run in runs] == [0, 0, 0, 1]
    assert sorted(json.loads(state.read_text())["domains"]) == sorted(names)
    assert os.listdir(state.parent) == ["state"]


def test_a_run_that_does_not_end(validator, state):
    """A run with --state waits for the lock; one without it says that it is taken, and goes on."""
    state.parent.mkdir(parents=True)
    with open("%s.lock" % state, "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        run = subprocess.Popen(validator.words("--state", state, "good.test"), stdout=subprocess.DEVNULL)
        with pytest.raises(subprocess.TimeoutExpired):
            run.wait(1)
    assert run.wait(120) == 0
    assert "good.test" in json.loads(state.read_text())["domains"]


# ---- --watch ----

def test_watch(validator, publish, state, tmp_path):
    domains = tmp_path / "domains"
    domains.write_text("# ours\nwatched.test\t# the second\n\nGOOD.test.\r\nwatched.test\n")
    watch = ("--watch", domains, "--state", state)
    status, reports = validator.json(*watch)
    assert (status, [report["domain"] for report in reports]) == (0, ["watched.test"])
    assert reports[0]["new"] == ["warn tlsrpt.missing _smtp._tls.watched.test"] and reports[0]["gone"] == []
    assert validator.run(*watch) == (0, "")

    publish("watched.test", txt=['"v=STSv1; id=7"'], tlsrpt=["v=TLSRPTv1; rua=mailto:x@good.test"])
    status, output = validator.run(*watch)
    assert status == 1
    assert output.startswith("watched.test: fail (1 fail, ")
    assert "fail  record.quotes  _mta-sts.watched.test" in output
    assert "  gone  warn tlsrpt.missing _smtp._tls.watched.test\n" in output
    assert "pass  " not in output
    assert validator.run(*watch) == (1, "")		# it still fails, but that is not new


def test_watch_a_very_long_list(validator, tmp_path):
    """It is read quickly (duplicates are not found by comparing all pairs), and then another argument is wrong."""
    domains = tmp_path / "domains"
    domains.write_text("".join("d%d.test\n" % (number % 300000) for number in range(400000)))
    assert validator.run("--watch", domains, "--resolver", "nobody") == (2, "")
    assert "--resolver: expects " in validator.errors


@pytest.mark.parametrize("text,status,said", [
    ("good.test\nnot a domain\n", 2, "domains:2: not a domain: not a domain"), ("# nobody\n", 2, "names no domain")])
def test_watch_a_bad_list(validator, tmp_path, text, status, said):
    domains = tmp_path / "domains"
    domains.write_text(text)
    assert validator.run("--watch", domains) == (status, "")
    assert said in validator.errors


def test_watch_without_a_list_or_memory(validator, tmp_path):
    assert validator.run("--watch", tmp_path / "nothing")[0] == 3
    (tmp_path / "domains").write_text("good.test\n")
    assert validator.run("--watch", tmp_path / "domains", "--state", "none")[0] == 2
    assert validator.run("--watch", tmp_path / "domains", "good.test")[0] == 2


# ---- --metrics ----

def test_metrics(validator, tmp_path):
    metrics = tmp_path / "prometheus" / "mta-sts.prom"
    validator.json("--metrics", metrics, "good.test", "quotes.test", "mx-silent.test")
    text = metrics.read_text()
    for line in ('mta_sts_check_verdict{domain="good.test"} 0', 'mta_sts_check_verdict{domain="quotes.test"} 2',
                 'mta_sts_check_verdict{domain="mx-silent.test"} 1', 'mta_sts_check_unsure{domain="mx-silent.test"} 1',
                 'mta_sts_check_unsure{domain="good.test"} 0', 'mta_sts_check_findings{domain="quotes.test",level="fail"} 1'):
        assert line + "\n" in text
    for host in ("mta-sts.good.test", "mail.good.test"):
        expiry = re.search(r'certificate_expiry_timestamp_seconds\{domain="good.test",host="%s"\} (\d+)\n' % host, text)
        run = re.search(r"mta_sts_check_last_run_timestamp_seconds (\d+)\n", text)
        assert 29 * 86400 < int(expiry.group(1)) - int(run.group(1)) <= 30 * 86400
    assert os.listdir(metrics.parent) == ["mta-sts.prom"] and metrics.stat().st_mode & 0o777 == 0o644
    promtool = shutil.which("promtool")
    if promtool:
        done = subprocess.run([promtool, "check", "metrics"], input=text, capture_output=True, text=True, check=False)
        assert (done.returncode, done.stdout + done.stderr) == (0, "")


def test_metrics_that_cannot_be_written(validator, tmp_path):
    (tmp_path / "file").write_text("")
    assert validator.run("good.test", "--metrics", tmp_path / "file" / "x")[0] == 3
    assert "--metrics: " in validator.errors
