# SPDX-License-Identifier: ISC
"""Each way a domain's record, policy, certificate or server can be wrong (and some that only look wrong)."""
from concurrent.futures import ThreadPoolExecutor

import pytest

from lab.lab_domains import ODD, ODD_NAMES

ROWS = [(row[0].name, *row[1:]) for row in ODD] + ODD_NAMES


@pytest.fixture(scope="module")
def answers(lab):
    """Sends all at once: most of the time goes into waiting for servers that do not answer."""
    with ThreadPoolExecutor(16) as pool:
        futures = {row[0]: pool.submit(lab.send, "user@" + row[0]) for row in ROWS}
    return futures


@pytest.mark.parametrize("name, result, reason, policy", ROWS, ids=[row[0] for row in ROWS])
def test_odd_domain(answers, name, result, reason, policy):
    tags = answers[name].result().sts
    assert (tags["result"], tags.get("reason", ""), tags["policy"]) == (result, reason, policy)
    assert tags["domain"] == name
