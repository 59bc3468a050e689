# SPDX-License-Identifier: ISC
"""The commands under test, and how their output may differ from a good run."""
import json
import re
from dataclasses import dataclass
from typing import Callable

from world import DOMAIN

ANYTHING_TIMED = re.compile(r"\b\d+(\.\d+)? ?(ms|s)\b|\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\dZ?|\b\d{8}T\d{6}Z\b|\b\d{10}\b")


def steady(text):
    """The text with times masked."""
    return ANYTHING_TIMED.sub("#", text)


def never(_good, _text):
    return False


def lookup_is_right(good, text):
    """The answer is the same, whatever its source and time."""
    def known(told):
        told = json.loads(told)
        result = told.get("result") or {}
        return [told.get("postfix"), told.get("tlsrpt"), *(result.get(name) for name in ("domain", "state", "id", "mode", "max_age", "mx"))]
    return known(text) == known(good)


def plan_is_right(good, text):
    """In mode testing nothing depends on a failed lookup; it is reported in addition to all other lines."""
    return "out of memory" in text and set(good.splitlines()) <= set(text.splitlines())


@dataclass
class Command:
    name: str
    words: Callable		# World -> the arguments of the program
    needs: str = ""		# "redis": filled again before each run
    also_right: Callable = never	# (good output, this one) -> whether a different output with the same exit status is right, too
    status: int = 0
    statuses: tuple = (0, 1, 2, 3)	# the documented ones
    reads_json: bool = False	# jansson 2.14 silently drops a byte of a string if its buffer cannot grow: its requests do not fail
    tells: str = "stderr"	# where failures are reported: "both" if also in the answer (findings, states)


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
