# SPDX-License-Identifier: ISC
"""Faults of outbound mail: policy maps and their servers, certificate authorities, DNSSEC."""
import os

import pytest
from conftest import BASELINE, names, the
from faults import each, expect
from policy_server import PolicyServer


def missing_policy_map(machine):
    machine.main_cf(smtp_tls_policy_maps="hash:/nonexistent/tls_policy, " + machine.world.policies.table)


def policy_map_of_no_type(machine):
    machine.main_cf(smtp_tls_policy_maps="nosuch:/x, " + machine.world.policies.table)


def socketmap_without_a_name(machine):
    machine.main_cf(smtp_tls_policy_maps="socketmap:unix:/run/x.sock")


def nobody_serves_the_socketmap(machine):
    machine.main_cf(smtp_tls_policy_maps="socketmap:inet:127.0.0.1:1:" + machine.world.policies.name)


def nobody_serves_the_unix_socketmap(machine):
    machine.main_cf(smtp_tls_policy_maps="socketmap:unix:/nonexistent/policies:%s, %s" % (
        machine.world.policies.name, machine.world.policies.table))


def somebody_else_serves_the_socketmap(machine):
    machine.main_cf(smtp_tls_policy_maps="socketmap:unix:%s:%s" % (machine.world.redis.socket, machine.world.policies.name))


def report_map_for_an_old_postfix(machine):
    machine.main_cf(smtp_tls_policy_maps=machine.world.policies.table_named("tlsrpt"), mail_version="3.7.11")


def map_without_reports(machine):
    machine.main_cf(smtp_tls_policy_maps=machine.world.policies.table_named("postfix"), mail_version="3.10.5")


def no_authorities_for_sending(machine):
    machine.main_cf(smtp_tls_CAfile="")


def no_dnssec_for_sending(machine):
    machine.main_cf(smtp_dns_support_level="enabled")


def unsigned_mx_records(machine):
    machine.main_cf(smtp_tls_dane_insecure_mx_policy="may")


def no_policy_maps(machine):
    machine.main_cf(smtp_tls_policy_maps="")


TABLE = [
    (missing_policy_map, "fail postfix.policy-map-file"),
    (policy_map_of_no_type, "fail postfix.policy-map-type"),
    (socketmap_without_a_name, "fail postfix.policy-map-socketmap, info postfix.outbound"),
    (nobody_serves_the_socketmap, "fail postfix.policy-map-silent"),
    (nobody_serves_the_unix_socketmap, "fail postfix.policy-map-silent"),
    (somebody_else_serves_the_socketmap, "fail postfix.policy-map-silent"),
    (no_policy_maps, "info postfix.outbound"),
    (report_map_for_an_old_postfix, "fail postfix.outbound-version"),
    (map_without_reports, "info postfix.outbound-version"),
    (no_authorities_for_sending, "fail postfix.outbound-ca"),
    (no_dnssec_for_sending, "fail postfix.outbound-dnssec"),
    (unsigned_mx_records, "info postfix.outbound-insecure-mx"),
]


@each(TABLE)
def test_fault(machine, fault, expected):
    expect(machine, fault, expected)


@pytest.mark.parametrize("mode, level", [(0o666, "pass"), (0o600, "fail")])
def test_unix_socket_as_postfix_sees_it(machine, mode, level):
    """Root can connect to any socket; smtp(8) runs as another user."""
    path = os.path.join(machine.directory, "policies.sock")
    server = PolicyServer(path)
    try:
        os.chmod(path, mode)
        machine.main_cf(smtp_tls_policy_maps=server.table)
        findings = machine.examine()[1]
    finally:
        server.stop()
    if level == "pass":
        assert names(findings) == BASELINE
    else:
        assert names(findings) == BASELINE | {"fail postfix.policy-map-silent"}
        assert "postfix may not connect: Permission denied" in the(findings, "postfix.policy-map-silent")["seen"]


def test_one_question_to_the_socketmap(machine):
    """A proper request, about a name that nobody has; the answer is reported."""
    server = PolicyServer(machine.world.ports.take())
    machine.main_cf(smtp_tls_policy_maps=server.table)
    try:
        assert names(machine.examine()[1]) == BASELINE
        question = b"%s mta-sts-milter.invalid" % server.name.encode()
        assert server.asked == [b"%d:%s," % (len(question), question)]
        server.answer = b"TEMP no \x1b name server"
        status, findings = machine.examine()
        assert (status, names(findings)) == (0, BASELINE | {"warn postfix.policy-map-silent"})
        assert "TEMP no \\x1b name server" in the(findings, "postfix.policy-map-silent")["seen"]
        for server.raw in (b"", b"220 mx.test ESMTP\r\n", b"99999:NOTFOUND ,", b"9:"):
            status, findings = machine.examine()
            assert (status, names(findings)) == (1, BASELINE | {"fail postfix.policy-map-silent"})
    finally:
        server.stop()
