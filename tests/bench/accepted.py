# SPDX-License-Identifier: ISC
"""The accepted ratios, and which results exceed them by more than noise."""
import json

# Processor time is the steadiest figure on a busy machine. Instructions include what threads do by the clock. Waits are
# the least steady; but waiting for a timer, 40 ms say, costs no processor time, and shows only here.
BANDS = {"cpu_us": ("CPU", 0.12), "eom_p50_us": ("EOM p50", 0.5)}
INSTRUCTIONS_BAND = 0.15
# The first measures Redis, not our own work; the others are measured only on request.
NOT_HELD = {"cold", "large", "large-paced"}


def ratios_of(found):
    held = {}
    for results in found.tables:
        if results.table.key in NOT_HELD:
            continue
        for (row, key), value in results.ratios().items():
            if key in BANDS and value and not row.startswith("null"):
                title, band = BANDS[key]
                held["%s: %s: %s" % (results.table.key, row, title)] = {"ratio": round(value, 3), "band": band}
    for name, value in (found.instructions or {}).items():
        held["instructions: %s" % name] = {"ratio": round(value), "band": INSTRUCTIONS_BAND}
    return held


def write(path, found):
    with open(path, "w", encoding="utf-8") as file:
        json.dump(ratios_of(found), file, indent=1)
        file.write("\n")


def check(path, found, whole):
    """True when no ratio exceeds the accepted one by more than its band. whole: all was measured, so a missing figure is wrong, too."""
    with open(path, encoding="utf-8") as file:
        held = json.load(file)
    now = ratios_of(found)
    right = any(name in now for name in held)
    if not right:
        print("nothing was measured that is held")
    for name, limit in sorted(held.items()):
        if name in now:
            worst = limit["ratio"] * (1 + limit["band"])
            fine = now[name]["ratio"] <= worst
            print("%-60s %10.2f  accepted %10.2f, at most %10.2f%s" % (name, now[name]["ratio"], limit["ratio"], worst,
                                                                      "" if fine else "  WORSE"))
        else:
            fine = not whole
            if whole:
                print("%-60s  NOT MEASURED, accepted %10.2f" % (name, limit["ratio"]))
        right = right and fine
    for name in sorted(now.keys() - held.keys()):
        # no failure: --accept records it
        print("%-60s %10.2f  not accepted yet" % (name, now[name]["ratio"]))
    return right
