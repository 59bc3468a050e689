# SPDX-License-Identifier: ISC
"""TLS reports and the mails that carry them, as senders make them."""
import base64
import gzip
import json
import time

DAY = 86400
MEMORY = 64 << 20		# what import may use, whatever it is given


def limited(program):
    """The command prefix that limits a program's memory; empty for one built with a sanitizer, which needs terabytes of address space."""
    with open(program, "rb") as file:
        return [] if b"__asan_" in file.read() else ["prlimit", "--data=%d" % MEMORY]


def day(ago=1):
    """The UTC day that many days ago, "YYYY-MM-DD"."""
    return time.strftime("%Y-%m-%d", time.gmtime(time.time() - ago * DAY))


def policy(kind="sts", domain="example.org", success=10, failure=0, details=(), text=None):
    """One policy of a report. details: (result type, MX, reason, count)."""
    if text is None:
        text = ["version: STSv1", "mode: enforce", "mx: mx1.example.org", "max_age: 604800"] if kind == "sts" else []
    return {"policy": {"policy-type": kind, "policy-string": text, "policy-domain": domain, "mx-host": ["mx1.example.org"]},
            "summary": {"total-successful-session-count": success, "total-failure-session-count": failure},
            "failure-details": [{"result-type": result, "receiving-mx-hostname": mx, "failure-reason-code": reason,
                                 "failed-session-count": count} for result, mx, reason, count in details]}


def report(*policies, org="Google Inc.", contact="smtp-tls-reporting@google.com", number=None, ago=1):
    date = day(ago)
    return {"organization-name": org, "contact-info": contact, "report-id": number or date + "T00:00:00Z_example.org",
            "date-range": {"start-datetime": date + "T00:00:00Z", "end-datetime": date + "T23:59:59Z"},
            "policies": list(policies) or [policy()]}


def packed(content):
    return gzip.compress(json.dumps(content).encode(), mtime=0)


def mail(content, submitter="google.com", domain="example.org", results="mx1.example.net; dkim=pass header.d=%s header.s=s1",
         signature="v=1; a=rsa-sha256; d=%s; s=s1; h=from; bh=x; b=abcdefgh", kind="application/tlsrpt+gzip", headers=(), name=None):
    """A mail as in RFC 8460 section 5.3; content: the report, or the bytes of the part."""
    body = content if isinstance(content, bytes) else packed(content)
    name = name or "%s!%s!1!2!001.json.gz" % (submitter, domain)
    lines = list(headers)
    if results:
        lines.append("Authentication-Results: " + (results % submitter if "%s" in results else results))
    if signature:
        lines.append("DKIM-Signature: " + (signature % submitter if "%s" in signature else signature))
    lines += ["From: tlsrpt@" + submitter, "To: tls-reports@" + domain,
              "Subject: Report Domain: %s\n Submitter: %s\n Report-ID: <x@%s>" % (domain, submitter, submitter),
              "TLS-Report-Domain: " + domain, "TLS-Report-Submitter: " + submitter, "TLS-Required: No", "MIME-Version: 1.0",
              'Content-Type: multipart/report; report-type="tlsrpt";\n boundary="=_b"', "", "--=_b", "Content-Type: text/plain", "",
              "This is a TLS report: https://example.com/ {\"no\": \"report\"}", "", "--=_b", "Content-Type: " + kind,
              "Content-Transfer-Encoding: base64", 'Content-Disposition: attachment;\n filename="%s"' % name, "",
              base64.encodebytes(body).decode() + "--=_b--", ""]
    return "\n".join(lines).encode()
