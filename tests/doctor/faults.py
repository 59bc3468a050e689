# SPDX-License-Identifier: ISC
"""One fault, and what stsctl doctor finds: that fault, and nothing else beyond a good machine's findings.

A table's rows are (function that breaks a machine, "LEVEL ID, LEVEL ID")."""
import pytest
from conftest import BASELINE, names


def each(table):
    """Parametrizes a test of (machine, fault, expected) with each row."""
    return pytest.mark.parametrize("fault, expected", table, ids=[fault.__name__ for fault, _ in table])


def expect(machine, fault, expected, baseline=frozenset(BASELINE)):
    """Checks that exactly this is found besides the baseline, and that the exit status shows it."""
    fault(machine)
    status, findings = machine.examine()
    want = set(filter(None, expected.split(", "))) | baseline
    assert names(findings) == want
    assert status == (1 if any(name.startswith("fail") for name in want) else 0)
