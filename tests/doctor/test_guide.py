# SPDX-License-Identifier: ISC
"""The troubleshooting section and the checklist of a widely followed guide, each item under its own name."""
import os
import subprocess

import pytest
from conftest import BASELINE, all_names, names, the


def postmap_says(machine, table):
    """What Postfix itself says about a table."""
    return subprocess.run(["postmap", "-c", machine.postfix.directory, "-q", "a.example", table], capture_output=True,
                          check=False, encoding="utf-8").stderr


@pytest.mark.parametrize("table, complaint, name", [
    ("hash:/etc/postfix/no_policy", "open database /etc/postfix/no_policy.db: No such file or directory", "policy-map-file"),
    ("socketmap:unix:/run/no.sock", 'fatal: need service transport:endpoint instead of "unix"', "policy-map-socketmap"),
    ("nosuch:/etc/postfix/tls_policy", "unsupported dictionary type", "policy-map-type"),
])
def test_guide_issue_2_postfix_smtp_errors(machine, table, complaint, name):
    """The guide says to remove the line, which disables outbound MTA-STS; doctor says what is wrong with it."""
    assert complaint in postmap_says(machine, table)
    machine.main_cf(smtp_tls_policy_maps="%s, %s" % (table, machine.world.policies.table))
    status, findings = machine.examine()
    assert (status, names(findings)) == (1, BASELINE | {"fail postfix." + name})
    fix = the(findings, "postfix." + name)["fix"]
    assert fix.endswith("-e 'smtp_tls_policy_maps = %s'" % machine.world.policies.table)
    subprocess.run(["sh", "-c", fix], check=True)
    assert names(machine.examine()[1]) == BASELINE


def test_guide_issue_2_without_policy_maps(machine):
    """doctor says where to listen and how Postfix names it, never to do without."""
    machine.main_cf(smtp_tls_policy_maps="")
    status, findings = machine.examine()
    assert (status, names(findings)) == (0, BASELINE | {"info postfix.outbound"})
    fix = the(findings, "postfix.outbound")["fix"]
    for word in ("socketmap_listen = unix:", "socketmap:unix:/run/mta-sts-milter/socketmap.sock:" + machine.world.policies.name, "doc/outbound.md"):
        assert word in fix


def test_guide_issue_5_rspamd_configuration_errors(machine):
    files = [machine.rspamd_file(name, "enabled = true;\n") for name in ("local.d/mta_sts.conf", "local.d/tls_rpt.conf")]
    status, findings = machine.examine()
    assert (status, names(findings)) == (0, BASELINE | {"warn rspamd.module-file"})
    found = [finding for finding in findings if finding["id"] == "rspamd.module-file"]
    assert [finding["subject"] for finding in found] == files
    for finding in found:
        subprocess.run(["sh", "-c", finding["fix"]], check=True)
    assert not any(map(os.path.exists, files))
    assert names(machine.examine()[1]) == BASELINE
    machine.rspamd_file("local.d/multimap.conf", "MTA_STS_DOMAINS {\n")
    status, findings = machine.examine()
    assert (status, names(findings)) == (1, BASELINE | {"fail rspamd.configtest"})
    assert "multimap.conf" in the(findings, "rspamd.configtest")["seen"]


def test_guide_phase_5_multimap(machine):
    """It works, within limits; doctor names them."""
    table = machine.rspamd_file("mta_sts_domains.map", "rcpt.test MTA_STS\n")
    machine.rspamd_file("local.d/multimap.conf", 'MTA_STS_DOMAINS {\n  type = "from";\n  map = "%s";\n'
                        '  description = "Domains with MTA-STS policies";\n  score = 0.0;\n  action = "no action";\n}\n' % table)
    status, findings = machine.examine()
    assert (status, names(findings)) == (0, BASELINE | {"info rspamd.multimap"})


def test_guide_checklist_mail_server_function(machine):
    """Postfix TLS working; no smtp_tls_policy_maps errors; rspamd configtest passes."""
    machine.postfix.start()
    try:
        status, findings = machine.examine()
    finally:
        machine.postfix.stop()
    assert (status, all_names(findings)) == (0, BASELINE)
    passed = {finding["id"]: finding["seen"] for finding in findings if finding["level"] == "pass"}
    assert passed["postfix.starttls"].startswith("TLSv1.3, ")
    assert passed["postfix.tls-level"] == "TLS on %d/inet" % machine.postfix.port
    assert passed["postfix.tls-certificate"].startswith("valid until ")
    assert passed["postfix.outbound"] == machine.world.policies.table
    assert "configtest passes" in passed["rspamd.ok"]
