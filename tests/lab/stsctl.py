# SPDX-License-Identifier: ISC
"""Runs stsctl with the settings of a lab's milter."""
import json
import os
import subprocess


def stsctl(lab, *words, timeout=30):
    """Runs it; returns (exit status, standard output)."""
    program = os.environ.get("STSCTL")
    if not program:
        raise RuntimeError("STSCTL does not name the tool to be tested")
    done = subprocess.run([program, words[0], "-c", lab.milter.config, *words[1:]], stdout=subprocess.PIPE,
                          encoding="utf-8", timeout=timeout, check=False)
    return done.returncode, done.stdout


def stsctl_json(lab, *words, timeout=30):
    """The same with --json; returns (exit status, object)."""
    status, output = stsctl(lab, *words, "--json", timeout=timeout)
    return status, json.loads(output)
