# SPDX-License-Identifier: ISC
"""Writes doc/performance.md."""
import os
import platform
import re
import subprocess
import time

from .figures import markdown_table

HEAD = """# What the milter costs

Made by `make bench-page`; do not edit. The text is that of `tests/bench/page.py`.

The yardstick is `null` (`tests/bench/nullmilter.c`), the least that a program using libmilter can do: it inserts one constant header
field at the end of each message, and requests no macros and no events but the header fields, to which it does not reply. `null, our
events` requests the events and macros that mta-sts-milter requests, and does nothing with them: the difference from `null` is what
the protocol charges for knowing who sends, and over what. mta-sts-milter has everything turned on: policies, counters, evidence,
histories, and a log line for each message.

The load comes from `tests/bench/milterload.c`, which imitates Postfix 3.7: a macro packet before every event, output flushed when
Postfix flushes it, STARTTLS with a second EHLO, 20 header fields in each message unless stated otherwise, senders distributed by Zipf's
law. Each message's header is checked, and the counters in Redis afterwards. The time to the reply (EOM) includes reading all header
fields, because there is no reply to each of them. Redis is configured as in Debian's package, and shares the processors.

The rows of a table are measured in turn, round by round. Figures are medians over the rounds, with the range; ratios are medians of each
round's ratio to the first row. Absolute figures depend on this machine at that minute; compare ratios.
"""

AFTER = """
## What remains

Nine tenths of `null` is system time: libmilter calls poll three times and read twice for each packet, and Postfix sends two packets for
each header field. mta-sts-milter reads all available data with one call (`read_ahead`, `milter/transport`), and answers libmilter's calls
from memory. So it costs less than the least possible program that leaves the reading to libmilter. The rows `without read_ahead` show
what it costs beyond `null` otherwise. `null, our events` shows that the requested events cost little more than none. Most of our own
instructions for a message go into the log line and the evidence, which are texts. The rows `Redis stopped` and `Redis frozen` show what
the milter costs without writing evidence. Here Redis shares the two processors with the milter and the load generator: its share is
missing from the messages per second, and shows in the waiting times while it processes the counters and evidence of a second.

## Ceilings

* One process serves about 1,000 sessions at a time: libmilter's pool examines every session at each event once the MTA pauses for
  more than a millisecond, as with every client on the Internet. With 1,000 idle sessions in addition, a message costs three to four times
  as much. Postfix's `default_process_limit` of 100 keeps one host far below that.
* A session takes one file descriptor. The milter raises its limit to the hard limit at start, and warns if that is below 4,096.

## Several milters side by side

`mta-sts-milter@.service` starts a milter for each instance name, all with the same configuration file. Each has its own socket, its own
name in Redis (`node_name`), and options of its own in `/etc/mta-sts-milter/NAME.env`. Settings that only one process can use must not be
in the shared file, or the second milter does not start: `metrics_listen`, `socketmap_listen`, `tlsrpt_listen` and `spool_dir`. One
instance can answer for all outgoing mail:

    systemctl disable --now mta-sts-milter
    echo 'OPTIONS=-o metrics_listen=127.0.0.1:9926 -o socketmap_listen=unix:/run/mta-sts-milter/1/out.sock' > /etc/mta-sts-milter/1.env
    echo 'OPTIONS=-o metrics_listen=127.0.0.1:9927' > /etc/mta-sts-milter/2.env
    systemctl enable --now mta-sts-milter@1 mta-sts-milter@2

An instance may write only to its own directories: `/run/mta-sts-milter/NAME`, and for a `spool_dir` `/var/lib/mta-sts-milter/spool-NAME`.

Several Postfix instances, or several smtpd services, each name one of the sockets. Within one service, Postfix 3.2 and later can choose by
the client's address (`smtpd_milter_maps`), for example by its last digit. A client that matches gets exactly the milters of its line, so
rspamd is named there, too. (In main.cf, `$$` is one dollar sign.)

    smtpd_milter_maps = regexp:{
        {/[02468ace]$$/ {unix:/run/mta-sts-milter/1/milter.sock, default_action=accept}, {inet:127.0.0.1:11332, default_action=accept}}
        {/[13579bdf]$$/ {unix:/run/mta-sts-milter/2/milter.sock, default_action=accept}, {inet:127.0.0.1:11332, default_action=accept}} }

Counters, policies and histories come together in Redis, and are as exact as those of several hosts.
"""


def first_line(*argv):
    try:
        return subprocess.run(argv, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=True).stdout.splitlines()[0]
    except (OSError, subprocess.SubprocessError, IndexError):
        return ""


def describe_machine():
    with open("/proc/cpuinfo", encoding="ascii", errors="replace") as info:
        match = re.search(r"model name\s*:\s*(.*)", info.read())
    with open("/etc/os-release", encoding="utf-8") as release:
        system = re.search(r'PRETTY_NAME="(.*)"', release.read())
    return ", ".join(filter(None, [
        "%d processors" % os.cpu_count(), match and re.sub(r"\s+", " ", match[1]), "Linux " + platform.release(),
        system and system[1], "libmilter " + first_line("dpkg-query", "-W", "-f", "${Version}", "libmilter-dev"),
        first_line("redis-server", "--version").split(" sha")[0]]))


class Findings:
    """All results of a run."""

    def __init__(self, options):
        self.options = options
        self.machine = describe_machine()
        self.load = os.getloadavg()[0]
        self.tables = []
        self.commands = None
        self.instructions = None
        self.micro = None

    def instruction_lines(self):
        yield ["", "instructions", "difference from the defaults"]
        if not self.instructions:
            return
        defaults = next(iter(self.instructions.values()))
        for name, value in self.instructions.items():
            yield [name, "%.0f" % value, "%+.0f" % (value - defaults)]


def write(path, found):
    parts = [HEAD, "\nMeasured on %s: %s; %d rounds of %.1f s; load of the machine at the start %.1f.\n" % (
        time.strftime("%Y-%m-%d", time.gmtime()), found.machine, found.options.rounds, found.options.seconds, found.load)]
    for results in found.tables:
        parts.append("\n## %s\n\n%s %d domains; load of the machine %.1f to %.1f.\n\n%s\n" % (
            results.table.title.split(":")[0], results.table.title + ";", results.table.domains, *results.load,
            markdown_table(results.lines())))
    for name in found.options.sections:
        with open(name, encoding="utf-8") as section:
            parts.append("\n" + section.read())
    if found.commands:
        parts.append("\n## Redis\n\nAt %.0f messages a second from 1,000 domains, Redis receives %.3f commands per message. They are "
                     "scripts; including the commands that these call, among them an XADD for each message's evidence, "
                     "Redis executes %.2f.\n"
                     "A message takes %.0f bytes to Redis, most of them its evidence, and %.0f back.\n" % tuple(
                         found.commands[name] for name in ("rate", "sent", "all", "came", "went")))
    if found.instructions:
        parts.append("\n## The price of each feature\n\nInstructions outside the kernel that one more message takes, as callgrind counts "
                     "them, including libmilter's: 20 header fields, policies in memory.\nThey include what threads do by the clock: on a "
                     "busy machine, 15,000 more or less mean nothing.\n\n%s\n" %
                     markdown_table(found.instruction_lines()))
    if found.micro:
        parts.append("\n## Parts\n\n```\n%s```\n" % found.micro)
    parts.append(AFTER)
    with open(path, "w", encoding="utf-8") as file:
        file.write("".join(parts))
