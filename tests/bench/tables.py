# SPDX-License-Identifier: ISC
"""What is measured: tables of rows; the others are compared with the first."""

DOMAINS, MANY_DOMAINS, COLD_DOMAINS, COLD_MESSAGES = 1000, 100000, 24000, 2000
MANY_RULES = 10000	# callgrind would read 100,000 for minutes; a lookup costs the same (micro)

# The settings of each mta-sts-milter, and its Redis, by name.
ENFORCING = {"sender_enforce_action": "reject", "max_refusals_per_minute": "0", "confirm_interval": "7d",
             "recipient_enforce_action": "reject", "local_domains": "rcpt.bench.test"}

OURS = "mta-sts-milter"
PLAINLY = "without read_ahead"
MILTERS = {
    OURS: ({}, "redis"),
    PLAINLY: ({"read_ahead": "no"}, "redis"),
    "Redis frozen": ({}, "frozen"),
    "Redis stopped": ({}, "stopped"),
    "enforcing": (ENFORCING, "redis"),
    "cold": ({"cache_entries": "100000"}, "redis"),
    "inet": ({"milter_socket": "inet"}, "redis"),
    "no forged fields": ({"strip_forged": "postfix"}, "redis"),
}

# What each setting costs in instructions per message, compared with the defaults, with policies in memory.
FEATURES = {
    "the defaults": {},
    "metrics_listen": {"metrics_listen": "PORT"},
    "header_key_file": {"header_key_file": "KEY"},
    "%d domain_rules" % MANY_RULES: {"domain_rules": "RULES"},
    "local_domains": {"local_domains": "rcpt.bench.test"},
    "enforcement": ENFORCING,
    "no histories": {"downgrade_days": "0"},
    "strip_forged = postfix": {"strip_forged": "postfix"},
}


class Row:
    """One line of a table: a milter, and how the load on it differs."""

    def __init__(self, name, subject, *options):
        self.name = name
        self.subject = subject
        self.options = options


class Table:
    """Rows that are measured in turn."""

    def __init__(self, key, title, options, rows, domains=DOMAINS, unit="message"):
        self.key = key
        self.title = title
        self.options = options
        self.rows = rows
        self.domains = domains
        self.unit = unit


def same(*names):
    return [Row(name, name) for name in names]


NULL, ASKING, BODILESS = "null", "null, our events", "null, no fields"
SATURATED = ["-c", "10"]
SINGLE = ["-c", "1"]
PACED = ["-c", "100", "-r", "300", "-t", "3"]

TABLES = [
    Table("saturated", "Saturated: 10 sessions at a time", SATURATED,
          same(NULL, ASKING, OURS, PLAINLY, "Redis frozen", "Redis stopped", "enforcing")),
    Table("single", "One session at a time", SINGLE, same(NULL, ASKING, OURS, PLAINLY)),
    Table("paced", "300 sessions a second, 3 ms between SMTP commands", PACED, same(NULL, ASKING, OURS, PLAINLY)),
    Table("cold", "Cold: each message from a domain that only Redis knows", ["-c", "10", "--sweep", "-m", str(COLD_MESSAGES)],
          same(NULL, "cold"), COLD_DOMAINS),
    Table("sessions", "Sessions without a message: EHLO, STARTTLS, EHLO, QUIT", ["-c", "10", "-S0"], same(NULL, OURS),
          unit="session"),
    Table("long", "100 messages a session", ["-c", "10", "-S", "100"], same(NULL, OURS)),
    Table("recipients", "1,000 recipients a message", ["-c", "4", "-R", "1000", "-n", "5"], same(NULL, OURS, "enforcing")),
    Table("forged", "Forged fields in each message", SATURATED,
          [Row("none", OURS), Row("1", OURS, "-f", "1"), Row("10", OURS, "-f", "10")]),
    Table("refused", "Refused at RCPT TO", ["-c", "10", "--plain"],
          [Row("delivered", OURS), Row("refused", "enforcing", "--refused")]),
    Table("stripped", "Header fields negotiated away: strip_forged = postfix", SATURATED, same(NULL, BODILESS, "no forged fields")),
    Table("inet", "TCP instead of a UNIX socket, one session at a time", SINGLE, same(OURS, "inet")),
]

LARGE = [
    Table("large", "100,000 domains by Zipf's law, saturated", SATURATED, same(NULL, "many domains"), MANY_DOMAINS),
    Table("large-paced", "100,000 domains by Zipf's law, 300 sessions a second", PACED, same(NULL, "many domains"), MANY_DOMAINS),
]
