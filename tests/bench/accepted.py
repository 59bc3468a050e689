# SPDX-License-Identifier: ISC
"""Ratios that are accepted, and what is worse than they by more than noise."""
import json

# Processor time is the steadiest of what a busy machine lets one measure. Instructions: what threads do by the clock is in them.
CPU_BAND, INSTRUCTIONS_BAND = 0.12, 0.15
# Waiting for Redis is what these measure, not our own work.
NOT_HELD = {"cold"}


def ratios_of(found):
    held = {}
    for results in found.tables:
        if results.table.key in NOT_HELD:
            continue
        for (row, key), value in results.ratios().items():
            if key == "cpu_us" and value is not None and not row.startswith("null"):
                held["%s: %s: CPU" % (results.table.key, row)] = {"ratio": round(value, 3), "band": CPU_BAND}
    for name, value in (found.instructions or {}).items():
        held["instructions: %s" % name] = {"ratio": round(value), "band": INSTRUCTIONS_BAND}
    return held


def write(path, found):
    with open(path, "w", encoding="utf-8") as file:
        json.dump(ratios_of(found), file, indent=1)
        file.write("\n")


def check(path, found):
    """True when nothing is worse than accepted, beyond its band."""
    with open(path, encoding="utf-8") as file:
        held = json.load(file)
    now = ratios_of(found)
    right = True
    for name, limit in sorted(held.items()):
        if name not in now:
            continue
        worst = limit["ratio"] * (1 + limit["band"])
        fine = now[name]["ratio"] <= worst
        right = right and fine
        print("%-60s %10.2f  accepted %10.2f, at most %10.2f%s" % (name, now[name]["ratio"], limit["ratio"], worst,
                                                                  "" if fine else "  WORSE"))
    return right
