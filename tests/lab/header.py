# SPDX-License-Identifier: ISC
"""Parses X-MTA-STS as a third party would: strictly by the contract, so that a sloppy header fails the tests."""
import re

# All tags, in order.
TAGS = ("v", "host", "result", "reason", "domain", "identity", "policy", "id", "tls", "cipher", "bits", "sni",
        "aligned", "rcpt", "requiretls", "history", "action", "sig")
ALWAYS = ("v", "host", "result", "domain", "identity", "policy", "tls", "aligned")
VALUE = re.compile(r"[A-Za-z0-9._:+-]{1,255}\Z")
COLUMNS = 78


class BadHeader(AssertionError):
    """A header that violates the contract."""


def parse(value):
    """The tags of a field's value as it stands in the message, including folds."""
    _check_folding(value)
    tags = {}
    for part in value.replace("\n\t", " ").split("; "):
        name, equals, text = part.partition("=")
        if not equals or name not in TAGS or not VALUE.match(text):
            raise BadHeader("tag %r in %r" % (part, value))
        if name in tags:
            raise BadHeader("%s twice in %r" % (name, value))
        tags[name] = text
    if list(tags) != [name for name in TAGS if name in tags]:
        raise BadHeader("tags out of order in %r" % value)
    for name in ALWAYS:
        if name not in tags:
            raise BadHeader("no %s in %r" % (name, value))
    if ("reason" in tags) == (tags["result"] in ("pass", "none")):
        raise BadHeader("reason with pass or none, or none with another result: %r" % value)
    return tags


def _check_folding(value):
    for line in ("X-MTA-STS: " + value).split("\n"):
        if "\r" in line:
            raise BadHeader("CR in %r" % value)
        if len(line) > COLUMNS and line.lstrip("\t").count("; ") > 0:
            raise BadHeader("a line longer than %d columns in %r" % (COLUMNS, value))
