# SPDX-License-Identifier: ISC
"""A running Postfix: what it really offers to senders, whatever its main.cf says."""
import os
import subprocess

import pytest
from conftest import BASELINE, DOWN, all_names

from lab.postfix import HOST


@pytest.fixture(name="run_postfix")
def make_run_postfix(machine):
    """Starts the machine's Postfix, after the test has made its changes."""
    def start():
        machine.postfix.start()
        started.append(machine.postfix)
    started = []
    yield start
    for postfix in started:
        postfix.stop()


def offers(findings):
    return {finding["subject"]: (finding["level"], finding["seen"]) for finding in findings
            if finding["id"] == "postfix.starttls"}


def test_good_postfix(machine, run_postfix):
    wrapped = machine.world.ports.take()
    machine.master_cf("%d inet n - n - - smtpd -o smtpd_tls_wrappermode=yes" % wrapped)
    run_postfix()
    status, findings = machine.examine()
    assert (status, all_names(findings)) == (0, BASELINE)
    answers = offers(findings)
    assert sorted(answers) == sorted("%d/inet 127.0.0.1:%d" % (port, port) for port in (machine.postfix.port, wrapped))
    for level, seen in answers.values():
        assert level == "pass" and seen.startswith("TLSv1.3, ")
    # the milter was contacted: no sanitizer has complained
    machine.world.milter.check_log()


def test_postfix_that_does_not_run(machine):
    status, findings = machine.examine()
    assert (status, all_names(findings)) == (0, BASELINE | {DOWN})


def test_key_of_another_certificate(machine, run_postfix):
    key = machine.write("other.key", "")
    os.chmod(key, 0o600)
    subprocess.run(["openssl", "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", key], check=True)
    machine.certificate(machine.world.authority.issue("running", HOST, [HOST]), key)
    run_postfix()
    status, findings = machine.examine()
    assert (status, all_names(findings)) == (1, BASELINE | {"fail postfix.tls-mismatch", "fail postfix.starttls"})


def test_no_cipher_in_common(machine, run_postfix):
    """Nothing that doctor checks in main.cf is wrong, and yet there is no TLS."""
    machine.main_cf(smtpd_tls_protocols="TLSv1.2", smtpd_tls_exclude_ciphers="ECDHE, DHE, kRSA, RSA, aNULL, eNULL")
    run_postfix()
    status, findings = machine.examine()
    assert (status, all_names(findings)) == (1, BASELINE | {"fail postfix.starttls"})


def test_behind_a_proxy_nobody_is_asked(machine):
    """smtpd would wait for the proxy's header line."""
    machine.main_cf(smtpd_upstream_proxy_protocol="haproxy")
    status, findings = machine.examine()
    assert (status, all_names(findings)) == (0, BASELINE | {"info postfix.haproxy"})
    assert not offers(findings)
