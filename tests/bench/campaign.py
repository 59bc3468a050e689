# SPDX-License-Identifier: ISC
"""Measures the tables one after another, and the rows of each in turn."""
import os
import sys
import time

from .figures import Results
from .subjects import Failed, Ours
from .tables import ASKING, BODILESS, COLD_DOMAINS, DOMAINS, MANY_DOMAINS, MILTERS, NULL, OURS, Row

OTHER = "the other build"
COMMANDS_RATE, COMMANDS_SECONDS = 5000, 4
FLUSHED_S = 2		# after that all is written: flush_interval is a second

class Campaign:
    """The milters, started when a table first needs them, and the figures measured."""

    def __init__(self, site):
        self.site = site
        self.options = site.options
        self._subjects = {}
        self._ours = {}

    def _start_null(self, name):
        return self.site.null(name, *{NULL: (), ASKING: ("-o",), BODILESS: ("-b",)}[name])

    def _start_ours(self, name):
        many = name == "many domains"
        settings, redis = ({}, "redis") if many or name == OTHER else MILTERS[name]
        ours = Ours(self.site, name, settings, redis, self.options.other if name == OTHER else None)
        domains = MANY_DOMAINS if many else COLD_DOMAINS if name == "cold" else DOMAINS
        ours.fill(domains)
        subject = ours.start()
        if name != "cold":
            seconds = ours.warm(domains)
            if many:
                print("%d domains from Redis into memory in %.1f s" % (domains, seconds))
        self._ours[name] = ours
        if name == "Redis frozen":
            ours.redis.process.suspend()
        elif name == "Redis stopped":
            ours.redis.process.kill()
        return subject

    def subject(self, name):
        if name not in self._subjects:
            start = self._start_null if name in (NULL, ASKING, BODILESS) else self._start_ours
            self._subjects[name] = start(name)
        return self._subjects[name]

    def measure(self, table):
        if self.options.other and any(row.subject == OURS for row in table.rows):
            table.rows = table.rows + [Row(OTHER, OTHER, *next(row.options for row in table.rows if row.subject == OURS))]
        results = Results(table)
        before = os.getloadavg()[0]
        common = ["-d", str(table.domains)] + ([] if "-m" in table.options else ["-s", str(self.options.seconds)])
        for row in table.rows:
            if "-m" not in table.options:
                self.subject(row.subject).run("-s", "0.3", *table.options, *row.options, "-d", str(table.domains))
            self.subject(row.subject)
        for number in range(self.options.rounds):
            for row in table.rows[::-1 if number % 2 else 1]:
                figures = self.subject(row.subject).run(*table.options, *common, *row.options)
                results.rounds[row.name].append(figures)
        results.load = (before, os.getloadavg()[0])
        return results

    # ---- Redis ----

    def redis_commands(self):
        """Commands that Redis receives for each message, at 5,000 a second if the machine can: as sent by the client, and including
        those that scripts call; and bytes in both directions."""
        ours = self._ours.get(OURS)
        if ours is None:
            return None
        subject, redis = self.subject(OURS), ours.redis
        time.sleep(FLUSHED_S)
        before, bytes_before = commands_of(redis), bytes_of(redis)
        figures = subject.run("-c", "16", "-S", "10", "-n", "0", "-r", str(COMMANDS_RATE / 10), "-s", str(COMMANDS_SECONDS),
                              "-d", str(DOMAINS))
        time.sleep(FLUSHED_S)
        after = commands_of(redis)
        came, went = (after - before for before, after in zip(bytes_before, bytes_of(redis)))
        called = {name: after.get(name, 0) - before.get(name, 0) for name in after}

        scripts = called.get("evalsha", 0) + called.get("eval", 0)
        found = {"rate": figures["rate"], "messages": figures["messages"], "sent": scripts / figures["messages"],
                 "all": sum(called.values()) / figures["messages"], "came": came / figures["messages"],
                 "went": went / figures["messages"]}
        print("\nRedis at %.0f messages a second on %d domains: %.3f scripts a message, with which it carries out %.2f commands; "
              "%.0f bytes there, %.0f back" % (found["rate"], DOMAINS, *(found[name] for name in ("sent", "all", "came", "went"))),
              flush=True)

        return found

    def finish(self):
        """Stops the milters; true when Redis has counted each message once, and all came back right."""
        right = all(subject.errors == 0 for subject in self._subjects.values())
        for name, ours in self._ours.items():
            if name == "Redis frozen":
                ours.redis.process.resume()
            elif name == "Redis stopped":
                ours.redis.start()
            ours.stop()
            sent, counted = ours.subject.messages, ours.counted()
            if counted != sent:
                right = False
                print("%s: counters in Redis: %d messages of %d sent: WRONG" % (name, counted, sent))
            else:
                print("%s: counters in Redis: %d messages of %d sent" % (name, counted, sent))
        sys.stdout.flush()
        return right

def bytes_of(redis):
    """Bytes that Redis has received, and sent."""
    text = redis.command("EVAL", "return redis.call('INFO', 'stats')", 0)
    return [int(text.split(name + ":")[1].split()[0]) for name in ("total_net_input_bytes", "total_net_output_bytes")]


def commands_of(redis):
    """Calls of each command so far."""
    text = redis.command("EVAL", "return redis.call('INFO', 'commandstats')", 0)
    if "cmdstat_" not in text:
        raise Failed("Redis tells no commandstats")
    calls = {}
    for line in text.splitlines():
        if line.startswith("cmdstat_"):
            name, _, rest = line[len("cmdstat_"):].partition(":calls=")
            calls[name] = int(rest.split(",")[0])
    return calls
