# SPDX-License-Identifier: ISC
"""stsctl top: on a real terminal (tmux), as text; and the terminal is restored."""
import os
import re
import shutil
import signal
import subprocess
import time

import pytest
from conftest import add_domain, fill
from test_stats import days_ago
from test_status import TODAY, add_node
from lab.redis_server import RedisServer
from lab.ports import Ports
from lab.terminal import open_terminal
from lab.waiting import wait_until

pytestmark = pytest.mark.skipif(not shutil.which("tmux"), reason="no tmux")
DOMAINS = {"quiet.example": (5, 0, 0), "plain.example": (50, 40, 0), "busy.example": (500, 1, 3)}


class Terminal:
    """A shell in a private tmux."""

    def __init__(self, directory, width=80, height=24):
        self.socket = os.path.join(directory, "tmux")
        environment = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "TERM": "xterm-256color", "HOME": str(directory),
                       "SHELL": "/bin/sh"}
        for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS"):
            if name in os.environ:
                environment[name] = os.environ[name]
        self.environment = environment
        for end in open_terminal():		# where there are none, tmux gets none either: skip
            os.close(end)
        self.tmux("-f", "/dev/null", "new-session", "-d", "-x", str(width), "-y", str(height), "env PS1='ready> ' /bin/sh")
        wait_until(lambda: "ready>" in self.text(), "the shell is there")

    def tmux(self, *words):
        done = subprocess.run(["tmux", "-S", self.socket, *words], capture_output=True, check=False, timeout=30,
                              env=self.environment)
        assert done.returncode == 0, done.stderr
        return done.stdout.decode("utf-8")

    def keys(self, *words):
        self.tmux("send-keys", *words)

    def text(self):
        return self.tmux("capture-pane", "-p")

    def shows(self, *words):
        """Waits until all of them are on one screen."""
        wait_until(lambda: all(word in self.text() for word in words), "the screen shows %s" % (words,))

    def run(self, words):
        self.keys("-l", " ".join(words))
        self.keys("Enter")

    def end(self):
        subprocess.run(["tmux", "-S", self.socket, "kill-server"], capture_output=True, check=False, timeout=30,
                       env=self.environment)


@pytest.fixture
def terminal(tmp_path):
    opened = Terminal(tmp_path)
    yield opened
    opened.end()


def fill_today(redis):
    fill(redis, "mta-sts:stats:" + days_ago(0), TODAY)
    add_node(redis, "mx1.example", enforcing=1, pending_messages=7)
    for name, (messages, plaintext, fail) in DOMAINS.items():
        counters = {"messages": messages, "tls:none": plaintext, "result:fail": fail}
        add_domain(redis, name, int(time.time()), counters)
        fill(redis, "mta-sts:domain:{%s}:%s" % (name, days_ago(0)), counters)


def order(text):
    """The domains from top to bottom."""
    return [line.split()[0] for line in text.splitlines() if line.split()[:1] and line.split()[0] in DOMAINS]


def is_sane(terminal):
    """The shell has its terminal back: main screen, cursor, echo, line mode."""
    terminal.keys("-l", "echo a''live; stty -a | tr ' ' '\\n' | grep -E '^-?(icanon|echo|isig|onlcr);?$' | tr '\\n' ' '")
    terminal.keys("Enter")
    terminal.shows("alive", "icanon", "onlcr")
    text = terminal.text()
    assert not re.search(r"-(icanon|echo|isig|onlcr)\b", text.split("alive")[-1])
    assert terminal.tmux("display-message", "-p", "#{alternate_on} #{cursor_flag}").split() == ["0", "1"]


def test_screen(redis, stsctl, terminal):
    fill_today(redis)
    terminal.run(stsctl.words("top", "-d", "1"))
    terminal.shows("*rate", "busy.example", "mx1.example", "q quit")
    text = terminal.text()
    assert "1000 today, 80.0% over TLS" in text and "pass 70.0%" in text and "TLSv1.3 80.0%" in text
    assert order(text)[0] == "busy.example", "what is equally fast goes by messages"
    terminal.keys("Right", "Right")
    terminal.shows("*plaintext")
    assert order(terminal.text()) == ["plain.example", "busy.example", "quiet.example"]
    terminal.keys("s")
    terminal.shows("*fail")
    assert order(terminal.text())[0] == "busy.example"
    terminal.keys("Left")
    terminal.shows("*plaintext")
    redis.command("HINCRBY", "mta-sts:stats:" + days_ago(0), "messages", 234)
    terminal.shows("1234 today")
    terminal.keys("q")
    terminal.shows("ready>")
    is_sane(terminal)


def test_resize(redis, stsctl, terminal):
    fill_today(redis)
    terminal.run(stsctl.words("top"))
    terminal.shows("*rate", "q quit")
    for width, height in ((40, 10), (20, 3), (132, 50), (80, 24)):
        terminal.tmux("resize-window", "-x", str(width), "-y", str(height))
        if height > 3:
            wait_until(lambda h=height: terminal.text().split("\n")[h - 1].startswith("q quit"), "the last line is at the end")
    terminal.keys("q")
    terminal.shows("ready>")
    is_sane(terminal)


@pytest.mark.parametrize("name", ["INT", "TERM", "HUP", "QUIT"])
def test_signals(redis, stsctl, terminal, name):
    fill_today(redis)
    terminal.run(["sh", "-c", "'echo $$ > %s.pid; exec \"$@\"'" % terminal.socket, "-", *stsctl.words("top", "-d", "3600")])
    terminal.shows("*rate", "q quit")
    with open(terminal.socket + ".pid", encoding="ascii") as file:
        os.kill(int(file.read()), getattr(signal, "SIG" + name))
    terminal.shows("ready>")
    terminal.keys("-l", "echo status $?")
    terminal.keys("Enter")
    terminal.shows("status %d" % (128 + getattr(signal, "SIG" + name)))
    is_sane(terminal)


def test_stop(redis, stsctl, terminal):
    """Ctrl-Z, and continued."""
    fill_today(redis)
    terminal.run(stsctl.words("top"))
    terminal.shows("*rate", "q quit")
    terminal.keys("C-z")
    terminal.shows("ready>")
    terminal.keys("-l", "fg")
    terminal.keys("Enter")
    terminal.shows("*rate", "q quit")
    terminal.keys("C-c")
    terminal.shows("ready>")
    is_sane(terminal)


def test_redis_goes(stsctl, terminal, tmp_path):
    ports = Ports()
    os.mkdir(str(tmp_path / "own"))
    own = RedisServer(str(tmp_path / "own"), ports.take())
    stsctl.redis = own
    try:
        # until something was read, no figures are shown, not even 0
        terminal.run(stsctl.words("top", "-d", "1"))
        terminal.shows("trying again", "q quit")
        assert "today" not in terminal.text() and "no mail" not in terminal.text() and "milters" not in terminal.text()
        own.start()
        fill_today(own)
        terminal.shows("1000 today", "busy.example")
        own.stop()
        terminal.shows("trying again", "1000 today")
        own.start()
        fill(own, "mta-sts:stats:" + days_ago(0), {"messages": 77})
        terminal.shows("77 today")
        assert "trying again" not in terminal.text()
        terminal.keys("q")
        terminal.shows("ready>")
    finally:
        own.stop()
        ports.release()


def test_hostile(redis, stsctl, terminal):
    fill_today(redis)
    add_node(redis, "mx2.example", version="\x1b[2Jowned")
    redis.command("ZADD", "mta-sts:domains", int(time.time()), "\x1b[2Jevil")
    terminal.run(stsctl.words("top", "-d", "1"))
    terminal.shows("mx2.example", "busy.example")
    assert "[2J" not in terminal.text() and "__2Jowned" in terminal.text()
    terminal.keys("q")
    terminal.shows("ready>")


def test_text(redis, stsctl):
    fill_today(redis)
    text = stsctl.run("top", "-d", 1)
    assert "1000 today" in text and "q quit" not in text and order(text)[0] == "busy.example"
    assert max(map(len, text.splitlines())) <= 80 and all(line == line.rstrip() for line in text.splitlines())
    assert order(stsctl.run("top", "--once", "-d", 1, "--sort", "domain")) == sorted(DOMAINS)
    answer = stsctl.json("top", "-d", 1, "--sort", "plaintext")
    assert [d["domain"] for d in answer["domains"]] == ["plain.example", "busy.example", "quiet.example"]
    assert answer["rate"] == 0 and answer["domains"][0]["rate"] == 0 and answer["nodes"][0]["node"] == "mx1.example"
    assert answer["today"]["messages"] == 1000


def test_unknown_terminal(redis, stsctl, terminal):
    terminal.run(["TERM=no-such-terminal", *stsctl.words("top")])
    terminal.shows("terminal type no-such-terminal is unknown here")
    is_sane(terminal)


def test_usage(stsctl, tmp_path):
    for words in (("-d", "0"), ("-d", "x"), ("--sort", "colour"), ("operand",)):
        assert "error" in stsctl.json("top", *words, status=2)
    stsctl.run("top", "-o", "redis=unix:%s" % (tmp_path / "missing"), status=3)
    assert "missing: " in stsctl.errors
