# SPDX-License-Identifier: ISC
"""stsctl check, DNS: one domain for each fault, and nothing else is found, not even about policy hosts and mail exchangers."""
import pytest

from dns_cases import CASES
from validator import notable


def first_fix(report):
    """The first text to paste among the worst findings."""
    for level in ("fail", "warn", "info"):
        for finding in report["findings"]:
            if finding["level"] == level:
                return finding["fix"]
    return ""


@pytest.mark.parametrize("case", CASES, ids=str)
def test_findings(validator, case):
    status, report = validator.check(case.domain.name)
    assert notable(report) == sorted(case.findings), report["findings"]
    assert status == case.status
    verdict = "fail" if any(finding.startswith("fail") for finding in case.findings) else \
        "warn" if any(finding.startswith("warn") for finding in case.findings) else "pass"
    assert report["verdict"] == verdict
    assert case.fix in first_fix(report)
    assert any(case.seen in finding["seen"] for finding in report["findings"])
    for finding in report["findings"]:
        assert finding["why"] and finding["subject"]
