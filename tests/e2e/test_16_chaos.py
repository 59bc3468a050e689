# SPDX-License-Identifier: ISC
"""Some of the faults of make chaos; a different few each day."""
import importlib.machinery
import importlib.util
import os
import random
import sys
import time

CHAOS = os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, "chaos")
SEED = os.environ.get("STS_CHAOS_SEED", time.strftime("%Y-%m-%d"))
COUNT = 4


def load():
    """Loads the program as a module."""
    sys.path[:0] = [CHAOS]
    loader = importlib.machinery.SourceFileLoader("chaos_run", os.path.join(CHAOS, "run"))
    spec = importlib.util.spec_from_loader("chaos_run", loader)
    module = importlib.util.module_from_spec(spec)
    loader.exec_module(module)
    return module


def test_some_faults():
    chaos = load()
    print("STS_CHAOS_SEED=%s" % SEED)
    chaos.play([[fault] for fault in random.Random(SEED).sample(chaos.faults.FAULTS, COUNT)], 2.0)


def test_failover():
    load().fail_over(1, 2.0)
