# SPDX-License-Identifier: ISC
"""conf/publish.conf.sample agrees with the code."""
import os
import re

SOURCE = os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, os.pardir)


def read(*names):
    with open(os.path.join(SOURCE, *names), encoding="utf-8") as file:
        return file.read()


def test_sample_and_code_agree():
    code = re.findall(r'\{ "(\w+)", spec_set_\w+, AT(?:_TOP)?\(\w+\), "([^"]*)"', read("stsctl", "plan/spec.c"))
    sample = [(name, value.strip()) for name, value in re.findall(r"(?m)^#(\w+) =(.*)$", read("conf", "publish.conf.sample"))]
    assert len(code) > 10 and sorted(code) == sorted(sample)


def test_sample_loads(new_site):
    """As it is, and with every default uncommented."""
    site = new_site("domain = a.test\n")
    text = read("conf", "publish.conf.sample")
    before, after = text.split("# ---- the domains ----")
    spelt = re.sub(r"(?m)^#(\w+ =)", r"\1", before) + re.sub(r"(?m)^(rua|apache_dir|dns_dir) = .*$", "", after)
    for sample in (text, spelt):
        site.write(re.sub(r"(?m)^#?state_file = .*$", "state_file = {directory}/state", sample))
        said = site.publish_json("verify", status=1)
        assert sorted(said) == ["example.com", "example.net"]
        assert {entry["error"] for entry in said.values()} == {
            "nothing has been written yet; stsctl publish apply comes first"}
