# SPDX-License-Identifier: ISC
"""doc/performance.md."""
import os
import platform
import re
import subprocess
import time

from .figures import markdown_table

HEAD = """# What the milter costs

Made by `make bench-page`; do not edit. The text is that of `tests/bench/page.py`.

The yardstick is `null` (`tests/bench/nullmilter.c`): the least that a program on libmilter can do. It inserts one constant header
field at the end of each message; it asks for no macro and no event but the header fields, which it does not answer. `null, our
events` asks for the events and macros that mta-sts-milter asks for and does nothing with them: what it costs beyond `null` is
the protocol's price of knowing who sends, over what. mta-sts-milter has everything on: policies, counters, evidence, histories, a log
line a message.

The load comes from `tests/bench/milterload.c`, which plays Postfix 3.7: a macro packet before every event, output flushed when
Postfix flushes it, STARTTLS with a second EHLO, 20 header fields a message unless said, senders by Zipf's law. Each message's
header is checked, and the counters in Redis afterwards. The time to the answer (EOM) has the reading of all header fields in it,
because these are not answered one by one. Redis is configured as Debian's package has it, and shares the processors.

Rows of a table are measured in turn, round by round. Figures are medians over the rounds, with the range; ratios are medians of each
round's ratio to the first row. Absolute figures are this machine's, of that minute; ratios are what can be compared.
"""

AFTER = """
## What remains

Nine tenths of `null` is system time: libmilter asks poll three times and read twice for each packet, and Postfix sends two packets a
header field. mta-sts-milter takes what has come in one call (`read_ahead`, `milter/transport`), and libmilter's questions are answered
from memory: so it costs less than the least that a program can do that leaves the reading to libmilter. The rows `without read_ahead`
show what it costs beyond `null` by itself. `null, our events` shows that what is asked for costs little more than nothing does. Of our
own instructions a message, most go to writing the log line and the evidence, which are texts. The rows `Redis stopped` and `Redis
frozen` show what the milter costs without the writing of evidence: here Redis shares the two processors with the milter and with the
load, and what it takes is missing from the messages a second, and seen in the waits while it works through a second's counters and
evidence.

## Ceilings

* One process serves about 1,000 sessions at a time: libmilter's pool looks at each session for each event once the MTA pauses for
  more than a millisecond, as with every client on the Internet. With 1,000 idle sessions beside, a message costs three to four times as
  much. Postfix's `default_process_limit` of 100 keeps one host far below that.
* A session takes one file descriptor. The milter raises its limit to the hard one at start, and warns below 4,096.

## Several milters side by side

`mta-sts-milter@.service` starts one for each instance name, all with the same configuration file. Each has its socket, its name in Redis
(`node_name`), and, where `/etc/mta-sts-milter/NAME.env` says so, options of its own. What only one process can have is not in the file,
or the second one does not start: `metrics_listen`, `socketmap_listen`, `tlsrpt_listen` and `spool_dir`. One answers for mail that goes
out, for all:

    systemctl disable --now mta-sts-milter
    echo 'OPTIONS=-o metrics_listen=127.0.0.1:9926 -o socketmap_listen=unix:/run/mta-sts-milter/1/out.sock' > /etc/mta-sts-milter/1.env
    echo 'OPTIONS=-o metrics_listen=127.0.0.1:9927' > /etc/mta-sts-milter/2.env
    systemctl enable --now mta-sts-milter@1 mta-sts-milter@2

An instance may write to its own directories alone: `/run/mta-sts-milter/NAME`, and for a `spool_dir` `/var/lib/mta-sts-milter/spool-NAME`.

Several Postfix instances, or several smtpd services, each name one of the sockets. Within one service, Postfix 3.2 and later choose by
the client's address (`smtpd_milter_maps`), for example by its last digit; a client of the map has the milters of its line, so rspamd
is named there, too. (In main.cf, `$$` is one dollar sign.)

    smtpd_milter_maps = regexp:{
        {/[02468ace]$$/ {unix:/run/mta-sts-milter/1/milter.sock, default_action=accept}, {inet:127.0.0.1:11332, default_action=accept}}
        {/[13579bdf]$$/ {unix:/run/mta-sts-milter/2/milter.sock, default_action=accept}, {inet:127.0.0.1:11332, default_action=accept}} }

Counters, policies and histories meet in Redis, and are as exact as those of several hosts.
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
    """All that a run has found."""

    def __init__(self, options):
        self.options = options
        self.machine = describe_machine()
        self.load = os.getloadavg()[0]
        self.tables = []
        self.commands = None
        self.instructions = None
        self.micro = None

    def instruction_lines(self):
        yield ["", "instructions", "beside the defaults"]
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
        parts.append("\n## Redis\n\nAt %.0f messages a second on 1,000 domains, %.3f commands a message arrive at Redis. They are "
                     "scripts; with what these call, an XADD for each message's evidence among them, Redis carries out %.2f. A message "
                     "is %.0f bytes on the way there, most of them its evidence, and %.0f back.\n" % tuple(
                         found.commands[name] for name in ("rate", "sent", "all", "came", "went")))
    if found.instructions:
        parts.append("\n## A feature's price\n\nInstructions outside of the kernel that one more message takes, as callgrind counts "
                     "them, libmilter's included: 20 header fields, policies in memory. What threads do by the clock is in it: on a busy "
                     "machine, 15,000 more or less say nothing.\n\n%s\n" %
                     markdown_table(found.instruction_lines()))
    if found.micro:
        parts.append("\n## Parts\n\n```\n%s```\n" % found.micro)
    parts.append(AFTER)
    with open(path, "w", encoding="utf-8") as file:
        file.write("".join(parts))
