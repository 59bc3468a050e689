# SPDX-License-Identifier: ISC
"""Instructions per message that each feature costs. Other programs affect this figure only through what our threads do by the clock: by
some 15,000 on a busy machine, where a run takes longer."""
import os
import re
import shutil
import subprocess

from .subjects import Failed, Ours, Site
from .tables import DOMAINS, FEATURES, MANY_RULES

FEW, MANY = 200, 1200
LOAD = ["-c", "1", "-n", "20", "-d", "100"]


def write_rules(path):
    with open(path, "w", encoding="ascii") as rules:
        for number in range(MANY_RULES):
            rules.write("r%06u.rules.test tls=required action=tempfail\n" % number)
    os.chmod(path, 0o644)


def write_key(path):
    with open(path, "w", encoding="ascii") as key:
        key.write("0123456789abcdef" * 4 + "\n")
    os.chmod(path, 0o600)
    shutil.chown(path, "nobody")


def settings_of(site, settings):
    """The settings, with files and ports of this run."""
    made = dict(settings)
    if "metrics_listen" in made:
        made["metrics_listen"] = "127.0.0.1:%d" % site.ports.take()
    for name, word, write in (("domain_rules", "RULES", write_rules), ("header_key_file", "KEY", write_key)):
        if made.get(name) == word:
            made[name] = os.path.join(site.directory, word.lower())
            write(made[name])
    return made


def total_of(out):
    with open(out, encoding="utf-8", errors="replace") as profile:
        match = re.search(r"(?m)^(?:totals|summary): (\d+)", profile.read())
    if match is None:
        raise Failed("callgrind has written no total")
    return int(match[1])


def instructions(site, name, settings, messages):
    """Instructions in one run of the milter, from start to end."""
    out = os.path.join(site.directory, "callgrind.%s.%d" % (re.sub(r"\W+", "-", name), messages))
    wrapper = ["valgrind", "--tool=callgrind", "--callgrind-out-file=" + out]
    # A single flush, at the end: otherwise their number depends on the speed of the machine.
    settings = dict(settings, flush_interval="60s")
    ours = Ours(site, "%s %d" % (re.sub(r"\W+", "-", name), messages), settings, wrapper=wrapper)
    ours.milter.process.env = {**os.environ}
    # the milter drops to nobody, which writes the profile
    open(out, "wb").close()
    shutil.chown(out, "nobody")
    ours.fill(DOMAINS)
    subject = ours.start()
    subject.run("--sweep", "-d", "100", "-m", "100", "-n", "1")
    subject.run(*LOAD, "-m", str(messages))
    ours.stop()
    return total_of(out)


def count_features(options):
    """feature -> instructions per message; None without valgrind."""
    if shutil.which("valgrind") is None:
        return None
    found = {}
    with Site(options) as site:
        for name, settings in FEATURES.items():
            if not knows(options.milter, settings):
                continue
            few = instructions(site, name, settings_of(site, settings), FEW)
            many = instructions(site, name, settings_of(site, settings), MANY)
            found[name] = (many - few) / (MANY - FEW)
    return found


def knows(milter, settings):
    """Whether this build has the settings (for comparisons with an older one)."""
    defaults = subprocess.run([milter, "-d"], stdout=subprocess.PIPE, text=True, check=True).stdout
    return all("\n%s =" % name in defaults for name in settings if name != "milter_socket")
