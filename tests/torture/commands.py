# SPDX-License-Identifier: ISC
"""The commands that are tortured, and what may differ in what they say."""
import json
import re
from dataclasses import dataclass
from typing import Callable

from world import DOMAIN

ANYTHING_TIMED = re.compile(r"\b\d+(\.\d+)? ?(ms|s)\b|\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\dZ?|\b\d{8}T\d{6}Z\b|\b\d{10}\b")


def steady(text):
    """Without times."""
    return ANYTHING_TIMED.sub("#", text)


def never(_good, _text):
    return False


def lookup_is_right(good, text):
    """Wherever the answer came from, and whenever, it is the same."""
    def known(told):
        told = json.loads(told)
        result = told.get("result") or {}
        return [told.get("postfix"), told.get("tlsrpt"), *(result.get(name) for name in ("domain", "state", "id", "mode", "max_age", "mx"))]
    return known(text) == known(good)


def plan_is_right(good, text):
    """In mode testing nothing hangs on a lookup that failed; it is told beside all the rest."""
    return "out of memory" in text and set(good.splitlines()) <= set(text.splitlines())


@dataclass
class Command:
    name: str
    words: Callable		# of a World: argv behind the program
    needs: str = ""		# "redis": filled anew before each run
    also_right: Callable = never	# (good output, this one): with the same exit status, another output that is right, too
    status: int = 0
    statuses: tuple = (0, 1, 2, 3)	# those that are documented
    reads_json: bool = False	# jansson 2.14 leaves a byte out of a string without a word when its buffer cannot grow: not failed
    tells: str = "stderr"	# where it says that something failed: "both" when that may be part of the answer (findings, states)


def conf(*words):
    return lambda world: [words[0], "-c", world.config, *words[1:]]


COMMANDS = [
    Command("help", lambda _: ["help"]),
    Command("help-check", lambda _: ["check", "--help"]),
    Command("lint-policy", lambda w: ["lint", "policy", "--json", w.path("policy.txt")]),
    Command("lint-record", lambda w: ["lint", "record", "--json", w.path("record.json")], reads_json=True),
    Command("lint-rules", lambda w: ["lint", "rules", w.path("rules")]),
    Command("lookup", conf("lookup", "--json", DOMAIN), "redis", lookup_is_right, tells="both"),
    Command("lookup-outbound", conf("lookup", "--json", "--outbound", DOMAIN), "redis", lookup_is_right, tells="both"),
    Command("cache-list", conf("cache", "list"), "cache"),
    Command("cache-show", conf("cache", "show", "--json", DOMAIN), "cache"),
    Command("cache-refresh", conf("cache", "refresh", DOMAIN), "cache", tells="both"),
    Command("stats", conf("stats"), "redis"),
    Command("stats-top", conf("stats", "--json", "--top", "5"), "redis"),
    Command("history", conf("history", "show", "--json", DOMAIN), "redis", status=1),
    Command("check", conf("check", "--json", "--state", "none", DOMAIN), tells="both"),
    Command("report-import", lambda w: ["report", "import", "-c", w.config, "-o", "authserv_id=mx1.example.net", "--json", "--dry-run", w.path("report.eml")],
            reads_json=True),
    Command("report-count", lambda w: ["report", "import", "-c", w.config, w.path("report.eml")], "redis", statuses=(0, 1, 2, 3, 75),
            reads_json=True),
    Command("simulate", lambda w: ["simulate", "-c", w.config, "--json", "--rules", w.path("rules")], "redis", status=1),
    Command("publish-plan", lambda w: ["publish", "plan", "-c", w.config, "--from", w.path("publish.conf")], also_right=plan_is_right,
            tells="both", reads_json=True),
    Command("fetches", lambda w: ["fetches", "-c", w.config, "--json", "--log", w.path("access.log")]),
    Command("doctor", conf("doctor", "--json", "-o", "redis=none"), status=1, tells="both"),
]
