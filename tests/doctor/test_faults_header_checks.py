# SPDX-License-Identifier: ISC
"""Removal of incoming X-MTA-STS fields by header_checks, where the milter does not, or is missing on some path."""
import pytest
from conftest import BASELINE, names, the
from faults import each, expect


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


def header_checks_of(table):
    """strip_forged = postfix, with this table as header_checks."""
    def change(machine):
        machine.options["strip_forged"] = "postfix"
        machine.main_cf(header_checks=table)
    change.__name__ = "header_checks = " + table
    return change


def milter_header_checks(machine):
    machine.main_cf(milter_header_checks="regexp:{{/^X-Other:/ WARN}}, regexp:{{/^X-MTA-STS[[:space:]]*:/ IGNORE}}")


def cleanup_without_header_checks(machine):
    machine.options["strip_forged"] = "postfix"
    machine.master_cf(cleanup="-o header_checks=")


TABLE = [
    (no_header_checks, "warn postfix.header-checks"),
    (header_checks_of_others, "warn postfix.header-checks"),
    (header_checks_in_a_file, ""),
    (header_checks_without_blanks, "warn postfix.header-checks"),
    (header_checks_needed, ""),
    (header_checks_needed_and_missing, "fail postfix.header-checks"),
    (header_checks_needed_and_off, "fail postfix.header-checks-off"),
    (fields_that_are_kept, "warn postfix.header-checks-keep"),
    (header_checks_of("regexp:{{/^x-mta-sts[[:space:]]*:/ ignore}}"), ""),
    (header_checks_of("regexp:{{/^X-MTA-STS[[:space:]]*:/ STRIP forged}}"), ""),
    (header_checks_of("regexp:{{/^X-MTA-STS[[:space:]]*:/ IGNORE}}, regexp:{{/^X-/ WARN}}"), ""),
    (header_checks_of("regexp:{{/^X-MTA-STS[[:space:]]*:/i IGNORE}}"), "fail postfix.header-checks"),
    (header_checks_of("regexp:{{/^X-MTA-STS ?:/ IGNORE}}"), "fail postfix.header-checks"),
    (header_checks_of("regexp:{{/^X-MTA-STS[[:space:]]*: *v=1/ IGNORE}}"), "fail postfix.header-checks"),
    (header_checks_of("regexp:{{/^X-MTA-STS[[:space:]]*:/ IGNORED}}"), "fail postfix.header-checks"),
    (header_checks_of("regexp:{{/^X-/ WARN}}, regexp:{{/^X-MTA-STS[[:space:]]*:/ IGNORE}}"), "fail postfix.header-checks"),
    (header_checks_of("regexp:{{/^X-MTA-STS[[:space:]]*:/ IGNORE}}, regexp:/nonexistent"), ""),
    (header_checks_of("regexp:{{/X-MTA-STS[[:space:]]*:/ IGNORE}}"), "warn postfix.header-checks"),
    (milter_header_checks, "fail postfix.milter-header-checks"),
    (cleanup_without_header_checks, "fail postfix.header-checks-off"),
]


@each(TABLE)
def test_fault(machine, fault, expected):
    expect(machine, fault, expected)


def test_header_checks_that_cannot_be_read(machine):
    """The unreadable table comes first, and may do anything to the field."""
    header_checks_of("regexp:/nonexistent, regexp:{{/^X-MTA-STS[[:space:]]*:/ IGNORE}}")(machine)
    status, findings = machine.examine()
    assert names(findings) == BASELINE | {"info postfix.header-checks"}
    assert status == 3


@pytest.mark.parametrize("table, left", [
    ("/^X-MTA-STS[[:space:]]*:/i", "in small letters"), ("/^X-MTA-STS:/", "with a blank before the colon"),
    ("/^X-MTA-STS ?:/", "with a tab before the colon"), ("/^X-MTA-STS[[:space:]]*: v=1/", "with other text after the colon"),
    ("/^X-MTA-STS[[:space:]]*:[^[:cntrl:]]/", "with its text on the next line"),
    ("/^X-MTA-STS[[:space:]]*:./", "with nothing after the colon")])
def test_what_header_checks_leave(machine, table, left):
    machine.main_cf(header_checks="regexp:{{%s IGNORE}}" % table)
    assert the(machine.examine()[1], "postfix.header-checks")["seen"] == "X-MTA-STS is removed, but not " + left
