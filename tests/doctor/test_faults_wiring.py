# SPDX-License-Identifier: ISC
"""Faults in the wiring of Postfix and the milter: services, order, timeouts, macros."""
from faults import each, expect


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


TABLE = [
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
]


@each(TABLE)
def test_fault(machine, fault, expected):
    expect(machine, fault, expected)
