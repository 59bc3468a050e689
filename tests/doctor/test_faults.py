# SPDX-License-Identifier: ISC
"""A good machine; faults of the milter, of Redis and of the domains; fixes that mend several faults at once."""
import subprocess

from conftest import BASELINE, OPTIONS, names, the
from faults import each, expect


def test_good_machine(machine):
    status, findings = machine.examine()
    assert (status, names(findings)) == (0, BASELINE)
    passed = {finding["id"] for finding in findings if finding["level"] == "pass"}
    assert passed >= {"postfix.ok", "postfix.tls-level", "postfix.tls-certificate", "postfix.milter", "postfix.header-checks",
                      "postfix.outbound", "milter.ok", "rspamd.ok", "redis.ok", "domains.ok"}


def milter_down(machine):
    machine.options["milter_socket"] = "unix:/nonexistent/milter.sock"


def not_the_milter(machine):
    """Redis in the milter's place: it accepts the connection, and does not negotiate."""
    machine.options["milter_socket"] = "unix:" + machine.world.redis.socket
    machine.main_cf(smtpd_milters="{ unix:%s, %s }" % (machine.world.redis.socket, OPTIONS))


def policy_wait_too_long(machine):
    machine.options["policy_wait"] = "10s"


def bad_settings(machine):
    machine.options["policy_wait"] = "soon"


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
    (milter_down, "fail milter.down, fail postfix.milter-missing"),
    (not_the_milter, "fail milter.silent, info milter.socket-open"),
    (policy_wait_too_long, "fail postfix.milter-timeout, warn postfix.milter-timeout"),
    (no_redis, "info redis.none"),
    (redis_down, "fail redis.unreachable"),
    (no_local_domains, "info domains.none"),
    (more_domains_in_postfix, "warn domains.missing, info domains.unlisted"),
    (domains_in_a_table, "warn domains.missing"),
    (domains_in_a_file, "warn domains.missing"),
    (more_domains_than_postfix, "info domains.unknown"),
]

# Without Redis there are no findings about its users.
WITHOUT_REDIS = {no_redis, redis_down}


@each(TABLE)
def test_fault(machine, fault, expected):
    expect(machine, fault, expected, BASELINE if fault not in WITHOUT_REDIS else set())


def test_mistakes_in_the_settings(machine):
    """They are reported, and the defaults apply."""
    bad_settings(machine)
    status, findings = machine.examine()
    assert status == 1
    assert "policy_wait" in the(findings, "milter.settings")["seen"]


def test_fixes_mend(machine):
    """The lines to paste do what they say: pasted into a shell, they leave no finding."""
    machine.main_cf(smtpd_tls_security_level="none", smtpd_milters=machine.theirs, smtp_tls_policy_maps="hash:/nonexistent/x",
                    header_checks="regexp:{{/^X-'Other':/ IGNORE} {/^X-MTA/ WARN}}", smtpd_tls_received_header="no",
                    milter_header_checks="regexp:{{/^X-'Other':/ WARN}}, regexp:{{/^X-MTA-STS/ IGNORE}}")
    machine.master_cf("26 inet n - n - - smtpd -o smtpd_tls_security_level=none -o smtpd_milters=")
    _, findings = machine.examine()
    for finding in findings:
        for line in finding["fix"].splitlines():
            if line.startswith("postconf ") and finding["id"] != "postfix.outbound":
                subprocess.run(["sh", "-c", line], check=True)
    assert names(machine.examine()[1]) == BASELINE | {"info postfix.outbound"}
