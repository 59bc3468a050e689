# SPDX-License-Identifier: ISC
"""Faults of rspamd: our rule, its files, the host and the key that it trusts."""
import os
import re
import subprocess

import pytest
from conftest import the
from faults import each, expect


def no_rule(machine):
    machine.rspamd_file("rspamd.local.lua", "-- nothing of ours\n")


def files_of_no_module(machine):
    machine.rspamd_file("local.d/mta_sts.conf", "enabled = true;\n")
    machine.rspamd_file("local.d/tls_rpt.conf", "enabled = true;\n")


def broken_rspamd(machine):
    machine.rspamd_file("local.d/multimap.conf", "MTA_STS {\n")


def another_host(machine):
    machine.rspamd.settings(authserv_id="other.test")


def key_for_rspamd_alone(machine):
    key = machine.rspamd_file("key", "00112233445566778899aabbccddeeff\n")
    machine.rspamd.settings(authserv_id="mx.lab.test", header_key_file=key)


def key_for_the_milter_alone(machine):
    machine.options["header_key_file"] = machine.write("key", "00112233445566778899aabbccddeeff\n")


def the_same_key(machine):
    key_for_rspamd_alone(machine)
    key_for_the_milter_alone(machine)


def another_signature(machine):
    key_for_rspamd_alone(machine)
    machine.options["header_key_file"] = machine.write("key2", "ff112233445566778899aabbccddeeff\n")


TABLE = [
    (no_rule, "warn rspamd.rule"),
    (files_of_no_module, "warn rspamd.module-file"),
    (broken_rspamd, "fail rspamd.configtest"),
    (another_host, "fail rspamd.authserv-id"),
    (key_for_rspamd_alone, "fail rspamd.key"),
    (key_for_the_milter_alone, "info rspamd.key"),
    (the_same_key, ""),
    (another_signature, "fail rspamd.key"),
]


@each(TABLE)
def test_fault(machine, fault, expected):
    expect(machine, fault, expected)


@pytest.mark.parametrize("name", ["local", "the lab's"])
def test_rule_pasted_twice(machine, name):
    """The paths are those of configure and of the machine under test; afterwards nothing is there twice."""
    if name != "local":
        os.rename(machine.rspamd.local, os.path.join(machine.directory, name))
        machine.rspamd.local = os.path.join(machine.directory, name)
    lua = os.path.join(machine.rspamd.local, "rspamd.local.lua")
    no_rule(machine)
    fix = the(machine.examine()[1], "rspamd.rule")["fix"]
    lines = [line for line in fix.splitlines() if not line.startswith("rspamadm")]
    data = re.search(r"install -m 644 (\S+)/rspamd/mta_sts.lua", fix).group(1)
    assert os.path.isabs(data) and len(lines) == 5
    source = os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, os.pardir, "conf", "rspamd")
    text = "\n".join(lines).replace(data + "/rspamd", source)
    for _ in range(2):
        subprocess.run(["sh", "-ec", text], check=True)
    with open(lua, encoding="utf-8") as file:
        assert file.read().count("\ndofile") == 1
    for name, sign in (("groups.conf", 'group "mta_sts"'), ("composites.conf", "\nMTA_STS_SPOOFED")):
        with open(os.path.join(machine.rspamd.local, "local.d", name), encoding="utf-8") as file:
            assert file.read().count(sign) == 1
