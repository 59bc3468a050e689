# SPDX-License-Identifier: ISC
"""Options that make the program do one thing and exit: -t -n -d -V -o, and errors in a command line or a file."""
import os
import re


def test_check_good(daemon):
    assert daemon.run("-t", "-c", daemon.config) == (0, "", "")


def test_check_names_every_mistake(daemon):
    daemon.write_text("redis = none\n"
                      "policy_wait = soon\n"
                      "no_such_setting = 1\n"
                      "# a comment\n"
                      "redis = none\n"
                      "fetch_rate = 0\n"
                      "trusted_networks = 192.0.2.1\n"
                      "  not-a-network\n")
    status, out, err = daemon.run("-t", "-c", daemon.config)
    assert (status, out) == (1, "")
    found = set(re.findall(r"(?m)^%s:(\d+): \"?(\w+)" % re.escape(daemon.config), err))
    assert found == {("2", "policy_wait"), ("3", "no_such_setting"), ("5", "redis"), ("6", "fetch_rate"),
                     ("7", "trusted_networks")}
    assert len(err.splitlines()) == 5


def test_check_missing_file(daemon):
    status, _, err = daemon.run("-t", "-c", daemon.path("missing"))
    assert status == 1
    assert "missing" in err


def test_defaults_are_a_file(daemon):
    """-t accepts the output of -d, and -n finds no change in it."""
    status, out, err = daemon.run("-d")
    assert (status, err) == (0, "")
    daemon.write_text(out)
    assert daemon.run("-t", "-c", daemon.config) == (0, "", "")
    assert daemon.run("-n", "-c", daemon.config) == (0, "", "")


def test_changed_are_a_file(daemon):
    """-n prints the changed settings, as a file with the same meaning."""
    daemon.write_text("redis = none\npolicy_wait = 2000ms\nflush_interval=5\ntrusted_networks=192.0.2.1,192.0.2.2\n")
    status, out, _ = daemon.run("-n", "-c", daemon.config)
    assert status == 0
    assert out == "redis = none\ntrusted_networks = 192.0.2.1 192.0.2.2\nflush_interval = 5s\n"
    daemon.write_text(out)
    assert daemon.run("-n", "-c", daemon.config) == (0, out, "")


def test_override(daemon):
    daemon.write_text("redis = none\npolicy_wait = nonsense\n")
    status, out, _ = daemon.run("-n", "-c", daemon.config, "-o", "policy_wait=3s", "-o", "policy_wait=4s")
    assert (status, out) == (0, "redis = none\npolicy_wait = 4s\n")
    status, _, err = daemon.run("-t", "-c", daemon.config, "-o", "policy_wait=4s", "-o", "fetch_rate=many")
    assert (status, err) == (1, '-o: fetch_rate: "many" is not a whole number\n')


def test_versions(daemon):
    status, out, _ = daemon.run("-V")
    assert status == 0
    for name in ("mta-sts-milter", "libmilter", "c-ares", "libcurl", "OpenSSL", "hiredis", "libidn2", "libpsl"):
        assert re.search(r"(?m)^%s \d+\.\d+" % re.escape(name), out), name


def test_usage(daemon):
    for options in (["-x"], ["-c"], ["word"], ["-t", "word"]):
        status, out, err = daemon.run(*options)
        assert (status, out) == (os.EX_USAGE, ""), options
        assert "usage: mta-sts-milter" in err


def test_bad_file_does_not_serve(daemon):
    daemon.write_text("policy_wait = soon\n")
    for options in (["-e"], [], ["-n"]):
        status, _, err = daemon.run("-c", daemon.config, *options)
        assert status == os.EX_CONFIG, options
        assert daemon.config + ":1: policy_wait: " in err


def test_full_disk(daemon):
    """If writing the defaults to a file fails, the program does not report success."""
    if os.path.exists("/dev/full"):
        assert daemon.run_to("/dev/full", "-d") == os.EX_IOERR
