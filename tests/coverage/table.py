# SPDX-License-Identifier: ISC
"""table.py SOURCE FILE: prints gcovr's JSON as a table, and the lines of branches never taken."""
import json
import os
import sys


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def percent(part, whole):
    return "%5.1f %%" % (100.0 * part / whole if whole else 100.0)


def main(source, path):
    totals = [0, 0, 0, 0]
    missing = []
    print("%-46s %16s %20s" % ("", "lines", "branches"))
    for file in sorted(json.loads(read(path))["files"], key=lambda file: file["file"]):
        lines = [line for line in file["lines"] if not line.get("gcovr/noncode")]
        branches = [(line["line_number"], branch) for line in lines for branch in line["branches"]]
        row = [sum(line["count"] > 0 for line in lines), len(lines), sum(b["count"] > 0 for _, b in branches), len(branches)]
        totals = [a + b for a, b in zip(totals, row)]
        print("%-46s %4d/%4d %s  %4d/%4d %s" % (file["file"], row[0], row[1], percent(*row[:2]), row[2], row[3], percent(*row[2:])))
        text = read(os.path.join(source, file["file"])).splitlines()
        for number in sorted({number for number, b in branches if b["count"] == 0} | {l["line_number"] for l in lines if l["count"] == 0}):
            missing.append("%s:%d: %s" % (file["file"], number, text[number - 1].strip()))
    print("%-46s %4d/%4d %s  %4d/%4d %s\n" % ("all", totals[0], totals[1], percent(*totals[:2]), totals[2], totals[3], percent(*totals[2:])))
    print("\n".join(missing))


main(*sys.argv[1:])
