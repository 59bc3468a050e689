# SPDX-License-Identifier: ISC
"""One fault, and what stsctl doctor finds: that, and nothing else beyond a good machine's findings."""
import os
import re
import subprocess

import pytest
from conftest import BASELINE, OPTIONS, names, the
from policy_server import PolicyServer

from lab.postfix import HOST


def no_tls(machine):
    machine.main_cf(smtpd_tls_security_level="none")


def no_tls_on_one_service(machine):
    machine.master_cf("26 inet n - n - - smtpd -o smtpd_tls_security_level=none")


def old_tls(machine):
    machine.main_cf(smtpd_tls_protocols=">=TLSv1")


def old_tls_only(machine):
    machine.main_cf(smtpd_tls_protocols="!TLSv1.2, !TLSv1.3")


def no_certificate(machine):
    machine.main_cf(smtpd_tls_chain_files="")


def missing_certificate(machine):
    machine.certificate("/nonexistent/fullchain.pem")


def certificate_that_is_none(machine):
    machine.certificate(machine.write("bad.pem", "nothing\n"))


def pair_of_old_settings(machine):
    machine.main_cf(smtpd_tls_chain_files="", smtpd_tls_key_file=machine.world.authority.key,
                    smtpd_tls_cert_file=machine.world.authority.issue("pair", HOST, [HOST]))


def missing_key_of_a_pair(machine):
    machine.main_cf(smtpd_tls_chain_files="", smtpd_tls_key_file="/nonexistent/privkey.pem",
                    smtpd_tls_cert_file=machine.world.authority.issue("pair", HOST, [HOST]))


def another_key(machine):
    key = machine.write("other.key", "")
    os.chmod(key, 0o600)
    subprocess.run(["openssl", "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", key], check=True)
    machine.certificate(machine.world.authority.issue("another", HOST, [HOST]), key)


def key_with_a_password(machine):
    key = machine.write("locked.key", "")
    os.chmod(key, 0o600)
    subprocess.run(["openssl", "pkey", "-in", machine.world.authority.key, "-aes128", "-passout", "pass:x", "-out", key],
                   check=True)
    machine.certificate(machine.world.authority.issue("locked", HOST, [HOST]), key)


def key_for_everybody(machine):
    with open(machine.world.authority.key, encoding="ascii") as file:
        key = machine.write("open.key", file.read())
    os.chmod(key, 0o644)
    machine.certificate(machine.world.authority.issue("open", HOST, [HOST]), key)


def expired(machine):
    machine.certificate(machine.world.authority.issue("expired", HOST, [HOST], "20200101000000Z", "20200201000000Z"))


def self_signed(machine):
    machine.certificate(machine.world.authority.self_signed("selfsigned", HOST))


def another_name(machine):
    machine.certificate(machine.world.authority.issue("name", "other.test", ["other.test"]))


def no_received(machine):
    machine.main_cf(smtpd_tls_received_header="no")


def typing_error(machine):
    machine.main_cf(smtpd_milter=machine.ours)


def haproxy(machine):
    machine.main_cf(smtpd_upstream_proxy_protocol="haproxy")


def xclient(machine):
    machine.main_cf(smtpd_authorized_xclient_hosts="192.0.2.0/24")


def postscreen(machine):
    machine.master_cf("26 inet n - n - 1 postscreen", "smtpd pass - - n - - smtpd")


def proxy_filter(machine):
    machine.main_cf(smtpd_proxy_filter="127.0.0.1:10024")


def no_milters(machine):
    machine.main_cf(smtpd_milters="")


def rspamd_alone(machine):
    machine.main_cf(smtpd_milters=machine.theirs)


def rspamd_first(machine):
    machine.main_cf(smtpd_milters="%s %s" % (machine.theirs, machine.ours))


def without_on_one_service(machine):
    machine.master_cf("26 inet n - n - - smtpd -o smtpd_milters=")


def by_a_setting_of_ones_own(machine):
    machine.main_cf(my_milter=machine.ours, smtpd_milters="$my_milter, " + machine.theirs)


def on_submission(machine):
    machine.master_cf("submission inet n - n - - smtpd")


def not_on_submission(machine):
    machine.master_cf("submission inet n - n - - smtpd -o smtpd_milters=inet:127.0.0.1:%d" % machine.rspamd.milter)


def inside_of_a_filter(machine):
    machine.master_cf("127.0.0.1:10025 inet n - n - - smtpd")


def not_inside_of_a_filter(machine):
    machine.master_cf("127.0.0.1:10025 inet n - n - - smtpd -o receive_override_options=no_milters")


def in_a_chroot(machine):
    machine.master_cf(smtpd="inet n - y - - smtpd")


def impatient(machine):
    machine.main_cf(smtpd_milters=machine.ours.replace("content_timeout=10s", "content_timeout=2s"))


def hasty(machine):
    machine.main_cf(smtpd_milters="unix:" + machine.world.milter.socket, milter_default_action="accept", milter_content_timeout="1s",
                    milter_command_timeout="2s", milter_connect_timeout="1s")


def hasty_at_rcpt(machine):
    machine.main_cf(smtpd_milters=machine.ours.replace("command_timeout=10s", "command_timeout=2s"))
    machine.options["recipient_enforce_action"] = "reject"


def long_waits(machine):
    machine.main_cf(smtpd_milters="{ unix:%s, default_action=accept }" % machine.world.milter.socket)


def tempfail(machine):
    machine.main_cf(smtpd_milters=machine.ours.replace("accept", "tempfail"))


def default_action(machine):
    machine.main_cf(milter_default_action="tempfail",
                    smtpd_milters=machine.ours.replace(", default_action=accept", ""))


def refuse(machine):
    machine.main_cf(smtpd_milters=machine.ours.replace("accept", "reject"))


def old_protocol(machine):
    machine.main_cf(milter_protocol="2")


def hidden_macros(machine):
    machine.main_cf(milter_helo_macros="", milter_mail_macros="i")


def other_macros(machine):
    machine.main_cf(milter_connect_macros="j", milter_mail_macros="i", milter_rcpt_macros="i")


def milter_maps(machine):
    machine.main_cf(smtpd_milter_maps="inline:{192.0.2.1=DISABLE}")


def no_header_checks(machine):
    machine.main_cf(header_checks="")


def header_checks_of_others(machine):
    machine.main_cf(header_checks="regexp:{{/^X-Other:/ IGNORE}}")


def header_checks_in_a_file(machine):
    machine.main_cf(header_checks="regexp:" + machine.write("checks", "/^X-Other:/ WARN\n/^X-MTA-STS[[:space:]]*:/ IGNORE\n"))


def header_checks_without_blanks(machine):
    machine.main_cf(header_checks="regexp:{{/^X-MTA-STS:/ IGNORE}}")


def header_checks_needed(machine):
    machine.options["strip_forged"] = "postfix"


def header_checks_needed_and_missing(machine):
    machine.options["strip_forged"] = "postfix"
    machine.main_cf(header_checks="")


def header_checks_needed_and_off(machine):
    machine.options["strip_forged"] = "postfix"
    machine.main_cf(receive_override_options="no_header_body_checks")


def fields_that_are_kept(machine):
    machine.options["accept_header_from"] = "192.0.2.1"


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


def milter_down(machine):
    machine.options["milter_socket"] = "unix:/nonexistent/milter.sock"


def not_the_milter(machine):
    """Redis is there instead: it connects, and does not negotiate."""
    machine.options["milter_socket"] = "unix:" + machine.world.redis.socket
    machine.main_cf(smtpd_milters="{ unix:%s, %s }" % (machine.world.redis.socket, OPTIONS))


def policy_wait_too_long(machine):
    machine.options["policy_wait"] = "10s"


def bad_settings(machine):
    machine.options["policy_wait"] = "soon"


def no_rule(machine):
    machine.rspamd_file("rspamd.local.lua", "-- nothing of ours\n")


def files_of_no_module(machine):
    machine.rspamd_file("local.d/mta_sts.conf", "enabled = true;\n")
    machine.rspamd_file("local.d/tls_rpt.conf", "enabled = true;\n")


def broken_rspamd(machine):
    machine.rspamd_file("local.d/multimap.conf", "MTA_STS {\n")


def another_host(machine):
    machine.rspamd.settings(authserv_id="other.test")


def key_for_rspamd_alone(machine):
    key = machine.rspamd_file("key", "00112233445566778899aabbccddeeff\n")
    machine.rspamd.settings(authserv_id="mx.lab.test", header_key_file=key)


def key_for_the_milter_alone(machine):
    machine.options["header_key_file"] = machine.write("key", "00112233445566778899aabbccddeeff\n")


def the_same_key(machine):
    key_for_rspamd_alone(machine)
    key_for_the_milter_alone(machine)


def another_signature(machine):
    key_for_rspamd_alone(machine)
    machine.options["header_key_file"] = machine.write("key2", "ff112233445566778899aabbccddeeff\n")


def no_redis(machine):
    machine.options["redis"] = "none"


def redis_down(machine):
    machine.options["redis"] = "unix:/nonexistent/redis.sock"


def no_local_domains(machine):
    machine.options["local_domains"] = ""


def more_domains_in_postfix(machine):
    machine.main_cf(relay_domains="a.test, .b.test, localhost, inline:{c.test=x}, regexp:{{/x/ y}}",
                    mydestination="$myhostname, localhost.$mydomain")


def domains_in_a_table(machine):
    table = machine.write("domains", "a.test x\nrcpt.test x\nsomebody@d.test x\n")
    subprocess.run(["postmap", "-c", machine.postfix.directory, "hash:" + table], check=True)
    machine.main_cf(relay_domains="hash:" + table)


def domains_in_a_file(machine):
    machine.main_cf(relay_domains=machine.write("list", "# ours\na.test\n\n.sub.test\n"))


def more_domains_than_postfix(machine):
    machine.options["local_domains"] = "rcpt.test, a.test"


TABLE = [
    (no_tls, "fail postfix.tls-level"),
    (no_tls_on_one_service, "fail postfix.tls-level"),
    (old_tls, "info postfix.old-tls"),
    (old_tls_only, "fail postfix.tls-versions"),
    (no_certificate, "fail postfix.tls-certificate"),
    (missing_certificate, "fail postfix.tls-file"),
    (certificate_that_is_none, "fail postfix.tls-file"),
    (pair_of_old_settings, ""),
    (missing_key_of_a_pair, "fail postfix.tls-file"),
    (another_key, "fail postfix.tls-mismatch"),
    (key_with_a_password, "fail postfix.tls-file"),
    (key_for_everybody, "warn postfix.tls-key-open"),
    (expired, "fail postfix.tls-expired"),
    (self_signed, "warn postfix.tls-chain"),
    (another_name, "info postfix.tls-name"),
    (no_received, "info postfix.received-header"),
    (typing_error, "warn postfix.unused"),
    (haproxy, "info postfix.haproxy"),
    (xclient, "info postfix.xclient"),
    (postscreen, ""),
    (proxy_filter, "warn postfix.proxy-filter"),
    (no_milters, "fail postfix.milter-missing"),
    (rspamd_alone, "fail postfix.milter-missing"),
    (rspamd_first, "fail postfix.milter-order"),
    (without_on_one_service, "fail postfix.milter-missing"),
    (by_a_setting_of_ones_own, ""),
    (on_submission, "info postfix.milter-submission"),
    (not_on_submission, ""),
    (inside_of_a_filter, "warn postfix.milter-inner"),
    (not_inside_of_a_filter, ""),
    (in_a_chroot, "fail postfix.milter-chroot"),
    (impatient, "fail postfix.milter-timeout"),
    (hasty, "fail postfix.milter-timeout, warn postfix.milter-timeout"),
    (hasty_at_rcpt, "fail postfix.milter-timeout"),
    (long_waits, "info postfix.milter-timeout"),
    (tempfail, "warn postfix.milter-action"),
    (default_action, "warn postfix.milter-action"),
    (refuse, "fail postfix.milter-action"),
    (old_protocol, "warn postfix.milter-protocol"),
    (hidden_macros, "info postfix.milter-macros"),
    (other_macros, ""),
    (milter_maps, "info postfix.milter-maps"),
    (no_header_checks, "warn postfix.header-checks"),
    (header_checks_of_others, "warn postfix.header-checks"),
    (header_checks_in_a_file, ""),
    (header_checks_without_blanks, "warn postfix.header-checks"),
    (header_checks_needed, ""),
    (header_checks_needed_and_missing, "fail postfix.header-checks"),
    (header_checks_needed_and_off, "fail postfix.header-checks-off"),
    (fields_that_are_kept, "warn postfix.header-checks-keep"),
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
    (milter_down, "fail milter.down, fail postfix.milter-missing"),
    (not_the_milter, "fail milter.silent, info milter.socket-open"),
    (policy_wait_too_long, "fail postfix.milter-timeout, warn postfix.milter-timeout"),
    (no_rule, "warn rspamd.rule"),
    (files_of_no_module, "warn rspamd.module-file"),
    (broken_rspamd, "fail rspamd.configtest"),
    (another_host, "fail rspamd.authserv-id"),
    (key_for_rspamd_alone, "fail rspamd.key"),
    (key_for_the_milter_alone, "info rspamd.key"),
    (the_same_key, ""),
    (another_signature, "fail rspamd.key"),
    (no_redis, "info redis.none"),
    (redis_down, "fail redis.unreachable"),
    (no_local_domains, "info domains.none"),
    (more_domains_in_postfix, "warn domains.missing, info domains.unlisted"),
    (domains_in_a_table, "warn domains.missing"),
    (domains_in_a_file, "warn domains.missing"),
    (more_domains_than_postfix, "info domains.unknown"),
]

# Without Redis there is nothing to be said of its users.
WITHOUT_REDIS = {no_redis, redis_down}


def test_good_machine(machine):
    status, findings = machine.examine()
    assert (status, names(findings)) == (0, BASELINE)
    passed = {finding["id"] for finding in findings if finding["level"] == "pass"}
    assert passed >= {"postfix.ok", "postfix.tls-level", "postfix.tls-certificate", "postfix.milter", "postfix.header-checks",
                      "postfix.outbound", "milter.ok", "rspamd.ok", "redis.ok", "domains.ok"}


@pytest.mark.parametrize("fault, expected", TABLE, ids=[fault.__name__ for fault, _ in TABLE])
def test_fault(machine, fault, expected):
    fault(machine)
    status, findings = machine.examine()
    want = set(filter(None, expected.split(", "))) | (BASELINE if fault not in WITHOUT_REDIS else set())
    assert names(findings) == want
    assert status == (1 if any(name.startswith("fail") for name in want) else 0)


@pytest.mark.parametrize("mode, level", [(0o666, "pass"), (0o600, "fail")])
def test_unix_socket_as_postfix_sees_it(machine, mode, level):
    """Root gets everywhere; smtp(8) is somebody else."""
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
    """By the protocol, about a name that nobody has; what it answers is told."""
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


@pytest.mark.parametrize("name", ["local", "the lab's"])
def test_rule_pasted_twice(machine, name):
    """Where things are is what configure said, and what was asked for; nothing is there twice afterwards."""
    if name != "local":
        os.rename(machine.rspamd.local, os.path.join(machine.directory, name))
        machine.rspamd.local = os.path.join(machine.directory, name)
    lua = os.path.join(machine.rspamd.local, "rspamd.local.lua")
    no_rule(machine)
    fix = the(machine.examine()[1], "rspamd.rule")["fix"]
    lines = [line for line in fix.splitlines() if not line.startswith("rspamadm")]
    data = re.search(r"install -m 644 (\S+)/rspamd/mta_sts.lua", fix).group(1)
    assert os.path.isabs(data) and len(lines) == 5
    source = os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, os.pardir, "conf", "rspamd")
    text = "\n".join(lines).replace(data + "/rspamd", source)
    for _ in range(2):
        subprocess.run(["sh", "-ec", text], check=True)
    with open(lua, encoding="utf-8") as file:
        assert file.read().count("\ndofile") == 1
    for name, sign in (("groups.conf", 'group "mta_sts"'), ("composites.conf", "\nMTA_STS_SPOOFED")):
        with open(os.path.join(machine.rspamd.local, "local.d", name), encoding="utf-8") as file:
            assert file.read().count(sign) == 1


def test_mistakes_in_the_settings(machine):
    """They are told, and the defaults stand in."""
    bad_settings(machine)
    status, findings = machine.examine()
    assert status == 1
    assert "policy_wait" in the(findings, "milter.settings")["seen"]


def test_fixes_mend(machine):
    """The lines to paste do what they say: pasted into a shell, they leave nothing to be found."""
    machine.main_cf(smtpd_tls_security_level="none", smtpd_milters=machine.theirs, smtp_tls_policy_maps="hash:/nonexistent/x",
                    header_checks="regexp:{{/^X-'Other':/ IGNORE}}", smtpd_tls_received_header="no")
    machine.master_cf("26 inet n - n - - smtpd -o smtpd_tls_security_level=none -o smtpd_milters=")
    _, findings = machine.examine()
    for finding in findings:
        for line in finding["fix"].splitlines():
            if line.startswith("postconf ") and finding["id"] != "postfix.outbound":
                subprocess.run(["sh", "-c", line], check=True)
    assert names(machine.examine()[1]) == BASELINE | {"info postfix.outbound"}
