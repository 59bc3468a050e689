# SPDX-License-Identifier: ISC
"""What goes wrong when people deploy MTA-STS by hand, as far as it is visible from outside, under the names of a widespread guide's
troubleshooting section. What is visible only on the mail server is left to stsctl doctor."""
from lab.domains import policy


def worst(report):
    return next(finding for finding in report["findings"] if finding["level"] == "fail")


def test_guide_issue_1_external_validator_says_dns_record_not_found(validator):
    """The record has escaped quotes, as dig shows it: "\\"v=STSv1; id=20250809\\""."""
    status, report = validator.check("guide1.test")
    found = worst(report)
    assert (status, found["id"], found["subject"]) == (1, "record.quotes", "_mta-sts.guide1.test")
    assert found["seen"].startswith('"\\"v=STSv1; id=20250809\\""')
    assert found["fix"] == '_mta-sts.guide1.test. IN TXT "v=STSv1; id=20250809;"'


def test_guide_issue_3_mx_record_mismatch(validator):
    status, report = validator.check("guide3.test")
    found = worst(report)
    assert (status, found["id"], found["subject"], found["fix"]) == (1, "mx.not-covered", "mail.good.test", "mx: mail.good.test")


def test_guide_issue_4_no_external_policy_fetches(validator, tmp_path):
    """Nobody fetches the new policy, because the record still has the old one's id."""
    state = tmp_path / "state"
    assert validator.check("guide4.test", "--state", state)[0] == 0
    validator.https.set_policy("guide4.test", policy("testing", name="guide4.test", max_age=604800))
    status, report = validator.check("guide4.test", "--state", state)
    found = worst(report)
    assert (status, found["id"]) == (1, "drift.content-without-id")
    assert found["fix"].startswith('_mta-sts.guide4.test. IN TXT "v=STSv1; id=2')
    validator.https.set_policy("guide4.test", policy(name="guide4.test", max_age=604800))


def test_guide_issue_6_certificate_problems(validator):
    """The policy is there over HTTP; HTTPS has a certificate that nobody trusts."""
    status, report = validator.check("guide6.test")
    assert (status, worst(report)["id"]) == (1, "tls.chain")
    assert "mta-sts.guide6.test" in worst(report)["subject"]


def test_guide_force_policy_refresh(validator):
    """The guide's own example of a new id, 20250809-2, is invalid."""
    status, report = validator.check("guide-refresh.test")
    found = worst(report)
    assert (status, found["id"]) == (1, "record.bad-id")
    assert found["fix"] == '_mta-sts.guide-refresh.test. IN TXT "v=STSv1; id=202508092;"'


# ---- the guide's success verification checklist, as far as it is visible from outside ----

def passes(validator, name):
    status, report = validator.check(name)
    assert status == 0
    return {finding["id"]: finding["seen"] for finding in report["findings"] if finding["level"] == "pass"}


def test_guide_checklist_dns_and_web_infrastructure(validator):
    """The record is well formed, the policy is served over HTTPS with a valid certificate, MX records match."""
    fine = passes(validator, "good.test")
    assert fine["record.ok"].startswith('"v=STSv1; id=20260101T1;"')
    assert "TLSv1.3" in fine["tls.ok"] and "status 200" in fine["fetch.ok"]
    assert "mode enforce" in fine["policy.ok"] and "10 mail.good.test" in fine["mx.ok"]


def test_guide_checklist_mail_server_function(validator):
    """TLS works on each mail exchanger."""
    assert "TLSv1.3" in passes(validator, "good.test")["smtp.ok"]


def test_guide_checklist_external_validation(validator):
    """All domains pass, and TLS-RPT records are properly formatted."""
    status, reports = validator.json("good.test", "strings.test", "guide4.test")
    assert status == 0 and [report["verdict"] for report in reports] == ["pass"] * 3
    assert passes(validator, "good.test")["tlsrpt.ok"] == "mailto:reports@good.test"


def test_guide_checklist_long_term_maintenance(validator, tmp_path):
    """Certificates' expiry is watched, and ids are compared with policies (test_memory.py has the rest)."""
    metrics = tmp_path / "metrics"
    assert validator.run("good.test", "--metrics", metrics)[0] == 0
    assert 'certificate_expiry_timestamp_seconds{domain="good.test",host="mta-sts.good.test"}' in metrics.read_text()
